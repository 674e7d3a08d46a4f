import styles from "./Skeleton.module.css";

/** Lines that stand for text that is not there yet. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <span className={styles.skeleton} aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no identity
        <span key={line} className={styles.line} style={{ inlineSize: `${[92, 78, 85, 60][line % 4]}%` }} />
      ))}
    </span>
  );
}
