import { type ReactNode, useId } from "react";
import styles from "./Panel.module.css";

interface Props {
  title: string;
  hint?: string;
  /** Share of the page's width on a wide screen. */
  size: "third" | "half" | "large" | "full";
  children: ReactNode;
}

export function Panel({ title, hint, size, children }: Props) {
  const id = useId();
  return (
    <section className={`${styles.panel} ${styles[size]}`} aria-labelledby={id}>
      <h2 id={id} className={styles.title}>
        {title}
      </h2>
      {hint && <p className={styles.hint}>{hint}</p>}
      <div className={styles.body}>{children}</div>
    </section>
  );
}
