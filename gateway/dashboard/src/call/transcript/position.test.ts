import { expect, test } from "vitest";
import { turnAt, wordAt } from "./position";

const turns = [
  { start_ms: 1000, end_ms: 3000 },
  { start_ms: 2500, end_ms: 5000 },
  { start_ms: 8000, end_ms: 9000 },
];

test("the turn is the one that began last", () => {
  expect(turnAt(turns, 0)).toBe(-1);
  expect(turnAt(turns, 1000)).toBe(0);
  expect(turnAt(turns, 2700)).toBe(1);
  expect(turnAt(turns, 6000)).toBe(-1);
  expect(turnAt(turns, 9399)).toBe(2);
});

test("a word stays until the next one", () => {
  expect(wordAt(turns, 999)).toBe(-1);
  expect(wordAt(turns, 7000)).toBe(1);
});
