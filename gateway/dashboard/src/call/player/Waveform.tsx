import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Turn, Waveform as WaveformData } from "../../api/types";
import { clock } from "../../i18n/format";
import { useText } from "../../i18n/I18n";
import { useTheme } from "../../theme/Theme";
import { useWidth } from "../../ui/useWidth";
import type { Party } from "../parties";
import { SKIP_MS } from "../playback/Playback";
import { usePlayback, usePlaybackValue } from "../playback/PlaybackProvider";
import { type Bar, makeBars } from "./bars";
import { Playhead } from "./Playhead";
import styles from "./Waveform.module.css";

const BAR_PX = 2;
const PITCH_PX = 3;
const PAGE_MS = 30_000;

const COLOURS: Record<Party | "nobody", string> = {
  operator: "--operator",
  customer: "--customer",
  first: "--ink-2",
  second: "--ink-2",
  other: "--line-strong",
  nobody: "--line-strong",
};

interface Props {
  waveform: WaveformData | undefined;
  turns: Turn[];
  who: Map<string, Party>;
  durationMs: number;
  /** The waveform is on its way. */
  busy: boolean;
}

/** The waveform as the slider of the player: who speaks shows by colour and by the side of the line. */
export function Waveform({ waveform, turns, who, durationMs, busy }: Props) {
  const { text } = useText();
  const playback = usePlayback();
  const element = useRef<HTMLDivElement>(null);
  const width = useWidth(element);
  const [hover, setHover] = useState<number | null>(null);
  const second = usePlaybackValue((now) => Math.floor(now.ms / 1000));
  const bars = useMemo(
    () => (waveform && width > 0 ? makeBars(waveform, turns, who, durationMs, Math.floor(width / PITCH_PX)) : []),
    [waveform, turns, who, durationMs, width],
  );

  const toMs = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * durationMs;
  };
  const onKey = (event: KeyboardEvent) => {
    const target = keyTarget(event.key, playback.read().ms, durationMs);
    if (target === null) return;
    event.preventDefault();
    playback.seek(target);
  };

  return (
    <div
      ref={element}
      role="slider"
      tabIndex={0}
      className={styles.waveform}
      aria-label={text.player.position}
      aria-busy={busy}
      aria-valuemin={0}
      aria-valuemax={Math.floor(durationMs / 1000)}
      aria-valuenow={second}
      aria-valuetext={text.player.positionText(clock(second * 1000), clock(durationMs))}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        playback.seek(toMs(event));
      }}
      onPointerMove={(event) => {
        const ms = toMs(event);
        setHover(ms);
        if (event.buttons === 1) playback.seek(ms);
      }}
      onPointerLeave={() => setHover(null)}
    >
      {busy && <span className={styles.waiting}>{text.player.loading}</span>}
      <Drawing bars={bars} width={width} />
      <Playhead durationMs={durationMs} shaded />
      {hover !== null && (
        <span className={styles.hover} style={{ insetInlineStart: `${(hover / durationMs) * 100}%` }}>
          {clock(hover)}
        </span>
      )}
    </div>
  );
}

/** Where a key leads on the slider; null for a key that means nothing there. */
function keyTarget(key: string, ms: number, durationMs: number): number | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return ms + SKIP_MS;
    case "ArrowLeft":
    case "ArrowDown":
      return ms - SKIP_MS;
    case "PageUp":
      return ms + PAGE_MS;
    case "PageDown":
      return ms - PAGE_MS;
    case "Home":
      return 0;
    case "End":
      return durationMs;
    default:
      return null;
  }
}

function Drawing({ bars, width }: { bars: Bar[]; width: number }) {
  const { theme } = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read here
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || width === 0) return;
    const height = element.clientHeight;
    const scale = window.devicePixelRatio;
    element.width = Math.round(width * scale);
    element.height = Math.round(height * scale);
    context.scale(scale, scale);
    const style = getComputedStyle(element);
    const middle = Math.round(height / 2);
    const draw = (x: number, size: number, party: Party | null, below: boolean) => {
      // Silence keeps a dot, so that the line of time does not break.
      const length = Math.max(1, size * (middle - 2));
      context.fillStyle = style.getPropertyValue(COLOURS[party ?? "nobody"]);
      context.globalAlpha = party ? 1 : 0.55;
      context.fillRect(x, below ? middle + 0.5 : middle - 0.5 - length, BAR_PX, length);
    };
    bars.forEach((bar, index) => {
      draw(index * PITCH_PX, bar.up, bar.upParty, false);
      draw(index * PITCH_PX, bar.down, bar.downParty, true);
    });
  }, [bars, width, theme]);
  return <canvas ref={canvas} className={styles.canvas} />;
}
