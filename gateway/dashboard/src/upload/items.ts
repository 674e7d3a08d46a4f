/** What is known of every upload, and what can happen to it. */

export interface Item {
  key: number;
  name: string;
  state: "waiting" | "sending" | "accepted" | "known" | "failed";
  /** Share of the file that is sent, 0 to 1. */
  share: number;
  callId: string | null;
  /** Why it failed. */
  reason: string;
}

export type Change =
  | { kind: "added"; key: number; name: string }
  | { kind: "sent"; key: number; share: number }
  | { kind: "accepted"; key: number; callId: string; known: boolean }
  | { kind: "failed"; key: number; reason: string }
  | { kind: "again"; key: number }
  | { kind: "removed"; key: number }
  | { kind: "cleared" };

export function reduce(items: Item[], change: Change): Item[] {
  switch (change.kind) {
    case "added":
      return [...items, { key: change.key, name: change.name, state: "waiting", share: 0, callId: null, reason: "" }];
    case "removed":
      return items.filter((item) => item.key !== change.key);
    case "cleared":
      return items.filter((item) => item.state === "waiting" || item.state === "sending");
    default:
      return items.map((item) => (item.key === change.key ? { ...item, ...changed(change) } : item));
  }
}

function changed(change: Exclude<Change, { kind: "added" | "removed" | "cleared" }>): Partial<Item> {
  switch (change.kind) {
    case "sent":
      return { state: "sending", share: change.share };
    case "accepted":
      return { state: change.known ? "known" : "accepted", share: 1, callId: change.callId };
    case "failed":
      return { state: "failed", reason: change.reason };
    case "again":
      return { state: "waiting", share: 0, reason: "" };
  }
}
