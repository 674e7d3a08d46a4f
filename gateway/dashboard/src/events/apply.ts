/** What an event changes in what the page holds: pure functions over cached answers. */
import type { InfiniteData } from "@tanstack/react-query";
import { type CallEvent, type CallPage, hasEnded, type ListedCall } from "../api/types";

export type CallPages = InfiniteData<CallPage, string | null>;

/** The call after the event; the same object where the event is not newer than the call. */
export function applyEvent<T extends ListedCall>(call: T, event: CallEvent): T {
  if (event.call_id !== call.id || event.sequence <= call.sequence) return call;
  const { stage } = event;
  return {
    ...call,
    sequence: event.sequence,
    state: event.call_state,
    stages: stage ? call.stages.map((known) => (known.name === stage.name ? stage : known)) : call.stages,
  };
}

/** True where the event means results that it does not carry itself: the call must be read again. */
export function bringsResults(event: CallEvent): boolean {
  return event.stage ? event.stage.state !== "running" : hasEnded(event.call_state);
}

/** The pages with one call changed; the same object where the call is not in them or did not change. */
export function mapCall(pages: CallPages, id: string, change: (call: ListedCall) => ListedCall): CallPages {
  let changed = false;
  const mapped = pages.pages.map((page) => {
    const at = page.calls.findIndex((call) => call.id === id);
    const before = page.calls[at];
    if (!before) return page;
    const after = change(before);
    if (after === before) return page;
    changed = true;
    return { ...page, calls: page.calls.with(at, after) };
  });
  return changed ? { ...pages, pages: mapped } : pages;
}

export function hasCall(pages: CallPages, id: string): boolean {
  return pages.pages.some((page) => page.calls.some((call) => call.id === id));
}

/** The pages with a new call before all others. */
export function prependCall(pages: CallPages, call: ListedCall): CallPages {
  const [first, ...others] = pages.pages;
  if (!first || hasCall(pages, call.id)) return pages;
  const total_count = first.total_count + 1;
  return { ...pages, pages: [{ ...first, total_count, calls: [call, ...first.calls] }, ...others] };
}

export function removeCall(pages: CallPages, id: string): CallPages {
  if (!hasCall(pages, id)) return pages;
  const mapped = pages.pages.map((page) => ({
    ...page,
    total_count: page.total_count - 1,
    calls: page.calls.filter((call) => call.id !== id),
  }));
  return { ...pages, pages: mapped };
}

/** The newer of two answers about a call: a slow answer must not undo an event that overtook it. */
export function newest<T extends ListedCall>(known: T | undefined, answer: T): T {
  return known && known.id === answer.id && known.sequence > answer.sequence ? known : answer;
}

/** The answered pages, with every call that is known newer as it is known. */
export function newestPages(known: CallPages | undefined, answer: CallPages): CallPages {
  if (!known) return answer;
  const byId = new Map(known.pages.flatMap((page) => page.calls.map((call) => [call.id, call])));
  const pages = answer.pages.map((page) => ({
    ...page,
    calls: page.calls.map((call) => newest(byId.get(call.id), call)),
  }));
  return { ...answer, pages };
}
