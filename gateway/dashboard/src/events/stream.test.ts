import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { followEvents } from "./stream";

/** Stands for the browser's EventSource: a test says what the connection does. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  static made: Source[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    Source.made.push(this);
  }

  close() {
    this.readyState = Source.CLOSED;
  }

  send(sequence: number) {
    this.dispatchEvent(new MessageEvent("call", { data: JSON.stringify({ sequence }) }));
  }

  fail(state: number) {
    this.readyState = state;
    this.onerror?.();
  }
}

const page = Object.assign(new EventTarget(), { hidden: false });
const setHidden = (hidden: boolean) => {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
};
const listener = { onOpen: vi.fn(), onEvent: vi.fn(), onReset: vi.fn(), onConnection: vi.fn() };
const newest = () => Source.made.at(-1) as Source;

let stop: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("document", page);
  Source.made = [];
  stop = followEvents(listener);
});
afterEach(() => {
  stop();
  page.hidden = false;
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("a stream that ends with an error is opened again where it stood", () => {
  newest().onopen?.();
  newest().send(7);
  newest().fail(Source.CLOSED);
  expect(listener.onConnection).toHaveBeenLastCalledWith("lost");
  vi.advanceTimersByTime(2000);
  expect(Source.made.map((source) => source.url)).toEqual(["/api/events", "/api/events?after=7"]);
});

test("a broken connection is left to the browser", () => {
  newest().fail(0);
  vi.advanceTimersByTime(60_000);
  expect(Source.made).toHaveLength(1);
});

test("a hidden page lets go of its connection and goes on where it stood", () => {
  newest().send(3);
  setHidden(true);
  vi.advanceTimersByTime(9000);
  expect(newest().readyState).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(newest().readyState).toBe(Source.CLOSED);
  setHidden(false);
  vi.advanceTimersByTime(0);
  expect(newest().url).toBe("/api/events?after=3");
});

test("a hidden page does not try again until it is looked at", () => {
  setHidden(true);
  newest().fail(Source.CLOSED);
  vi.advanceTimersByTime(60_000);
  expect(Source.made).toHaveLength(1);
  setHidden(false);
  vi.advanceTimersByTime(0);
  expect(Source.made).toHaveLength(2);
});

test("a page that is hidden for a moment keeps its connection", () => {
  setHidden(true);
  vi.advanceTimersByTime(5000);
  setHidden(false);
  vi.advanceTimersByTime(60_000);
  expect(Source.made).toHaveLength(1);
  expect(newest().readyState).toBe(1);
});

test("after a reset the stream begins anew", () => {
  newest().send(9);
  newest().dispatchEvent(new Event("reset"));
  newest().fail(Source.CLOSED);
  vi.advanceTimersByTime(2000);
  expect(listener.onReset).toHaveBeenCalledOnce();
  expect(newest().url).toBe("/api/events");
});
