import { expect, test } from "vitest";
import { clock, isoDuration, makeFormat } from "./format";

const en = makeFormat("en");
const az = makeFormat("az");

test("positions read as a clock", () => {
  expect(clock(0)).toBe("0:00");
  expect(clock(65_999)).toBe("1:05");
  expect(clock(3_723_000)).toBe("1:02:03");
  expect(isoDuration(95_400)).toBe("PT95.4S");
});

test("numbers take the form of the language", () => {
  expect(en.number(1234567)).toBe("1,234,567");
  expect(az.number(1234567)).toBe("1.234.567");
  expect(en.percent(0.126)).toBe("13%");
  expect(az.decimal(3.46)).toBe("3,5");
});

test("sizes use the unit that keeps them short", () => {
  expect(en.bytes(999)).toBe("999 byte");
  expect(en.bytes(1_520_000)).toBe("1.5 MB");
  expect(en.bytes(2_000_000_000_000)).toBe("2,000 GB");
});

test("a time of today stands without its date", () => {
  const now = new Date("2026-11-24T15:00");
  expect(en.when("2026-11-24T08:05", now)).toBe("08:05");
  expect(en.when("2026-11-23T08:05", now)).toContain("Nov 23");
  expect(en.when("2025-11-23T08:05", now)).toContain("2025");
  expect(az.day("2026-11-24")).toContain("noyabr");
});

test("seconds keep two digits that matter", () => {
  expect(en.seconds(340)).toBe("0.34s");
  expect(en.seconds(12_340)).toBe("12s");
  expect(en.seconds(123_400)).toBe("123s");
});
