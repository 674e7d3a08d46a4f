import type { Call } from "../api/types";
import { useText } from "../i18n/I18n";
import { Icon } from "../ui/Icon";
import styles from "./CallProblem.module.css";

/** Why a call has no analysis, or not all of it. */
export function CallProblem({ call }: { call: Call }) {
  const { text, reason } = useText();
  if (call.state !== "partial" && call.state !== "rejected" && call.state !== "cancelled") return null;
  const title = {
    partial: text.call.whyPartial,
    rejected: text.call.whyRejected,
    cancelled: text.callState.cancelled,
  }[call.state];
  const why = call.error ? reason(call.error) : text.callStateHint[call.state];
  return (
    <div className={call.state === "rejected" ? styles.rejected : styles.partial} data-testid="problem">
      <Icon name="warning" size={18} />
      <div>
        <p className={styles.title}>{title}</p>
        <p className={styles.reason}>{why}</p>
      </div>
    </div>
  );
}
