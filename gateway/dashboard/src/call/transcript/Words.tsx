import { Fragment } from "react";
import type { Turn } from "../../api/types";
import { useText } from "../../i18n/I18n";
import { usePlaybackValue } from "../playback/PlaybackProvider";
import { wordAt } from "./position";
import { type Match, wordsOf } from "./search";
import styles from "./Words.module.css";

/** Words below this probability look uncertain. */
const UNCERTAIN = 0.6;

interface Props {
  turn: Turn;
  /** The turn is played at the moment. */
  playing: boolean;
  matches: Match[];
  active: Match | null;
}

export function Words({ turn, playing, matches, active }: Props) {
  const { text, format } = useText();
  const current = usePlaybackValue((now) => (playing ? wordAt(turn.words, now.ms) : -1));
  const within = (match: Match, index: number) => match.first <= index && index <= match.last;
  return wordsOf(turn).map((spoken, index) => {
    const word = turn.words[index];
    const uncertain = word !== undefined && word.probability < UNCERTAIN;
    const found = matches.some((match) => within(match, index));
    const names = [
      styles.word,
      uncertain && styles.uncertain,
      index === current && styles.current,
      found && styles.found,
      active && within(active, index) && styles.active,
    ];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a word is its place in the turn
      <Fragment key={index}>
        <span
          className={names.filter(Boolean).join(" ")}
          data-start={word?.start_ms}
          data-current={index === current || undefined}
          title={uncertain ? text.transcript.uncertain(format.percent(word.probability)) : undefined}
        >
          {spoken}
        </span>{" "}
      </Fragment>
    );
  });
}
