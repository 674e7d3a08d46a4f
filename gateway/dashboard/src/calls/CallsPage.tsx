import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { listQuery } from "../api/queries";
import { useText } from "../i18n/I18n";
import { useTitle } from "../shell/useTitle";
import { Button } from "../ui/Button";
import { ErrorNotice, Notice } from "../ui/Notice";
import { UploadButton } from "../upload/UploadButton";
import { CallList } from "./CallList";
import styles from "./CallsPage.module.css";
import { FilterBar } from "./FilterBar";
import { toQuery } from "./filters";
import { ListSkeleton } from "./ListSkeleton";
import { useFilters } from "./useFilters";

/** Every call, live, with search and filters. */
export function CallsPage() {
  const { text, format } = useText();
  useTitle(text.calls.title);
  const { filters, clear } = useFilters();
  const query = useMemo(() => toQuery(filters), [filters]);
  const list = useInfiniteQuery(listQuery(query));
  const calls = useMemo(() => list.data?.pages.flatMap((page) => page.calls) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total_count;

  return (
    <>
      <div className={styles.head}>
        <h1>{text.calls.title}</h1>
        {total !== undefined && (
          <span className={styles.count} data-testid="total">
            {text.calls.count(format.number(total), total)}
          </span>
        )}
      </div>
      <FilterBar />
      {list.isPending ? (
        <ListSkeleton />
      ) : list.isError && !list.data ? (
        <ErrorNotice title={text.calls.failed} error={list.error} onRetry={() => void list.refetch()} />
      ) : calls.length > 0 ? (
        <CallList calls={calls} list={list} stale={list.isPlaceholderData} />
      ) : query.size > 0 ? (
        <Notice title={text.calls.nothing} actions={<Button onClick={clear}>{text.calls.clear}</Button>}>
          {text.calls.nothingHint}
        </Notice>
      ) : (
        <Notice title={text.calls.empty} actions={<UploadButton />}>
          {text.calls.emptyHint}
        </Notice>
      )}
    </>
  );
}
