import { expect, test } from "vitest";
import { type Change, type Item, reduce } from "./items";

const run = (...changes: Change[]): Item[] => changes.reduce(reduce, []);
const added: Change = { kind: "added", key: 1, name: "a.wav" };

test("a file that is sent and accepted leads to its call", () => {
  const [item] = run(
    added,
    { kind: "sent", key: 1, share: 0.5 },
    { kind: "accepted", key: 1, callId: "c", known: false },
  );
  expect(item).toMatchObject({ state: "accepted", share: 1, callId: "c" });
});

test("a recording that was there already says so", () => {
  expect(run(added, { kind: "accepted", key: 1, callId: "c", known: true })[0]?.state).toBe("known");
});

test("a file that failed keeps its reason until it is sent again", () => {
  const failed = run(added, { kind: "failed", key: 1, reason: "too large" });
  expect(failed[0]).toMatchObject({ state: "failed", reason: "too large" });
  expect(reduce(failed, { kind: "again", key: 1 })[0]).toMatchObject({ state: "waiting", reason: "" });
});

test("clearing keeps what is still to be sent", () => {
  const items = run(
    added,
    { kind: "added", key: 2, name: "b.wav" },
    { kind: "failed", key: 1, reason: "x" },
    { kind: "cleared" },
  );
  expect(items.map((item) => item.key)).toEqual([2]);
});
