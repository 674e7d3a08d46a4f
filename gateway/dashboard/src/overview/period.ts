/** The period of the overview as it stands in the address bar. */
import { startOfDay } from "../calls/filters";

export const PERIODS = ["today", "7", "30", "90", "all", "custom"] as const;
export type PeriodName = (typeof PERIODS)[number];

/** Days, the last one included; null: open. */
export interface Period {
  name: PeriodName;
  from: string | null;
  to: string | null;
}

const USUAL: PeriodName = "30";

export function readPeriod(search: URLSearchParams, now = new Date()): Period {
  const asked = search.get("period");
  const name =
    PERIODS.find((period) => period === asked) ?? (search.has("from") || search.has("to") ? "custom" : USUAL);
  switch (name) {
    case "all":
      return { name, from: null, to: null };
    case "custom":
      return { name, from: search.get("from"), to: search.get("to") };
    case "today":
      return { name, from: dayBefore(now, 0), to: dayBefore(now, 0) };
    default:
      return { name, from: dayBefore(now, Number(name) - 1), to: dayBefore(now, 0) };
  }
}

/** The query of `GET /api/overview`: moments, and the viewer's time zone for the days. */
export function toOverviewQuery(period: Period, now = new Date()): URLSearchParams {
  const query = new URLSearchParams({ utc_offset_minutes: String(-now.getTimezoneOffset()) });
  const from = period.from && startOfDay(period.from);
  const before = period.to && startOfDay(period.to, 1);
  if (from) query.set("from", from);
  if (before) query.set("before", before);
  return query;
}

/** The day so many days before a moment, as 2026-11-24, in the viewer's time zone. */
function dayBefore(moment: Date, days: number): string {
  const date = new Date(moment.getFullYear(), moment.getMonth(), moment.getDate() - days, 12);
  const pad = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}
