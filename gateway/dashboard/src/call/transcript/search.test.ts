import { expect, test } from "vitest";
import type { Turn } from "../../api/types";
import { findMatches } from "./search";

const turn = (text: string, timed = true): Turn => ({
  index: 0,
  speaker: "S1",
  start_ms: 0,
  end_ms: 1000,
  text,
  words: timed
    ? text.split(" ").map((word) => ({ text: word, start_ms: 0, end_ms: 1, probability: 1, channel: 0 }))
    : [],
  role: null,
  emotion: null,
  emotion_scores: [],
  channel: 0,
});

const turns = [turn("Salam, mən Rafiq."), turn("İtmiş kartım var, kartı bloklayın"), turn("Kart bloklandı", false)];

test("a part of a word is found in each word that holds it", () => {
  expect(findMatches(turns, "kart")).toEqual([
    { turn: 1, first: 1, last: 1 },
    { turn: 1, first: 3, last: 3 },
    { turn: 2, first: 0, last: 0 },
  ]);
});

test("a match may reach over words", () => {
  expect(findMatches(turns, "kartım  var")).toEqual([{ turn: 1, first: 1, last: 2 }]);
});

test("case is that of Azerbaijani", () => {
  expect(findMatches(turns, "itmiş")).toHaveLength(1);
  expect(findMatches(turns, "KARTI")).toHaveLength(2);
  expect(findMatches(turns, "ıtmış")).toEqual([]);
});

test("nothing is not searched for", () => {
  expect(findMatches(turns, "  ")).toEqual([]);
});
