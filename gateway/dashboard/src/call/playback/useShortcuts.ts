import { useEffect } from "react";
import { SKIP_MS } from "./Playback";
import { usePlayback } from "./PlaybackProvider";

const TYPING = "input, textarea, select, [contenteditable], dialog[open], [role=menu]";
const PRESSABLE = "button, a, summary";

/** Plays by keyboard, unless the key means something where the focus is. */
export function useShortcuts(enabled: boolean): void {
  const playback = usePlayback();
  useEffect(() => {
    if (!enabled) return;
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target?.closest(TYPING)) return;
      switch (event.key) {
        case " ":
          if (target?.closest(PRESSABLE)) return;
          playback.toggle();
          break;
        case "k":
        case "K":
          playback.toggle();
          break;
        case "j":
        case "J":
        case "ArrowLeft":
          playback.skip(-SKIP_MS);
          break;
        case "l":
        case "L":
        case "ArrowRight":
          playback.skip(SKIP_MS);
          break;
        default:
          return;
      }
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [enabled, playback]);
}
