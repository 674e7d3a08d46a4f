import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { urls } from "../../api/client";
import { Playback, type Snapshot } from "./Playback";

const PlaybackContext = createContext<Playback | null>(null);

/** The sound of the call on this page. */
export function usePlayback(): Playback {
  const value = useContext(PlaybackContext);
  if (!value) throw new Error("usePlayback outside of PlaybackProvider");
  return value;
}

/** A part of what is played now; renders again only when the part changes. */
export function usePlaybackValue<T extends string | number | boolean>(select: (snapshot: Snapshot) => T): T {
  const playback = usePlayback();
  return useSyncExternalStore(playback.subscribe, () => select(playback.read()));
}

interface Props {
  callId: string;
  durationMs: number | null;
  children: ReactNode;
}

export function PlaybackProvider({ callId, durationMs, children }: Props) {
  const playback = useMemo(() => new Playback(urls.audio(callId), null), [callId]);
  useEffect(() => playback.connect(), [playback]);
  useEffect(() => playback.setDuration(durationMs), [playback, durationMs]);
  return <PlaybackContext value={playback}>{children}</PlaybackContext>;
}
