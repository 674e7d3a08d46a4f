import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { urls } from "../../api/client";
import { waveformQuery } from "../../api/queries";
import type { Call } from "../../api/types";
import { useText } from "../../i18n/I18n";
import { useStoredFlag } from "../../ui/useStored";
import { parties } from "../parties";
import { usePlaybackValue } from "../playback/PlaybackProvider";
import { useShortcuts } from "../playback/useShortcuts";
import { Controls } from "./Controls";
import { EmotionChart } from "./EmotionChart";
import styles from "./Player.module.css";
import { Waveform } from "./Waveform";

/** Plays the call; stays in view while the page scrolls. */
export function Player({ call }: { call: Call }) {
  const { text } = useText();
  const [shortcuts, setShortcuts] = useStoredFlag("player.shortcuts", true);
  useShortcuts(shortcuts);
  const failed = usePlaybackValue((now) => now.failed);
  const decoded = call.stages.some((stage) => stage.name === "decode" && stage.state === "finished");
  const waveform = useQuery(waveformQuery(call.id, decoded));
  const who = useMemo(() => parties(call.speakers, call.turns), [call.speakers, call.turns]);
  const durationMs = call.recording.duration_ms ?? waveform.data?.duration_ms ?? null;

  return (
    <section className={styles.player} aria-label={text.player.label}>
      <Controls durationMs={durationMs} shortcuts={shortcuts} onShortcuts={setShortcuts} who={who} />
      {durationMs !== null && (
        <>
          <Waveform
            waveform={waveform.data}
            turns={call.turns}
            who={who}
            durationMs={durationMs}
            busy={waveform.isLoading}
          />
          {waveform.isError && <p className={styles.note}>{text.player.noWaveform}</p>}
          {call.state !== "rejected" && <EmotionChart call={call} durationMs={durationMs} />}
        </>
      )}
      {failed && (
        <p className={styles.note} role="alert">
          {text.player.cannotPlay} <a href={urls.download(call.id)}>{text.player.download}</a>
        </p>
      )}
    </section>
  );
}
