import { expect, test } from "vitest";
import { makeBins } from "./bins";

const day = (date: string, call_count: number, poor_count = 0) => ({ date, call_count, poor_count, duration_ms: 0 });

test("few days have a column each, empty ones too", () => {
  const bins = makeBins([day("2026-02-27", 3, 1), day("2026-03-01", 2)], "2026-02-27", "2026-03-01", 30);
  expect(bins.map((bin) => [bin.from, bin.call_count, bin.poor_count])).toEqual([
    ["2026-02-27", 3, 1],
    ["2026-02-28", 0, 0],
    ["2026-03-01", 2, 0],
  ]);
});

test("many days share columns, and no call is lost", () => {
  const bins = makeBins([day("2026-09-01", 1), day("2026-11-24", 5)], "2026-08-27", "2026-11-24", 34);
  expect(bins).toHaveLength(13);
  expect(bins[0]).toMatchObject({ from: "2026-08-27", to: "2026-09-01", call_count: 1 });
  expect(bins.at(-1)).toEqual({ from: "2026-11-18", to: "2026-11-24", call_count: 5, poor_count: 0 });
  expect(makeBins([day("2000-01-01", 1)], "2000-01-01", "2026-11-24", 10).length).toBeLessThanOrEqual(10);
});
