import { type MouseEvent, memo } from "react";
import type { Turn } from "../../api/types";
import { clock } from "../../i18n/format";
import { useText } from "../../i18n/I18n";
import { EmotionMark } from "../../ui/EmotionMark";
import type { Party } from "../parties";
import { usePlayback } from "../playback/PlaybackProvider";
import type { Match } from "./search";
import styles from "./TurnRow.module.css";
import { Words } from "./Words";

interface Props {
  turn: Turn;
  party: Party;
  current: boolean;
  matches: Match[];
  active: Match | null;
}

/** One turn; a click plays from there, on a word from the word. */
export const TurnRow = memo(function TurnRow({ turn, party, current, matches, active }: Props) {
  const { text } = useText();
  const playback = usePlayback();
  const start = clock(turn.start_ms);
  const onClick = (event: MouseEvent) => {
    // Marking text to copy it is no wish to hear it.
    if (!window.getSelection()?.isCollapsed) return;
    const word = event.target instanceof HTMLElement ? event.target.dataset.start : undefined;
    playback.playFrom(word ? Number(word) : turn.start_ms);
  };
  return (
    // The button with the time does the same by keyboard.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <li
      className={`${styles.turn} ${styles[party]} ${current ? styles.current : ""}`}
      aria-current={current ? "true" : undefined}
      onClick={onClick}
      data-turn={turn.index}
    >
      <button
        type="button"
        className={styles.time}
        aria-label={text.transcript.playFrom(start)}
        data-start={turn.start_ms}
      >
        {start}
      </button>
      <span className={styles.who}>{turn.role ? text.role[turn.role] : text.speaker(turn.speaker)}</span>
      <p className={styles.text} lang="az">
        {turn.text || turn.words.length > 0 ? (
          <Words turn={turn} playing={current} matches={matches} active={active} />
        ) : (
          <em className={styles.nothing}>{text.transcript.notUnderstood}</em>
        )}
      </p>
      <span className={styles.emotion}>{turn.emotion && <EmotionMark emotion={turn.emotion} />}</span>
    </li>
  );
});
