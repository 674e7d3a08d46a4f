import { usePlaybackValue } from "../playback/PlaybackProvider";
import styles from "./Playhead.module.css";

/** A line where the call is played, over whatever has the time axis of the call as its width. */
export function Playhead({ durationMs, shaded = false }: { durationMs: number; shaded?: boolean }) {
  const ms = usePlaybackValue((now) => now.ms);
  const share = `${Math.min(1, ms / durationMs) * 100}%`;
  return (
    <>
      {shaded && <span className={styles.played} style={{ inlineSize: share }} />}
      <span className={styles.line} style={{ insetInlineStart: share }} />
    </>
  );
}
