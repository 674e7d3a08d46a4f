import type { Trend } from "../api/types";
import { useText } from "../i18n/I18n";
import { EmotionMark, Face } from "./EmotionMark";
import { Icon } from "./Icon";
import styles from "./TrendMark.module.css";

/** How the customer started and finished: two faces with an arrow, named in words. */
export function TrendMark({ trend, named = false }: { trend: Trend; named?: boolean }) {
  const { text } = useText();
  const { start, end } = trend;
  if (!start || !end) return null;
  if (named) {
    return (
      <span className={styles.trend}>
        <EmotionMark emotion={start} />
        <Icon name="arrow" size={14} />
        <EmotionMark emotion={end} />
      </span>
    );
  }
  const words = trendInWords(trend, text) ?? "";
  return (
    <span className={styles.trend} role="img" aria-label={words} title={words}>
      <Face emotion={start} size={18} />
      <Icon name="arrow" size={12} />
      <Face emotion={end} size={18} />
    </span>
  );
}

export function trendInWords({ start, end }: Trend, text: ReturnType<typeof useText>["text"]): string | null {
  if (!start || !end) return null;
  if (start === end) return text.trendSame(text.emotion[start]);
  return text.trend(text.emotion[start], text.emotion[end]);
}
