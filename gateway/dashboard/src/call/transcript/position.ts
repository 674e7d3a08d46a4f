/** What is spoken at a moment. */

interface Span {
  start_ms: number;
  end_ms: number;
}

/** How long after its end a turn still counts as the one that is played. */
const LINGER_MS = 400;

/** The last turn that has begun and not ended, or has only just ended; -1 where there is none. */
export function turnAt(turns: Span[], ms: number): number {
  return turns.findLastIndex((turn) => turn.start_ms <= ms && ms < turn.end_ms + LINGER_MS);
}

/** The last word that has begun; it stays until the next one begins. -1 before the first. */
export function wordAt(words: Span[], ms: number): number {
  return words.findLastIndex((word) => word.start_ms <= ms);
}
