/** The waveform as bars: the operator's above the line, the customer's below it. */
import type { Turn, Waveform } from "../../api/types";
import type { Party } from "../parties";

export interface Bar {
  /** Height above and below the line, 0 to 1, and whose it is; null: nobody's. */
  up: number;
  down: number;
  upParty: Party | null;
  downParty: Party | null;
}

const UP: readonly Party[] = ["operator", "first"];
const DOWN: readonly Party[] = ["customer", "second"];

/** Share of its height that a sound between turns keeps: there, but in the background. */
const BETWEEN = 0.5;

/** A call whose loudest sound is weaker than this is as good as silent, and looks so. */
const QUIETEST = 0.02;

export function makeBars(
  waveform: Waveform,
  turns: Turn[],
  who: Map<string, Party>,
  durationMs: number,
  count: number,
): Bar[] {
  const spans = turns.map((turn) => ({ ...turn, party: who.get(turn.speaker) ?? "other" }));
  const byChannel = waveform.channels.length > 1 && new Set(turns.map((turn) => turn.channel)).size > 1;
  // Telephone speech is quiet: the loudest sound of the call fills the height.
  const scale =
    1 / Math.max(QUIETEST, ...waveform.channels.map((channel) => channel.reduce((a, b) => Math.max(a, b), 0)));
  return Array.from({ length: count }, (_, index) => {
    const [start, end] = [(index / count) * durationMs, ((index + 1) / count) * durationMs];
    const speaking = spans.filter((turn) => turn.start_ms < end && turn.end_ms > start);
    const peaks = waveform.channels.map((channel) => peak(channel, start, end, waveform.points_per_second) * scale);
    const loudest = Math.max(0, ...peaks);
    const heard = (turn: Turn) => (byChannel ? (peaks[turn.channel] ?? 0) : loudest);
    const bar: Bar = { up: 0, down: 0, upParty: null, downParty: null };
    for (const turn of speaking) {
      const height = heard(turn);
      if (!DOWN.includes(turn.party) && height >= bar.up) Object.assign(bar, { up: height, upParty: turn.party });
      if (!UP.includes(turn.party) && height >= bar.down) Object.assign(bar, { down: height, downParty: turn.party });
    }
    if (!bar.upParty && !bar.downParty) bar.up = bar.down = loudest * BETWEEN;
    return bar;
  });
}

function peak(channel: number[], startMs: number, endMs: number, pointsPerSecond: number): number {
  const first = Math.floor((startMs / 1000) * pointsPerSecond);
  const last = Math.max(first + 1, Math.ceil((endMs / 1000) * pointsPerSecond));
  let highest = 0;
  for (let index = first; index < last && index < channel.length; index++)
    highest = Math.max(highest, channel[index] ?? 0);
  return highest;
}
