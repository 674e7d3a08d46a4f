import type { Stage } from "../../api/types";

/** How long a stage ran, in milliseconds; null while it has not ended. */
export function took(stage: Pick<Stage, "start_time" | "end_time">): number | null {
  if (!stage.start_time || !stage.end_time) return null;
  return Math.max(0, Date.parse(stage.end_time) - Date.parse(stage.start_time));
}
