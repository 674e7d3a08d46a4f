import { useRef } from "react";
import { Link } from "react-router";
import type { DayCount } from "../api/types";
import { useText } from "../i18n/I18n";
import { useWidth } from "../ui/useWidth";
import { type Bin, makeBins } from "./bins";
import styles from "./Days.module.css";
import { callsOf } from "./links";
import { Panel } from "./Panel";
import type { Period } from "./period";

/** Narrower columns are hard to hit. */
const COLUMN_PX = 24;

/** Calls over time as columns, the part that was served poorly at the bottom. */
export function Days({ days, period }: { days: DayCount[]; period: Period }) {
  const { text, format } = useText();
  const element = useRef<HTMLOListElement>(null);
  const width = useWidth(element);
  const first = period.from ?? days[0]?.date;
  const last = period.to ?? days.at(-1)?.date;
  const bins = first && last && width > 0 ? makeBins(days, first, last, Math.floor(width / COLUMN_PX)) : [];
  const highest = Math.max(1, ...bins.map((bin) => bin.call_count));
  return (
    <Panel size="large" title={text.overview.days} hint={text.overview.daysHint}>
      <div className={styles.chart}>
        <span className={styles.scale} aria-hidden="true">
          <span>{format.number(highest)}</span>
          <span>0</span>
        </span>
        <ol ref={element} className={styles.columns}>
          {bins.map((bin) => (
            <li key={bin.from} className={styles.bin}>
              {bin.call_count > 0 && <Column bin={bin} highest={highest} />}
            </li>
          ))}
        </ol>
      </div>
      {first && last && first !== last && (
        <div className={styles.axis} aria-hidden="true">
          <span>{format.dayShort(first)}</span>
          <span>{format.dayShort(last)}</span>
        </div>
      )}
    </Panel>
  );
}

function Column({ bin, highest }: { bin: Bin; highest: number }) {
  const { text, format } = useText();
  const { from, to, call_count, poor_count } = bin;
  const dates = from === to ? format.day(from) : `${format.day(from)} – ${format.day(to)}`;
  const words = text.overview.dayBar(dates, format.number(call_count), format.number(poor_count));
  return (
    <Link to={callsOf({ from, to })} className={styles.column} aria-label={words} title={words}>
      <span className={styles.others} style={{ blockSize: `${((call_count - poor_count) / highest) * 100}%` }} />
      <span className={styles.poor} style={{ blockSize: `${(poor_count / highest) * 100}%` }} />
    </Link>
  );
}
