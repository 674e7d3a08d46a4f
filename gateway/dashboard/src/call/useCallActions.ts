import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { api } from "../api/client";
import { keys } from "../api/queries";
import { type Call, hasEnded, type StageName } from "../api/types";

interface CallActions {
  /** Runs again from a stage, else what has failed or never ran. */
  retry: (from?: StageName) => void;
  cancel: () => void;
  remove: () => void;
  busy: boolean;
  error: Error | null;
}

/** What can be done to a call. The page changes with the events that follow. */
export function useCallActions(call: Call): CallActions {
  const client = useQueryClient();
  const navigate = useNavigate();
  const action = useMutation<unknown, Error, () => Promise<unknown>>({ mutationFn: (run) => run() });
  return {
    retry: (from) =>
      action.mutate(async () => {
        await api.retry(call.id, from ?? startOfRetry(call));
        await client.invalidateQueries({ queryKey: keys.call(call.id) });
      }),
    cancel: () => action.mutate(() => api.cancel(call.id)),
    remove: () =>
      action.mutate(async () => {
        await api.remove(call.id);
        // Away from the page first: what it shows is gone.
        await navigate("/");
        client.removeQueries({ queryKey: keys.call(call.id) });
        void client.invalidateQueries({ queryKey: keys.lists });
      }),
    busy: action.isPending,
    error: action.error,
  };
}

/** Nothing for what failed: the server knows. Else the first stage without a result, else the first of all. */
function startOfRetry(call: Call): StageName | "" {
  if (!hasEnded(call.state) || call.stages.some((stage) => stage.state === "failed")) return "";
  return call.stages.find((stage) => stage.state !== "finished" && stage.state !== "skipped")?.name ?? "decode";
}
