import type { Call, StageName } from "../api/types";
import { hasEnded } from "../api/types";
import { useText } from "../i18n/I18n";
import { Skeleton } from "../ui/Skeleton";
import styles from "./Pending.module.css";

interface Props {
  call: Call;
  /** The stage that would bring what is missing. */
  stage: StageName;
  /** What to say when it brought nothing. */
  empty: string;
  lines?: number;
}

/** In place of a result that is not there: it is on its way, or will not come, and why. */
export function Pending({ call, stage, empty, lines = 3 }: Props) {
  const { text, reason } = useText();
  const found = call.stages.find((entry) => entry.name === stage);
  if (!hasEnded(call.state)) {
    const running = found?.state === "running";
    return (
      <div className={styles.pending}>
        <p className={styles.text}>{running ? `${text.stage[stage]} …` : text.call.waitsFor(text.stage[stage])}</p>
        {running && found.reason && <p className={styles.text}>{reason(found.reason)}</p>}
        <Skeleton lines={lines} />
      </div>
    );
  }
  if (found?.state === "failed") {
    return (
      <p className={styles.text}>
        {text.call.missing}
        {found.reason && `: ${reason(found.reason)}`}
      </p>
    );
  }
  return <p className={styles.text}>{empty}</p>;
}
