/** From a figure to its calls. */
import { type Filters, toSearch } from "../calls/filters";
import type { Period } from "./period";

/** Address of the list with the calls of a period and further filters. */
export function callsOf(period: Pick<Period, "from" | "to">, filters: Filters = {}): string {
  const days = { ...(period.from && { from: period.from }), ...(period.to && { to: period.to }) };
  const search = toSearch({ ...days, ...filters });
  return search.size > 0 ? `/?${search}` : "/";
}
