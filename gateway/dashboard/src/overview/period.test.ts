import { expect, test } from "vitest";
import { readPeriod, toOverviewQuery } from "./period";

const now = new Date(2026, 10, 24, 9, 30);
const read = (search: string) => readPeriod(new URLSearchParams(search), now);

test("periods end today and hold so many days", () => {
  expect(read("period=today")).toEqual({ name: "today", from: "2026-11-24", to: "2026-11-24" });
  expect(read("period=7")).toEqual({ name: "7", from: "2026-11-18", to: "2026-11-24" });
  expect(read("")).toMatchObject({ name: "30", from: "2026-10-26" });
  expect(read("period=all")).toEqual({ name: "all", from: null, to: null });
  expect(read("from=2026-01-01")).toEqual({ name: "custom", from: "2026-01-01", to: null });
  expect(read("period=nonsense").name).toBe("30");
});

test("the gateway is asked for moments of the viewer's days", () => {
  const query = toOverviewQuery(read("period=today"), now);
  expect(query.get("from")).toBe(new Date(2026, 10, 24).toISOString());
  expect(query.get("before")).toBe(new Date(2026, 10, 25).toISOString());
  expect(query.get("utc_offset_minutes")).toBe(String(-now.getTimezoneOffset()));
});
