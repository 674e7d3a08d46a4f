import { Link } from "react-router";
import type { Call } from "../api/types";
import { clock, isoDuration } from "../i18n/format";
import { useText } from "../i18n/I18n";
import { Icon } from "../ui/Icon";
import { StageStrip } from "../ui/StageStrip";
import { StateMark } from "../ui/StateMark";
import { CallActions } from "./CallActions";
import styles from "./CallHeader.module.css";

export function CallHeader({ call }: { call: Call }) {
  const { text, format } = useText();
  const { recording } = call;
  const running = call.state === "running" || call.state === "queued";
  return (
    <header className={styles.header}>
      <Link to="/" className={`${styles.back} no-print`}>
        <Icon name="back" size={14} />
        {text.call.back}
      </Link>
      <div className={styles.line}>
        <h1 className={styles.name}>{recording.file_name}</h1>
        <CallActions call={call} />
      </div>
      <div className={styles.facts}>
        <StateMark state={call.state} />
        <span>
          <span className="visually-hidden">{text.call.received} </span>
          <time dateTime={call.create_time}>{format.dateTime(call.create_time)}</time>
        </span>
        {recording.duration_ms !== null && (
          <span>
            <span className="visually-hidden">{text.call.length} </span>
            <time dateTime={isoDuration(recording.duration_ms)}>{clock(recording.duration_ms)}</time>
          </span>
        )}
        {running && (
          <span className={styles.strip}>
            <StageStrip stages={call.stages} />
          </span>
        )}
      </div>
    </header>
  );
}
