import type { CallState } from "../api/types";
import { useText } from "../i18n/I18n";
import styles from "./StateMark.module.css";

/** The state of a call: its name, with a dot whose form differs too. */
export function StateMark({ state }: { state: CallState }) {
  const { text } = useText();
  return (
    <span className={`${styles.state} ${styles[state]}`} title={text.callStateHint[state]} data-state={state}>
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
        <Shape state={state} />
      </svg>
      {text.callState[state]}
    </span>
  );
}

function Shape({ state }: { state: CallState }) {
  switch (state) {
    case "completed":
      return <circle cx="5" cy="5" r="4" fill="currentColor" />;
    case "partial":
      return (
        <>
          <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" />
          <path d="M5 1.5a3.5 3.5 0 0 0 0 7z" fill="currentColor" />
        </>
      );
    case "rejected":
      return <path d="M2 2l6 6M8 2 2 8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />;
    case "cancelled":
      return <path d="M2 2h6v6H2z" fill="currentColor" />;
    case "running":
      return (
        <g className={styles.turning} fill="none" strokeWidth="2">
          <circle cx="5" cy="5" r="3.8" stroke="currentColor" opacity=".3" />
          <path d="M5 1.2A3.8 3.8 0 0 1 8.8 5" stroke="currentColor" />
        </g>
      );
    case "queued":
      return <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />;
  }
}
