/**
 * The forms of numbers and dates of a language. Chromium leaves Azerbaijani out of its locale data, so its form is
 * written here: 1.234,5 and 24 noyabr 2026, as CLDR has it. German numbers look the same and every browser has them.
 */

export interface Forms {
  /** A locale whose numbers look as the language's do. */
  numbers: string;
  percent: (whole: string) => string;
  unit: (value: string, unit: "byte" | "kilobyte" | "megabyte" | "gigabyte" | "second") => string;
  /** Long and short names of the months. */
  date: (date: Date, style: "long" | "medium" | "short") => string;
  languageName: (tag: string) => string;
}

const UNITS = { byte: "B", kilobyte: "kB", megabyte: "MB", gigabyte: "GB" } as const;

const english = {
  long: new Intl.DateTimeFormat("en", { dateStyle: "long" }),
  medium: new Intl.DateTimeFormat("en", { dateStyle: "medium" }),
  short: new Intl.DateTimeFormat("en", { day: "numeric", month: "short" }),
};
const englishNames = new Intl.DisplayNames("en", { type: "language" });

const MONTHS = "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr".split(" ");
const MONTHS_SHORT = "yan fev mar apr may iyn iyl avq sen okt noy dek".split(" ");
const LANGUAGES: Record<string, string> = {
  az: "Azərbaycan dili",
  en: "İngilis dili",
  ru: "Rus dili",
  tr: "Türk dili",
};

export const FORMS: Record<"az" | "en", Forms> = {
  en: {
    numbers: "en",
    percent: (whole) => `${whole}%`,
    unit: (value, unit) => (unit === "second" ? `${value} s` : `${value} ${UNITS[unit]}`),
    date: (date, style) => english[style].format(date),
    languageName: (tag) => englishNames.of(tag) ?? tag,
  },
  az: {
    numbers: "de",
    percent: (whole) => `${whole}%`,
    unit: (value, unit) => (unit === "second" ? `${value} san` : `${value} ${UNITS[unit]}`),
    date: (date, style) => {
      const month = (style === "long" ? MONTHS : MONTHS_SHORT)[date.getMonth()];
      return `${date.getDate()} ${month}${style === "short" ? "" : ` ${date.getFullYear()}`}`;
    },
    languageName: (tag) => LANGUAGES[tag] ?? tag,
  },
};
