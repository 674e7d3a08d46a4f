/** Where each stage stands in the graph: from top to bottom as the call goes through it. */
import { STAGES, type Stage, type StageName } from "../../api/types";

export const COLUMNS = 6;
export const ROWS = 6;

interface Place {
  /** First column and row, from 0; a node is two columns wide. */
  column: number;
  row: number;
}

export const PLACES: Record<StageName, Place> = {
  decode: { column: 2, row: 0 },
  diarize: { column: 1, row: 1 },
  asr: { column: 3, row: 1 },
  turns: { column: 2, row: 2 },
  roles: { column: 2, row: 3 },
  emotion: { column: 0, row: 4 },
  summarize: { column: 2, row: 4 },
  topics: { column: 4, row: 4 },
  quality: { column: 2, row: 5 },
};

export interface Edge {
  from: StageName;
  to: StageName;
}

/** What each stage waits for, without what it waits for by way of another stage anyway. */
export function edges(stages: Pick<Stage, "name" | "needs">[]): Edge[] {
  const needs = new Map(stages.map((stage) => [stage.name, stage.needs]));
  const reaches = (from: StageName, target: StageName): boolean =>
    (needs.get(from) ?? []).some((need) => need === target || reaches(need, target));
  return stages.flatMap((stage) =>
    stage.needs
      .filter((need) => !stage.needs.some((other) => other !== need && reaches(other, need)))
      .map((from) => ({ from, to: stage.name })),
  );
}

/** In the order in which a call goes through them, whatever the order of the answer. */
export function inOrder<T extends Pick<Stage, "name">>(stages: T[]): T[] {
  return stages.toSorted((one, other) => STAGES.indexOf(one.name) - STAGES.indexOf(other.name));
}
