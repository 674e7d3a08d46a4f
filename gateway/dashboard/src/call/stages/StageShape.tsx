import type { StageState } from "../../api/types";
import styles from "./StageShape.module.css";

const SHAPES: Record<StageState, string> = {
  queued: "M6 2.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z",
  running: "M6 2a4 4 0 0 1 4 4",
  finished: "M2.5 6.3 5 8.8 9.8 3.5",
  failed: "m3 3 6 6m0-6L3 9",
  skipped: "M2.5 6h7",
};

/** The state of a stage as a form. */
export function StageShape({ state }: { state: StageState }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" className={`${styles.shape} ${styles[state]}`} aria-hidden="true">
      <path d={SHAPES[state]} />
    </svg>
  );
}
