/** Numbers, dates and times in the form of a language. */
import { FORMS } from "./numbers";

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
const BYTES = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function makeFormat(language: "az" | "en"): Format {
  const forms = FORMS[language];
  const number = new Intl.NumberFormat(forms.numbers);
  const whole = new Intl.NumberFormat(forms.numbers, { maximumFractionDigits: 0 });
  const decimal = new Intl.NumberFormat(forms.numbers, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const upToOne = new Intl.NumberFormat(forms.numbers, { maximumFractionDigits: 1 });
  const twoDigits = new Intl.NumberFormat(forms.numbers, { maximumSignificantDigits: 2 });
  return {
    number: (value) => number.format(value),
    decimal: (value) => decimal.format(value),
    percent: (share) => forms.percent(whole.format(share * 100)),
    factor: (value) => `${number.format(value)}×`,
    bytes: (count) => {
      const power = Math.min(BYTES.length - 1, count < KILO ? 0 : Math.floor(Math.log10(count) / 3));
      return forms.unit(upToOne.format(count / KILO ** power), BYTES[power] ?? "byte");
    },
    hertz: (value) => `${number.format(value)} Hz`,
    language: forms.languageName,
    dateTime: (value) => {
      const date = new Date(value);
      return `${forms.date(date, "medium")}, ${timeOf(date)}`;
    },
    when: (value, now = new Date()) => {
      const date = new Date(value);
      if (date.toDateString() === now.toDateString()) return timeOf(date);
      return `${forms.date(date, date.getFullYear() === now.getFullYear() ? "short" : "medium")}, ${timeOf(date)}`;
    },
    day: (value) => forms.date(new Date(`${value}T00:00`), "long"),
    dayShort: (value) => forms.date(new Date(`${value}T00:00`), "short"),
    seconds: (ms) =>
      ms < 100
        ? `< ${forms.unit(decimal.format(0.1), "second")}`
        : forms.unit((ms < 99_500 ? twoDigits : whole).format(ms / 1000), "second"),
  };
}

const pad = (value: number) => String(value).padStart(2, "0");

/** Time of the day, in the viewer's time zone. */
function timeOf(date: Date): string {
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** A position or length: 1:05, 1:02:03. Not of any language. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

/** A length as HTML's `time` element takes it. */
export function isoDuration(ms: number): string {
  return `PT${(ms / 1000).toFixed(1)}S`;
}
