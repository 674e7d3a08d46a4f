import { useText } from "../i18n/I18n";
import styles from "./Stars.module.css";

const STAR = "M8 1.6l1.96 4 4.4.64-3.18 3.1.75 4.4L8 11.67l-3.93 2.07.75-4.4L1.64 6.24l4.4-.64z";

/** Stars of 5, named in words. */
export function Stars({ stars, size = 15 }: { stars: number; size?: number }) {
  const { text } = useText();
  return (
    <span className={styles.stars} role="img" aria-label={text.stars(stars)} title={text.stars(stars)}>
      {[1, 2, 3, 4, 5].map((place) => (
        <svg key={place} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
          <path d={STAR} className={place <= stars ? styles.full : styles.empty} />
        </svg>
      ))}
    </span>
  );
}
