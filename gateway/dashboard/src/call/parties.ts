/** Who speaks: by role where it is known, else by name. */
import type { Role, Speaker, Turn } from "../api/types";

/** Operator and customer have a colour and a side each; whoever else speaks shares the third. */
export type Party = "operator" | "customer" | "first" | "second" | "other";

/** The party of each speaker's name. */
export function parties(speakers: Speaker[], turns: Turn[]): Map<string, Party> {
  const roles = new Map<string, Role | null>();
  for (const speaker of speakers) roles.set(speaker.name, speaker.role);
  for (const turn of turns) if (!roles.get(turn.speaker)) roles.set(turn.speaker, turn.role);
  const known = [...roles.values()].some(Boolean);
  const names = [...roles.keys()];
  return new Map(
    names.map((name, index) => {
      const role = roles.get(name);
      if (role) return [name, role];
      if (known) return [name, "other"];
      return [name, (["first", "second"] as const)[index] ?? "other"];
    }),
  );
}
