import type { Emotion } from "../api/types";
import { useText } from "../i18n/I18n";
import styles from "./EmotionMark.module.css";

/** Mouth and brows of each face, on a grid of 16. */
export const FACES: Record<Emotion, string> = {
  happy: "M5 9.2c.8 1.6 1.8 2.3 3 2.3s2.2-.7 3-2.3",
  neutral: "M5.3 10.4h5.4",
  sad: "M5.2 11.3c.7-1.3 1.6-1.9 2.8-1.9s2.1.6 2.8 1.9",
  angry: "M5.3 10.8h5.4M4.4 5.2l2.1 1M11.6 5.2l-2.1 1",
};

/** A face alone; the name stands beside it or in a title. */
export function Face({ emotion, size = 16 }: { emotion: Emotion; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
      className={styles[emotion]}
    >
      <FaceShape emotion={emotion} />
    </svg>
  );
}

/** The same inside of another drawing. */
export function FaceShape({ emotion }: { emotion: Emotion }) {
  return (
    <g fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round">
      <circle cx="8" cy="8" r="6.6" className={styles.ground} />
      <path d={FACES[emotion]} />
      <path d="M5.9 6.7v.5M10.1 6.7v.5" />
    </g>
  );
}

/** An emotion as a face with its name. */
export function EmotionMark({ emotion }: { emotion: Emotion }) {
  const { text } = useText();
  return (
    <span className={`${styles.mark} ${styles[emotion]}`}>
      <Face emotion={emotion} />
      {text.emotion[emotion]}
    </span>
  );
}
