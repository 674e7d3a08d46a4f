import type { ReactNode } from "react";
import styles from "./Facts.module.css";

/** Names and values, those that are known. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A digest or an id: shown whole, broken anywhere. */
export function Code({ children }: { children: string }) {
  return <code className={styles.code}>{children}</code>;
}
