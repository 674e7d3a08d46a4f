import { useText } from "../i18n/I18n";
import styles from "./Bars.module.css";

export interface BarItem {
  key: string;
  label: string;
  /** 0 to 1. */
  share: number;
  strong?: boolean;
}

/** Shares as a list of bars with their numbers. */
export function Bars({ items, label }: { items: BarItem[]; label: string }) {
  const { format } = useText();
  return (
    <ul className={styles.bars} aria-label={label}>
      {items.map((item) => (
        <li key={item.key} className={`${styles.item} ${item.strong ? styles.strong : ""}`}>
          <span className={styles.label} title={item.label}>
            {item.label}
          </span>
          <span className={styles.track} aria-hidden="true">
            <span className={styles.fill} style={{ inlineSize: `${item.share * 100}%` }} />
          </span>
          <span className={styles.number}>{format.percent(item.share)}</span>
        </li>
      ))}
    </ul>
  );
}
