import type { Quality } from "../api/types";
import { useText } from "../i18n/I18n";
import styles from "./QualityMark.module.css";
import { Stars } from "./Stars";

/** Good or poor, with the stars. */
export function QualityMark({ quality }: { quality: Quality }) {
  const { text } = useText();
  return (
    <span className={styles.quality}>
      <span className={styles[quality.label]}>{text.quality[quality.label]}</span>
      <Stars stars={quality.stars} size={13} />
    </span>
  );
}
