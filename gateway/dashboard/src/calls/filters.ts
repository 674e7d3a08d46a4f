/** The filters of the list as they stand in the address bar, and as the gateway takes them. */

export const FILTERS = [
  "text",
  "state",
  "topic",
  "subtopic",
  "quality",
  "stars",
  "trend_start",
  "trend_end",
  "from",
  "to",
] as const;
export type FilterName = (typeof FILTERS)[number];

export const ORDERS = ["newest", "oldest", "longest", "shortest", "most_stars", "fewest_stars", "file_name"] as const;
export type Order = (typeof ORDERS)[number];

/** Filters by name; a name that is missing does not filter. `from` and `to` are days, `stars` is `4` or `1-2`. */
export type Filters = Partial<Record<FilterName | "order", string>>;

export function readFilters(search: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const name of [...FILTERS, "order"] as const) {
    const value = search.get(name);
    if (value) filters[name] = value;
  }
  return filters;
}

/** The address of a list with these filters, in a fixed order, so that a view has one address. */
export function toSearch(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of [...FILTERS, "order"] as const) {
    const value = filters[name]?.trim();
    if (value && !(name === "order" && value === "newest")) search.set(name, value);
  }
  return search;
}

/** With one filter changed; what makes no sense without it goes too. */
export function withFilter(filters: Filters, name: FilterName | "order", value: string): Filters {
  const changed = { ...filters };
  delete changed[name];
  if (name === "topic") delete changed.subtopic;
  return value ? { ...changed, [name]: value } : changed;
}

/** The query of `GET /api/calls`. Days begin and end in the viewer's time zone. */
export function toQuery(filters: Filters): URLSearchParams {
  const { stars, from, to, ...same } = filters;
  const query = toSearch(same);
  const [fewest, most = fewest] = stars?.split("-") ?? [];
  if (fewest && most) {
    query.set("min_stars", fewest);
    query.set("max_stars", most);
  }
  const start = from && startOfDay(from);
  const end = to && startOfDay(to, 1);
  if (start) query.set("from", start);
  if (end) query.set("before", end);
  return query;
}

/** The moment at which a day such as 2026-11-24 begins, some days later; null for what is not a day. */
export function startOfDay(day: string, later = 0): string | null {
  const [year, month, date] = day.split("-").map(Number);
  const moment = new Date(year ?? Number.NaN, (month ?? 0) - 1, (date ?? 0) + later);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}
