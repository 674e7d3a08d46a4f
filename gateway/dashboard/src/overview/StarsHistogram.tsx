import { Link } from "react-router";
import type { Overview } from "../api/types";
import { useText } from "../i18n/I18n";
import { Stars } from "../ui/Stars";
import { callsOf } from "./links";
import { Panel } from "./Panel";
import type { Period } from "./period";
import styles from "./StarsHistogram.module.css";

/** Calls with fewer stars than this were served poorly. */
const GOOD_STARS = 3;

export function StarsHistogram({ overview, period }: { overview: Overview; period: Period }) {
  const { text, format } = useText();
  const highest = Math.max(1, ...overview.stars);
  return (
    <Panel size="third" title={text.overview.stars} hint={text.overview.starsHint}>
      <ul className={styles.rows}>
        {[5, 4, 3, 2, 1].map((stars) => {
          const count = overview.stars[stars - 1] ?? 0;
          return (
            <li key={stars}>
              <Link to={callsOf(period, { stars: String(stars) })} className={styles.row} data-stars={stars}>
                <Stars stars={stars} size={14} />
                <span className={styles.track} aria-hidden="true">
                  <span
                    className={stars < GOOD_STARS ? styles.poor : styles.good}
                    style={{ inlineSize: `${(count / highest) * 100}%` }}
                  />
                </span>
                <span className={styles.count}>{format.number(count)}</span>
                <span className={styles.share}>
                  {overview.rated_count > 0 && format.percent(count / overview.rated_count)}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
