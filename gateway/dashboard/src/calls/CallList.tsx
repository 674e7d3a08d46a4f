import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ListedCall } from "../api/types";
import { useText } from "../i18n/I18n";
import { Button } from "../ui/Button";
import styles from "./CallList.module.css";
import { CallRow } from "./CallRow";

const ROW_PX = 64;
const AHEAD = 12;

type List = Pick<
  UseInfiniteQueryResult,
  "hasNextPage" | "isFetchingNextPage" | "isFetchNextPageError" | "fetchNextPage"
>;

/** The rows in view and a few around them, whatever the number of calls; the next page loads before it is reached. */
export function CallList({ calls, list, stale }: { calls: ListedCall[]; list: List; stale: boolean }) {
  const { text } = useText();
  const element = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setOffset(element.current ? element.current.getBoundingClientRect().top + window.scrollY : 0);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const rows = useWindowVirtualizer({
    count: calls.length,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
    scrollMargin: offset,
    getItemKey: (index) => calls[index]?.id ?? index,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError && last >= calls.length - AHEAD)
      void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, last, calls.length]);

  return (
    <div className={stale ? styles.stale : undefined} aria-busy={stale}>
      <Columns />
      <ul
        ref={element}
        className={styles.list}
        style={{ blockSize: rows.getTotalSize() }}
        aria-label={text.calls.title}
      >
        {items.map((item) => {
          const call = calls[item.index];
          return (
            call && (
              <li
                key={item.key}
                ref={rows.measureElement}
                data-index={item.index}
                className={styles.item}
                style={{ transform: `translateY(${item.start - offset}px)` }}
                aria-setsize={hasNextPage ? -1 : calls.length}
                aria-posinset={item.index + 1}
              >
                <CallRow call={call} />
              </li>
            )
          );
        })}
      </ul>
      {isFetchingNextPage && (
        <p className={styles.more} role="status">
          {text.calls.loadingMore}
        </p>
      )}
      {isFetchNextPageError && (
        <p className={styles.more} role="alert">
          {text.calls.moreFailed} <Button onClick={() => void fetchNextPage()}>{text.retry}</Button>
        </p>
      )}
    </div>
  );
}

/** Headings for the eye; each cell of a row names itself to screen readers. */
function Columns() {
  const { text } = useText();
  const { column } = text.calls;
  return (
    <div className={styles.columns} aria-hidden="true">
      <span>{column.file}</span>
      <span className={styles.number}>{column.duration}</span>
      <span>{column.stages}</span>
      <span>{column.topic}</span>
      <span>{column.quality}</span>
      <span>{column.trend}</span>
      <span>{column.state}</span>
    </div>
  );
}
