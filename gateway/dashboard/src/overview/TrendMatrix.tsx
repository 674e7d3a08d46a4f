import { Link } from "react-router";
import { EMOTIONS, type Emotion, type TrendCount } from "../api/types";
import { useText } from "../i18n/I18n";
import { EmotionMark } from "../ui/EmotionMark";
import { callsOf } from "./links";
import { Panel } from "./Panel";
import type { Period } from "./period";
import styles from "./TrendMatrix.module.css";

/** How many customers went from which emotion to which. */
export function TrendMatrix({ trends, period }: { trends: TrendCount[]; period: Period }) {
  const { text, format } = useText();
  const count = (start: Emotion, end: Emotion) =>
    trends.find((trend) => trend.start === start && trend.end === end)?.call_count ?? 0;
  const highest = Math.max(1, ...trends.map((trend) => trend.call_count));
  return (
    <Panel size="third" title={text.overview.trends} hint={text.overview.trendsHint}>
      <table className={styles.matrix}>
        <thead>
          <tr>
            <td />
            {EMOTIONS.map((end) => (
              <th key={end} scope="col">
                <EmotionMark emotion={end} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {EMOTIONS.map((start) => (
            <tr key={start}>
              <th scope="row">
                <EmotionMark emotion={start} />
              </th>
              {EMOTIONS.map((end) => {
                const calls = count(start, end);
                return (
                  <td key={end}>
                    {calls > 0 ? (
                      <Link
                        to={callsOf(period, { trend_start: start, trend_end: end })}
                        className={styles.cell}
                        aria-label={text.overview.trendCell(
                          format.number(calls),
                          text.emotion[start],
                          text.emotion[end],
                        )}
                      >
                        <span className={styles.shade} style={{ opacity: 0.08 + 0.3 * (calls / highest) }} />
                        {format.number(calls)}
                      </Link>
                    ) : (
                      <span className={styles.zero}>0</span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
