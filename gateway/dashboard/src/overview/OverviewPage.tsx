import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { overviewQuery } from "../api/queries";
import { useText } from "../i18n/I18n";
import { useTitle } from "../shell/useTitle";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Skeleton } from "../ui/Skeleton";
import { Days } from "./Days";
import { Figures } from "./Figures";
import styles from "./OverviewPage.module.css";
import { PeriodPicker } from "./PeriodPicker";
import { readPeriod, toOverviewQuery } from "./period";
import { StarsHistogram } from "./StarsHistogram";
import { Topics } from "./Topics";
import { TrendMatrix } from "./TrendMatrix";

/** The figures of a period; each leads to its calls. */
export function OverviewPage() {
  const { text } = useText();
  useTitle(text.overview.title);
  const [search] = useSearchParams();
  const period = useMemo(() => readPeriod(search), [search]);
  const query = useMemo(() => toOverviewQuery(period), [period]);
  const overview = useQuery(overviewQuery(query));
  const { data } = overview;
  return (
    <>
      <div className={styles.head}>
        <h1>{text.overview.title}</h1>
        <PeriodPicker period={period} />
      </div>
      {data ? (
        data.call_count > 0 ? (
          <div className={styles.grid} aria-busy={overview.isPlaceholderData}>
            <Figures overview={data} period={period} />
            <Days days={data.days} period={period} />
            <StarsHistogram overview={data} period={period} />
            <Topics topics={data.topics} period={period} />
            <TrendMatrix trends={data.trends} period={period} />
          </div>
        ) : (
          <Notice title={text.overview.empty}>{text.overview.emptyHint}</Notice>
        )
      ) : overview.isError ? (
        <ErrorNotice title={text.overview.failed} error={overview.error} onRetry={() => void overview.refetch()} />
      ) : (
        <div role="status" className={styles.grid}>
          <span className="visually-hidden">{text.overview.loading}</span>
          <div className={styles.waiting}>
            <Skeleton lines={4} />
          </div>
        </div>
      )}
    </>
  );
}
