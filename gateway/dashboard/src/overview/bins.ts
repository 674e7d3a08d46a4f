/** Days in columns: one day each, or so many weeks that a column stays wide enough to be hit. */
import type { DayCount } from "../api/types";

export interface Bin {
  /** First and last day. */
  from: string;
  to: string;
  call_count: number;
  poor_count: number;
}

const SIZES = [1, 7, 28, 91, 364];

/** The columns from one day to another, at most so many; days without calls have their place. */
export function makeBins(days: DayCount[], from: string, to: string, most: number): Bin[] {
  const all = everyDay(from, to);
  const size = SIZES.find((days) => Math.ceil(all.length / days) <= most) ?? Math.ceil(all.length / Math.max(1, most));
  const counts = new Map(days.map((day) => [day.date, day]));
  const bins: Bin[] = [];
  // Whole weeks count back from the last day: it is the first one that may be cut short.
  for (let end = all.length; end > 0; end -= size) {
    const part = all.slice(Math.max(0, end - size), end);
    const sum = (name: "call_count" | "poor_count") =>
      part.reduce((total, date) => total + (counts.get(date)?.[name] ?? 0), 0);
    bins.unshift({
      from: part[0] ?? from,
      to: part.at(-1) ?? to,
      call_count: sum("call_count"),
      poor_count: sum("poor_count"),
    });
  }
  return bins;
}

function everyDay(from: string, to: string): string[] {
  const days: string[] = [];
  // At noon in UTC: a day has 24 hours there whatever the season.
  const end = Date.parse(`${to}T12:00Z`);
  for (let time = Date.parse(`${from}T12:00Z`); time <= end; time += 86_400_000) {
    days.push(new Date(time).toISOString().slice(0, 10));
  }
  return days;
}
