import { memo } from "react";
import { Link } from "react-router";
import type { ListedCall } from "../api/types";
import { clock, isoDuration } from "../i18n/format";
import { useText } from "../i18n/I18n";
import { QualityMark } from "../ui/QualityMark";
import { StageStrip } from "../ui/StageStrip";
import { StateMark } from "../ui/StateMark";
import { TrendMark } from "../ui/TrendMark";
import styles from "./CallRow.module.css";

/** One call of the list: the whole row leads to it. */
export const CallRow = memo(function CallRow({ call }: { call: ListedCall }) {
  const { text, format, topic, subtopic, reason } = useText();
  const { recording } = call;
  return (
    <Link to={`/calls/${call.id}`} className={styles.row} data-call={call.id} data-call-state={call.state}>
      <span className={styles.file}>
        <span className={styles.name} title={recording.file_name}>
          {recording.file_name}
        </span>
        <time className={styles.sub} dateTime={call.create_time} title={format.dateTime(call.create_time)}>
          {format.when(call.create_time)}
        </time>
      </span>
      <span className={styles.duration}>
        {recording.duration_ms !== null && (
          <>
            <span className="visually-hidden">{text.calls.column.duration} </span>
            <time dateTime={isoDuration(recording.duration_ms)}>{clock(recording.duration_ms)}</time>
          </>
        )}
      </span>
      <span className={styles.stages}>
        {call.state === "rejected" ? (
          <span className={styles.reason} title={reason(call.error)}>
            {reason(call.error)}
          </span>
        ) : (
          <StageStrip stages={call.stages} />
        )}
      </span>
      <span className={styles.topic}>
        {call.topic && (
          <>
            <span className={styles.name}>{topic(call.topic.topic)}</span>
            <span className={styles.sub}>{subtopic(call.topic.topic, call.topic.subtopic)}</span>
          </>
        )}
      </span>
      <span className={styles.quality}>{call.quality && <QualityMark quality={call.quality} />}</span>
      <span className={styles.trend}>{call.trend && <TrendMark trend={call.trend} />}</span>
      <span className={styles.state}>
        <StateMark state={call.state} />
      </span>
    </Link>
  );
});
