import type { Stage, StageName } from "../../api/types";
import { useText } from "../../i18n/I18n";
import { COLUMNS, edges, inOrder, PLACES, ROWS } from "./layout";
import styles from "./StageGraph.module.css";
import { StageShape } from "./StageShape";
import { took } from "./took";

interface Props {
  stages: Stage[];
  chosen: StageName | null;
  onChoose: (name: StageName) => void;
}

export function StageGraph({ stages, chosen, onChoose }: Props) {
  return (
    <div className={styles.graph}>
      <Edges stages={stages} />
      {inOrder(stages).map((stage) => (
        <Node key={stage.name} stage={stage} chosen={stage.name === chosen} onChoose={onChoose} />
      ))}
    </div>
  );
}

interface NodeProps {
  stage: Stage;
  chosen: boolean;
  onChoose: (name: StageName) => void;
}

function Node({ stage, chosen, onChoose }: NodeProps) {
  const { text, format, reason } = useText();
  const { column, row } = PLACES[stage.name];
  const ms = took(stage);
  const running = stage.state === "running";
  return (
    <button
      type="button"
      className={`${styles.node} ${styles[stage.state]}`}
      style={{ gridColumn: `${column + 1} / span 2`, gridRow: row + 1 }}
      aria-pressed={chosen}
      title={stage.reason ? reason(stage.reason) : text.stages.details(text.stage[stage.name])}
      onClick={() => onChoose(stage.name)}
      data-stage={stage.name}
      data-stage-state={stage.state}
    >
      <span className={styles.name}>
        <StageShape state={stage.state} />
        {text.stageShort[stage.name]}
      </span>
      <span className={styles.note}>
        {running && stage.progress > 0
          ? format.percent(stage.progress)
          : stage.state === "finished" && ms !== null
            ? format.seconds(ms)
            : text.stageState[stage.state]}
      </span>
      {running && <span className={styles.progress} style={{ inlineSize: `${stage.progress * 100}%` }} />}
    </button>
  );
}

/** Lines between the rows, in a drawing that stretches with the grid. */
function Edges({ stages }: { stages: Stage[] }) {
  const x = (name: StageName) => ((PLACES[name].column + 1) / COLUMNS) * 100;
  const y = (name: StageName) => ((PLACES[name].row + 0.5) / ROWS) * 100;
  return (
    <svg className={styles.edges} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      {edges(stages).map(({ from, to }) => (
        <path
          key={`${from}-${to}`}
          d={`M${x(from)} ${y(from)}C${x(from)} ${(y(from) + y(to)) / 2} ${x(to)} ${(y(from) + y(to)) / 2} ${x(to)} ${y(to)}`}
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
}
