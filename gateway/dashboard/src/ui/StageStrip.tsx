import type { Stage } from "../api/types";
import { useText } from "../i18n/I18n";
import styles from "./StageStrip.module.css";

/** The nine stages as a strip of segments that fill; while one runs, it is named below with its progress. */
export function StageStrip({ stages }: { stages: Stage[] }) {
  const { text, format, reason } = useText();
  const settled = stages.filter((stage) => stage.state === "finished" || stage.state === "skipped").length;
  const failed = stages.find((stage) => stage.state === "failed");
  const running = stages.filter((stage) => stage.state === "running");
  const summary = text.calls.stagesDone(settled, stages.length);
  const describe = (stage: Stage) =>
    `${text.stage[stage.name]}: ${text.stageState[stage.state]}${stage.reason && ` (${reason(stage.reason)})`}`;
  const quiet = settled === stages.length;
  return (
    <span className={`${styles.strip} ${quiet ? styles.quiet : ""}`}>
      <span className={styles.segments} role="img" aria-label={`${summary}. ${stages.map(describe).join(", ")}`}>
        {stages.map((stage) => (
          <span
            key={stage.name}
            className={`${styles.segment} ${styles[stage.state]}`}
            title={describe(stage)}
            data-stage={stage.name}
            data-stage-state={stage.state}
          >
            <span className={styles.fill} style={{ inlineSize: `${fill(stage) * 100}%` }} />
          </span>
        ))}
      </span>
      {!quiet && (
        <span className={styles.caption}>
          {running.length > 0
            ? running.map((stage) => (
                <span key={stage.name}>
                  {text.stageShort[stage.name]} {stage.progress > 0 && format.percent(stage.progress)}
                </span>
              ))
            : failed
              ? `${text.stageShort[failed.name]}: ${text.stageState.failed}`
              : summary}
        </span>
      )}
    </span>
  );
}

function fill(stage: Stage): number {
  if (stage.state === "running") return Math.max(0.12, stage.progress);
  return stage.state === "queued" ? 0 : 1;
}
