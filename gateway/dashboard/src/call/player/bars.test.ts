import { expect, test } from "vitest";
import type { Turn, Waveform } from "../../api/types";
import { parties } from "../parties";
import { makeBars } from "./bars";

const turn = (speaker: string, start_ms: number, end_ms: number, channel = 0): Turn => ({
  index: 0,
  speaker,
  start_ms,
  end_ms,
  text: "",
  words: [],
  role: speaker === "S1" ? "operator" : speaker === "S2" ? "customer" : null,
  emotion: null,
  emotion_scores: [],
  channel,
});

const wave = (...channels: number[][]): Waveform => ({ points_per_second: 1, duration_ms: 4000, channels });

test("the operator stands above the line, the customer below, and both where they talk at once", () => {
  const turns = [turn("S1", 0, 2000), turn("S2", 1000, 3000)];
  const bars = makeBars(wave([0.1, 0.5, 0.25, 0.05]), turns, parties([], turns), 4000, 4);
  expect(bars[0]).toEqual({ up: 0.2, down: 0, upParty: "operator", downParty: null });
  expect(bars[1]).toEqual({ up: 1, down: 1, upParty: "operator", downParty: "customer" });
  expect(bars[2]).toEqual({ up: 0, down: 0.5, upParty: null, downParty: "customer" });
  expect(bars[3]).toEqual({ up: 0.05, down: 0.05, upParty: null, downParty: null });
});

test("the loudest sound fills the height, but silence stays silent", () => {
  const turns = [turn("S1", 0, 4000)];
  expect(makeBars(wave([0.002, 0, 0, 0]), turns, parties([], turns), 4000, 1)[0]?.up).toBeCloseTo(0.1);
});

test("with a party on each channel each has its own peaks", () => {
  const turns = [turn("S1", 0, 4000, 0), turn("S2", 0, 4000, 1)];
  const bars = makeBars(wave([0.1, 0.2, 0.3, 0.4], [1, 0.8, 0.7, 0.6]), turns, parties([], turns), 4000, 2);
  expect(bars.map((bar) => bar.up)).toEqual([0.2, 0.4]);
  expect(bars.map((bar) => bar.down)).toEqual([1, 0.7]);
});

test("a third speaker shows on both sides", () => {
  const turns = [turn("S3", 0, 4000), turn("S1", 5000, 6000)];
  expect(makeBars(wave([1, 1, 1, 1]), turns, parties([], turns), 4000, 1)[0]).toEqual({
    up: 1,
    down: 1,
    upParty: "other",
    downParty: "other",
  });
});

test("before the roles are known the speakers have sides by their order", () => {
  const unknown = [
    { ...turn("S1", 0, 1), role: null },
    { ...turn("S2", 0, 1), role: null },
    { ...turn("S3", 0, 1), role: null },
  ];
  expect([...parties([], unknown).values()]).toEqual(["first", "second", "other"]);
});
