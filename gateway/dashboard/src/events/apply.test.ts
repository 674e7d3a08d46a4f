import { expect, test } from "vitest";
import type { CallEvent, ListedCall, Stage } from "../api/types";
import {
  applyEvent,
  bringsResults,
  type CallPages,
  mapCall,
  newest,
  newestPages,
  prependCall,
  removeCall,
} from "./apply";

const stage = (name: Stage["name"], state: Stage["state"], progress = 0): Stage => ({
  name,
  state,
  progress,
  reason: "",
  start_time: null,
  end_time: null,
  model: null,
  attempt_count: 0,
  needs: [],
});

const call = (id: string, sequence: number): ListedCall => ({
  id,
  sequence,
  state: "queued",
  error: "",
  recording: {
    file_name: `${id}.wav`,
    size_bytes: 1,
    sha256: "",
    media_type: null,
    codec: null,
    sample_rate_hz: null,
    channel_count: null,
    duration_ms: null,
    party_per_channel: false,
  },
  create_time: "2026-11-24T08:00:00Z",
  end_time: null,
  stages: [stage("decode", "queued"), stage("asr", "queued")],
  speakers: [],
  trend: null,
  summary: null,
  topic: null,
  quality: null,
  language: null,
});

const event = (sequence: number, change: Partial<CallEvent> = {}): CallEvent => ({
  sequence,
  call_id: "a",
  time: "2026-11-24T08:00:01Z",
  call_state: "running",
  stage: stage("asr", "running", 0.5),
  deleted: false,
  file_name: "a.wav",
  ...change,
});

const pages = (...calls: ListedCall[]): CallPages => ({
  pageParams: [null],
  pages: [{ calls, next_page_token: null, total_count: calls.length }],
});

test("an event changes its stage and the call's state, and nothing else", () => {
  const after = applyEvent(call("a", 4), event(5));
  expect(after.state).toBe("running");
  expect(after.sequence).toBe(5);
  expect(after.stages.map((entry) => entry.progress)).toEqual([0, 0.5]);
});

test("an event that is already known changes nothing", () => {
  const before = call("a", 5);
  expect(applyEvent(before, event(5))).toBe(before);
  expect(applyEvent(before, event(4))).toBe(before);
});

test("results come with a stage that ended and with a call that ended", () => {
  expect(bringsResults(event(1))).toBe(false);
  expect(bringsResults(event(1, { stage: stage("asr", "finished", 1) }))).toBe(true);
  expect(bringsResults(event(1, { stage: null, call_state: "running" }))).toBe(false);
  expect(bringsResults(event(1, { stage: null, call_state: "partial" }))).toBe(true);
});

test("only the pages that hold the call change", () => {
  const before = pages(call("a", 1), call("b", 1));
  const after = mapCall(before, "a", (row) => applyEvent(row, event(2)));
  expect(after.pages[0]?.calls.map((row) => row.sequence)).toEqual([2, 1]);
  expect(mapCall(before, "c", (row) => ({ ...row }))).toBe(before);
});

test("a new call goes before all others once, and a deleted one leaves the count too", () => {
  const more = prependCall(prependCall(pages(call("a", 1)), call("b", 2)), call("b", 2));
  expect(more.pages[0]?.calls.map((row) => row.id)).toEqual(["b", "a"]);
  expect(more.pages[0]?.total_count).toBe(2);
  const fewer = removeCall(more, "a");
  expect(fewer.pages[0]?.calls.map((row) => row.id)).toEqual(["b"]);
  expect(fewer.pages[0]?.total_count).toBe(1);
});

test("an answer that an event overtook does not undo it", () => {
  const known = call("a", 9);
  expect(newest(known, call("a", 8))).toBe(known);
  expect(newest(known, call("a", 10)).sequence).toBe(10);
  expect(newest(known, call("b", 1)).id).toBe("b");
  expect(
    newestPages(pages(known), pages(call("a", 3), call("b", 2))).pages[0]?.calls.map((row) => row.sequence),
  ).toEqual([9, 2]);
});
