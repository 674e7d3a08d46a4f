import { type PointerEvent, useRef } from "react";
import type { Call, TrendPoint } from "../../api/types";
import { clock } from "../../i18n/format";
import { useText } from "../../i18n/I18n";
import { Face } from "../../ui/EmotionMark";
import { Icon } from "../../ui/Icon";
import { trendInWords } from "../../ui/TrendMark";
import { useStoredFlag } from "../../ui/useStored";
import { useWidth } from "../../ui/useWidth";
import { Pending } from "../Pending";
import { usePlayback } from "../playback/PlaybackProvider";
import styles from "./EmotionChart.module.css";
import { Playhead } from "./Playhead";

const HEIGHT_PX = 72;
const MARGIN_PX = 13;

/** How the customer felt over the call, on the time axis of the waveform above. */
export function EmotionChart({ call, durationMs }: { call: Call; durationMs: number }) {
  const { text } = useText();
  const [open, setOpen] = useStoredFlag("section.emotions", true);
  const points = call.trend?.points ?? [];
  const words = call.trend && trendInWords(call.trend, text);
  return (
    <div data-section="emotions" data-open={open}>
      <div className={styles.head}>
        <h2 className={styles.title}>
          <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
            <span className={open ? styles.opened : styles.closed}>
              <Icon name="chevron" size={14} />
            </span>
            {text.emotions.title}
          </button>
        </h2>
        {words && (
          <p className={styles.words} data-testid="trend">
            {words}
          </p>
        )}
      </div>
      {open &&
        (points.length > 0 ? (
          <Chart points={points} durationMs={durationMs} />
        ) : (
          <Pending call={call} stage="emotion" empty={text.emotions.none} lines={1} />
        ))}
    </div>
  );
}

/** Faces that would overlap become dots. */
const FACE_PX = 18;
const DOT_PX = 8;

function Chart({ points, durationMs }: { points: TrendPoint[]; durationMs: number }) {
  const { text } = useText();
  const playback = usePlayback();
  const element = useRef<HTMLDivElement>(null);
  const width = useWidth(element);
  const x = (point: TrendPoint) => (point.time_ms / durationMs) * width;
  const y = (valence: number) => MARGIN_PX + ((1 - valence) / 2) * (HEIGHT_PX - 2 * MARGIN_PX);
  const line = points.map(
    (point, index) => `${index ? "L" : "M"}${x(point).toFixed(1)} ${y(point.valence).toFixed(1)}`,
  );
  const size = points.length * FACE_PX > width ? DOT_PX : FACE_PX;
  const onPointerDown = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    playback.seek(((event.clientX - box.left) / box.width) * durationMs);
  };
  return (
    // The slider above does the same by keyboard.
    <div ref={element} className={styles.chart} onPointerDown={onPointerDown}>
      <svg width={width} height={HEIGHT_PX} className={styles.drawing} role="img" aria-label={text.emotions.chart}>
        <path d={`M0 ${y(0)}H${width}`} className={styles.zero} />
        <path d={line.join("")} className={styles.line} />
      </svg>
      <span className={styles.good}>{text.emotions.good}</span>
      <span className={styles.bad}>{text.emotions.bad}</span>
      <Playhead durationMs={durationMs} />
      <ol>
        {points.map((point) => (
          <li
            key={point.time_ms}
            className={styles.point}
            style={{ insetInlineStart: x(point), insetBlockStart: y(point.valence) }}
            title={text.emotions.at(text.emotion[point.emotion], clock(point.time_ms))}
          >
            <Face emotion={point.emotion} size={size} />
            <span className="visually-hidden">
              {text.emotions.at(text.emotion[point.emotion], clock(point.time_ms))}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
