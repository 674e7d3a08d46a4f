import { expect, test } from "vitest";
import type { StageName } from "../../api/types";
import { edges, inOrder, PLACES } from "./layout";

const needs: Record<StageName, StageName[]> = {
  decode: [],
  diarize: ["decode"],
  asr: ["decode"],
  turns: ["diarize", "asr"],
  roles: ["turns"],
  emotion: ["turns", "roles"],
  summarize: ["turns", "roles"],
  topics: ["turns", "roles"],
  quality: ["summarize"],
};
const stages = (Object.keys(needs) as StageName[]).map((name) => ({ name, needs: needs[name] }));

test("a stage is joined to what it waits for last only", () => {
  const found = edges(stages).map(({ from, to }) => `${from}-${to}`);
  expect(found).toContain("roles-emotion");
  expect(found).not.toContain("turns-emotion");
  expect(found).toHaveLength(9);
});

test("every edge leads down", () => {
  for (const { from, to } of edges(stages)) expect(PLACES[to].row).toBeGreaterThan(PLACES[from].row);
});

test("stages stand in the order of the graph", () => {
  expect(inOrder(stages.toReversed()).map((stage) => stage.name)).toEqual(Object.keys(needs));
});
