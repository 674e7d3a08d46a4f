import { clock } from "../../i18n/format";
import { useText } from "../../i18n/I18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import type { Party } from "../parties";
import { RATES, SKIP_MS } from "../playback/Playback";
import { usePlayback, usePlaybackValue } from "../playback/PlaybackProvider";
import styles from "./Controls.module.css";

interface Props {
  durationMs: number | null;
  shortcuts: boolean;
  onShortcuts: (on: boolean) => void;
  who: Map<string, Party>;
}

export function Controls({ durationMs, shortcuts, onShortcuts, who }: Props) {
  const { text, format } = useText();
  const playback = usePlayback();
  const playing = usePlaybackValue((now) => now.playing);
  const failed = usePlaybackValue((now) => now.failed);
  const rate = usePlaybackValue((now) => now.rate);
  const hint = `${text.player.shortcuts}: ${text.player.keys}`;
  return (
    <div className={styles.controls}>
      <div className={`${styles.group} no-print`}>
        <button
          type="button"
          className={styles.play}
          disabled={failed}
          onClick={() => playback.toggle()}
          aria-label={playing ? text.player.pause : text.player.play}
          data-testid="play"
        >
          <svg width="18" height="18" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
            <path d={playing ? "M4 3h3v10H4zM9 3h3v10H9z" : "M4.5 2.5v11l9-5.5z"} />
          </svg>
        </button>
        <SkipButton ms={-SKIP_MS} name={text.player.back} />
        <SkipButton ms={SKIP_MS} name={text.player.forward} />
        <Position durationMs={durationMs} />
      </div>
      <Legend who={who} />
      <div className={`${styles.group} no-print`}>
        <label>
          <span className="visually-hidden">{text.player.speed}</span>
          <select
            className={styles.rate}
            value={rate}
            onChange={(event) => playback.setRate(Number(event.target.value))}
          >
            {RATES.map((choice) => (
              <option key={choice} value={choice}>
                {format.factor(choice)}
              </option>
            ))}
          </select>
        </label>
        <Volume />
        <button
          type="button"
          className={styles.shortcuts}
          aria-pressed={shortcuts}
          aria-label={hint}
          title={hint}
          onClick={() => onShortcuts(!shortcuts)}
        >
          <Icon name="keyboard" />
        </button>
      </div>
    </div>
  );
}

function SkipButton({ ms, name }: { ms: number; name: string }) {
  const playback = usePlayback();
  return (
    <button type="button" className={styles.skip} onClick={() => playback.skip(ms)} aria-label={name} title={name}>
      {ms < 0 ? "−5" : "+5"}
    </button>
  );
}

function Position({ durationMs }: { durationMs: number | null }) {
  const seconds = usePlaybackValue((now) => Math.floor(now.ms / 1000));
  return (
    <span className={styles.position} data-testid="position">
      <span className={styles.now}>{clock(seconds * 1000)}</span>
      {durationMs !== null && ` / ${clock(durationMs)}`}
    </span>
  );
}

function Volume() {
  const { text } = useText();
  const playback = usePlayback();
  const muted = usePlaybackValue((now) => now.muted);
  const volume = usePlaybackValue((now) => now.volume);
  return (
    <span className={styles.volume}>
      <Button
        kind="quiet"
        icon={<Icon name={muted || volume === 0 ? "muted" : "volume"} />}
        iconOnly
        onClick={() => playback.toggleMuted()}
      >
        {muted ? text.player.unmute : text.player.mute}
      </Button>
      <input
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={muted ? 0 : volume}
        aria-label={text.player.volume}
        onChange={(event) => playback.setVolume(Number(event.target.value))}
      />
    </span>
  );
}

/** Which colour and side is whose. */
function Legend({ who }: { who: Map<string, Party> }) {
  const { text } = useText();
  const shown = new Set(who.values());
  return (
    <ul className={styles.legend}>
      {(["operator", "customer"] as const)
        .filter((role) => shown.has(role))
        .map((role) => (
          <li key={role} className={styles[role]}>
            <svg width="10" height="14" viewBox="0 0 10 14" aria-hidden="true">
              <path
                d={role === "operator" ? "M1 7V3M5 7V0M9 7V4" : "M1 7v4M5 7v7M9 7v3"}
                stroke="currentColor"
                strokeWidth="2"
              />
            </svg>
            {text.role[role]}
          </li>
        ))}
    </ul>
  );
}
