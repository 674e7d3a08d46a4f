import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { type FilterName, type Filters, readFilters, toSearch, withFilter } from "./filters";

interface UsedFilters {
  filters: Filters;
  set: (name: FilterName | "order", value: string) => void;
  clear: () => void;
}

/** The filters in the address bar. */
export function useFilters(): UsedFilters {
  const [search, setSearch] = useSearchParams();
  const filters = useMemo(() => readFilters(search), [search]);
  const set = useCallback(
    (name: FilterName | "order", value: string) =>
      // The address itself, not what was rendered last: a second choice may come before the first is on the page.
      setSearch(toSearch(withFilter(readFilters(new URLSearchParams(location.search)), name, value)), {
        replace: true,
        preventScrollReset: true,
      }),
    [setSearch],
  );
  const clear = useCallback(() => setSearch({}), [setSearch]);
  return { filters, set, clear };
}
