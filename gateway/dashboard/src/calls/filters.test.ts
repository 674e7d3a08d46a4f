import { expect, test } from "vitest";
import { readFilters, startOfDay, toQuery, toSearch, withFilter } from "./filters";

test("a view has one address, whatever the order in which it was chosen", () => {
  const one = toSearch(readFilters(new URLSearchParams("quality=poor&topic=cards&nonsense=1")));
  const two = toSearch(readFilters(new URLSearchParams("topic=cards&quality=poor&order=newest")));
  expect(one.toString()).toBe("topic=cards&quality=poor");
  expect(two.toString()).toBe(one.toString());
});

test("an empty view asks for everything", () => {
  expect(toQuery({}).toString()).toBe("");
});

test("stars are one number or a range", () => {
  expect(toQuery({ stars: "4" }).toString()).toBe("min_stars=4&max_stars=4");
  expect(toQuery({ stars: "1-2" }).toString()).toBe("min_stars=1&max_stars=2");
});

test("days are whole days of the viewer", () => {
  const query = toQuery({ from: "2026-11-23", to: "2026-11-24" });
  expect(query.get("from")).toBe(new Date(2026, 10, 23).toISOString());
  expect(query.get("before")).toBe(new Date(2026, 10, 25).toISOString());
  expect(startOfDay("yesterday")).toBeNull();
  expect(toQuery({ from: "yesterday" }).toString()).toBe("");
});

test("another topic drops the subtopic", () => {
  expect(withFilter({ topic: "cards", subtopic: "PIN code" }, "topic", "loans")).toEqual({ topic: "loans" });
  expect(withFilter({ topic: "cards" }, "topic", "")).toEqual({});
});
