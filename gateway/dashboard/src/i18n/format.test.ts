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
  expect(az.percent(0.126)).toBe("13%");
  expect(az.decimal(3.46)).toBe("3,5");
  expect(az.factor(1.25)).toBe("1,25×");
});

test("sizes use the unit that keeps them short", () => {
  expect(en.bytes(999)).toBe("999 B");
  expect(en.bytes(1_520_000)).toBe("1.5 MB");
  expect(az.bytes(1_520_000)).toBe("1,5 MB");
  expect(en.bytes(2_000_000_000_000)).toBe("2,000 GB");
});

test("a time of today stands without its date, one of this year without the year", () => {
  const now = new Date("2026-11-24T15:00");
  expect(en.when("2026-11-24T08:05", now)).toBe("08:05");
  expect(en.when("2026-11-23T08:05", now)).toBe("Nov 23, 08:05");
  expect(az.when("2026-11-23T08:05", now)).toBe("23 noy, 08:05");
  expect(az.when("2025-11-23T08:05", now)).toBe("23 noy 2025, 08:05");
  expect(az.day("2026-11-24")).toBe("24 noyabr 2026");
});

test("seconds keep two digits that matter", () => {
  expect(az.seconds(8)).toBe("< 0,1 san");
  expect(en.seconds(340)).toBe("0.34 s");
  expect(az.seconds(1_340)).toBe("1,3 san");
  expect(en.seconds(12_340)).toBe("12 s");
  expect(en.seconds(123_400)).toBe("123 s");
});
