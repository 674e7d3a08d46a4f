import { useMemo, useState } from "react";
import type { Call } from "../../api/types";
import { useText } from "../../i18n/I18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Section } from "../../ui/Section";
import { Pending } from "../Pending";
import { parties } from "../parties";
import { usePlaybackValue } from "../playback/PlaybackProvider";
import { turnAt } from "./position";
import { findMatches, type Match } from "./search";
import styles from "./Transcript.module.css";
import { TranscriptSearch } from "./TranscriptSearch";
import { TurnRow } from "./TurnRow";
import { useFollow } from "./useFollow";

/** What was said: played turn and word marked and kept in view, searchable. */
export function Transcript({ call }: { call: Call }) {
  const { text } = useText();
  const { turns, speakers } = call;
  const who = useMemo(() => parties(speakers, turns), [speakers, turns]);
  const current = usePlaybackValue((now) => turnAt(turns, now.ms));
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const matches = useMemo(() => findMatches(turns, query), [turns, query]);
  const byTurn = useMemo(() => groupByTurn(matches), [matches]);
  const active = matches[chosen];
  const { list, following, follow } = useFollow(current);

  const move = (next: number) => {
    const target = ((next % matches.length) + matches.length) % matches.length;
    setChosen(target);
    list.current?.children[matches[target]?.turn ?? 0]?.scrollIntoView({ block: "center" });
  };

  return (
    <Section
      name="transcript"
      title={text.transcript.title}
      aside={
        turns.length > 0 && (
          <>
            <span>{text.transcript.turns(turns.length)}</span>
            <TranscriptSearch
              query={query}
              onQuery={(next) => {
                setQuery(next);
                setChosen(0);
              }}
              count={matches.length}
              chosen={chosen}
              onMove={move}
            />
          </>
        )
      }
    >
      {turns.length === 0 ? (
        <Pending
          call={call}
          stage={call.stages.some(isHearing) ? "asr" : "turns"}
          empty={text.transcript.empty}
          lines={8}
        />
      ) : (
        <>
          <ol ref={list} className={styles.turns} data-testid="turns">
            {turns.map((turn, index) => (
              <TurnRow
                key={turn.index}
                turn={turn}
                party={who.get(turn.speaker) ?? "other"}
                current={index === current}
                matches={byTurn.get(index) ?? NO_MATCHES}
                active={active?.turn === index ? active : null}
              />
            ))}
          </ol>
          <p className={styles.legend}>{text.transcript.legend}</p>
        </>
      )}
      {!following && (
        <div className={`${styles.follow} no-print`}>
          <Button icon={<Icon name="follow" />} onClick={follow}>
            {text.transcript.follow}
          </Button>
        </div>
      )}
    </Section>
  );
}

const NO_MATCHES: Match[] = [];

function isHearing(stage: Call["stages"][number]): boolean {
  return stage.name === "asr" && stage.state !== "finished";
}

function groupByTurn(matches: Match[]): Map<number, Match[]> {
  const grouped = new Map<number, Match[]>();
  for (const match of matches) grouped.set(match.turn, [...(grouped.get(match.turn) ?? []), match]);
  return grouped;
}
