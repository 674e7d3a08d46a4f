/** Search in the transcript: where the words of each turn hold what is looked for. */
import type { Turn } from "../../api/types";

export interface Match {
  /** Position of the turn in the list. */
  turn: number;
  /** First and last word that the match touches. */
  first: number;
  last: number;
}

/** What the words of a turn are; a text without times counts as one word. */
export function wordsOf(turn: Turn): string[] {
  return turn.words.length > 0 ? turn.words.map((word) => word.text) : turn.text ? [turn.text] : [];
}

export function findMatches(turns: Turn[], query: string): Match[] {
  const wanted = fold(query.trim().replace(/\s+/g, " "));
  if (!wanted) return [];
  return turns.flatMap((turn, index) => matchesIn(wordsOf(turn), wanted).map((words) => ({ turn: index, ...words })));
}

function matchesIn(words: string[], wanted: string): { first: number; last: number }[] {
  const folded = words.map(fold);
  const text = folded.join(" ");
  const starts: number[] = [];
  let length = 0;
  for (const word of folded) {
    starts.push(length);
    length += word.length + 1;
  }
  const wordAt = (position: number) => starts.findLastIndex((start) => start <= position);
  const found: { first: number; last: number }[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    found.push({ first: wordAt(at), last: wordAt(at + wanted.length - 1) });
  }
  return found;
}

/** Lower case as Azerbaijani writes it: a search for "kart" finds "KART", and "ı" is not "i". */
function fold(text: string): string {
  return text.toLocaleLowerCase("az");
}
