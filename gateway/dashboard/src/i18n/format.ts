/** Numbers, dates and times in the form of a language. */

export interface Format {
  number: (value: number) => string;
  /** One digit behind the point. */
  decimal: (value: number) => string;
  percent: (share: number) => string;
  /** How many times as fast. */
  factor: (value: number) => string;
  bytes: (count: number) => string;
  hertz: (value: number) => string;
  /** Name of the language with a tag such as "az". */
  language: (tag: string) => string;
  /** Date and time of an RFC 3339 time, in the viewer's time zone. */
  dateTime: (time: string) => string;
  /** Time alone for today, else with the date: for lists. */
  when: (time: string, now?: Date) => string;
  /** A day such as 2026-11-24. */
  day: (date: string) => string;
  /** The same in few letters. */
  dayShort: (date: string) => string;
  /** Seconds that something took. */
  seconds: (ms: number) => string;
}

const KILO = 1000;

export function makeFormat(language: string): Format {
  const number = new Intl.NumberFormat(language);
  const decimal = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
  const time = new Intl.DateTimeFormat(language, { timeStyle: "short", hourCycle: "h23" });
  const dayAndTime = new Intl.DateTimeFormat(language, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long" });
  const dayShort = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  const languages = new Intl.DisplayNames(language, { type: "language" });
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"].map(
    (unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }),
  );
  const seconds = new Intl.NumberFormat(language, {
    style: "unit",
    unit: "second",
    unitDisplay: "narrow",
    maximumSignificantDigits: 2,
  });
  const whole = new Intl.NumberFormat(language, {
    style: "unit",
    unit: "second",
    unitDisplay: "narrow",
    maximumFractionDigits: 0,
  });
  return {
    number: (value) => number.format(value),
    decimal: (value) => decimal.format(value),
    percent: (share) => percent.format(share),
    factor: (value) => `${number.format(value)}×`,
    bytes: (count) => {
      const power = Math.min(units.length - 1, count < KILO ? 0 : Math.floor(Math.log10(count) / 3));
      return units[power]?.format(count / KILO ** power) ?? String(count);
    },
    hertz: (value) => `${number.format(value)} Hz`,
    language: (tag) => languages.of(tag) ?? tag,
    dateTime: (value) => dateTime.format(new Date(value)),
    when: (value, now = new Date()) => {
      const date = new Date(value);
      if (date.toDateString() === now.toDateString()) return time.format(date);
      return date.getFullYear() === now.getFullYear() ? dayAndTime.format(date) : dateTime.format(date);
    },
    day: (value) => day.format(new Date(`${value}T00:00`)),
    dayShort: (value) => dayShort.format(new Date(`${value}T00:00`)),
    seconds: (ms) => (ms < 99_500 ? seconds : whole).format(ms / 1000),
  };
}

/** A position or length: 1:05, 1:02:03. Not of any language. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

/** A length as HTML's `time` element takes it. */
export function isoDuration(ms: number): string {
  return `PT${(ms / 1000).toFixed(1)}S`;
}
