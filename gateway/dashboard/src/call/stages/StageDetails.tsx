import { type Call, hasEnded, type Stage } from "../../api/types";
import { useText } from "../../i18n/I18n";
import { Button } from "../../ui/Button";
import { Code, Facts } from "../../ui/Facts";
import { Icon } from "../../ui/Icon";
import { useCallActions } from "../useCallActions";
import styles from "./StageDetails.module.css";
import { StageShape } from "./StageShape";
import { took } from "./took";

/** Everything about one stage, and a way to run it again with what depends on it. */
export function StageDetails({ call, stage }: { call: Call; stage: Stage | undefined }) {
  const { text, format, reason } = useText();
  const { retry, busy } = useCallActions(call);
  if (!stage) return <p className={`${styles.hint} no-print`}>{text.stages.choose}</p>;
  const { model } = stage;
  const ms = took(stage);
  return (
    <div className={styles.details} aria-live="polite">
      <div className={styles.head}>
        <h3 className={styles.title}>{text.stage[stage.name]}</h3>
        <span className={styles.state}>
          <StageShape state={stage.state} />
          {text.stageState[stage.state]}
        </span>
      </div>
      {stage.reason && (
        <p className={stage.state === "failed" ? styles.failed : styles.reason}>{reason(stage.reason)}</p>
      )}
      <Facts
        facts={[
          [text.stages.took, ms !== null && format.seconds(ms)],
          [text.stages.needs, stage.needs.map((need) => text.stageShort[need]).join(", ")],
          [text.stages.attempts, stage.attempt_count > 1 && format.number(stage.attempt_count)],
          [text.stages.model, model?.id],
          [text.file.revision, model?.revision],
          [text.stages.architecture, model?.architecture],
          [text.stages.device, model?.device],
          [text.file.version, model?.software_version],
          [text.file.digest, model && <Code key="digest">{model.digest}</Code>],
        ]}
      />
      {hasEnded(call.state) && (
        <Button
          icon={<Icon name="retry" />}
          className={styles.again}
          disabled={busy}
          aria-label={text.stages.rerunOf(text.stage[stage.name])}
          onClick={() => retry(stage.name)}
        >
          {text.stages.rerun}
        </Button>
      )}
    </div>
  );
}
