/** Brings events into the query cache: lists, calls and the overview stay true without asking again and again. */
import type { QueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { keys } from "../api/queries";
import { type Call, type CallEvent, hasEnded, type ListedCall } from "../api/types";
import { applyEvent, bringsResults, type CallPages, hasCall, mapCall, newest, prependCall, removeCall } from "./apply";

const LIST_REFRESH_MS = 3000;

export class EventCache {
  private readonly reading = new Map<string, { again: boolean }>();
  private refresh: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  handle(event: CallEvent): void {
    if (event.deleted) {
      this.remove(event.call_id);
      return;
    }
    this.patch(event.call_id, (call) => applyEvent(call, event));
    if (bringsResults(event) || this.isNew(event)) void this.read(event.call_id);
    if (!event.stage && hasEnded(event.call_state)) this.refreshSoon();
  }

  /** Reads everything on the page again that can change: a waveform never does. */
  reload(): void {
    void this.client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.waveforms[0] });
  }

  close(): void {
    clearTimeout(this.refresh);
  }

  private patch(id: string, change: <T extends ListedCall>(call: T) => T): void {
    this.client.setQueryData<Call>(keys.call(id), (call) => call && change(call));
    this.client.setQueriesData<CallPages>({ queryKey: keys.lists }, (pages) => pages && mapCall(pages, id, change));
  }

  private isNew(event: CallEvent): boolean {
    return !event.stage && event.call_state === "queued";
  }

  private remove(id: string): void {
    this.client.setQueriesData<CallPages>({ queryKey: keys.lists }, (pages) => pages && removeCall(pages, id));
    void this.client.invalidateQueries({ queryKey: keys.call(id) });
    this.refreshSoon();
  }

  /** Reads a call that is on the page; once more if something happens to it meanwhile. */
  private async read(id: string): Promise<void> {
    const running = this.reading.get(id);
    if (running) {
      running.again = true;
      return;
    }
    const state = { again: true };
    this.reading.set(id, state);
    try {
      while (state.again) {
        state.again = false;
        this.place(await api.call(id));
      }
    } catch {
      // Gone, or the gateway is: the next event or the next connection brings it.
    } finally {
      this.reading.delete(id);
    }
  }

  private place(call: Call): void {
    const { turns: _turns, ...listed } = call;
    this.client.setQueryData<Call>(keys.call(call.id), (known) => known && newest(known, call));
    for (const [key, pages] of this.client.getQueriesData<CallPages>({ queryKey: keys.lists })) {
      if (!pages) continue;
      if (hasCall(pages, call.id)) {
        this.client.setQueryData(
          key,
          mapCall(pages, call.id, (known) => newest(known, listed)),
        );
      } else if (key[1] === "") {
        // The list without filters is newest first. Where a filtered one has a place for the call, the server knows.
        if (isNewest(call, pages)) this.client.setQueryData(key, prependCall(pages, listed));
      } else {
        this.refreshSoon();
      }
    }
  }

  /** Filtered lists and the overview: asked again, at most every few seconds. */
  private refreshSoon(): void {
    this.refresh ??= setTimeout(() => {
      this.refresh = undefined;
      void this.client.invalidateQueries({ queryKey: keys.overviews });
      void this.client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] === keys.lists[0] && queryKey[1] !== "",
      });
    }, LIST_REFRESH_MS);
  }
}

/** False for an old call that is analysed again: it stands further down in the list than what is loaded. */
function isNewest(call: ListedCall, pages: CallPages): boolean {
  const first = pages.pages[0]?.calls[0];
  return !first || Date.parse(call.create_time) >= Date.parse(first.create_time);
}
