import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { usePlaybackValue } from "../playback/PlaybackProvider";

const SCROLL_KEYS = new Set(["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"]);

interface Following {
  list: RefObject<HTMLOListElement | null>;
  /** False once the viewer has scrolled away while it plays. */
  following: boolean;
  follow: () => void;
}

/** Keeps the turn that is played in view, until the viewer scrolls. */
export function useFollow(current: number): Following {
  const list = useRef<HTMLOListElement>(null);
  const playing = usePlaybackValue((now) => now.playing);
  const [away, setAway] = useState(false);

  useEffect(() => {
    if (!playing) {
      setAway(false);
      return;
    }
    const leave = () => setAway(true);
    const onKey = (event: KeyboardEvent) => {
      if (SCROLL_KEYS.has(event.key) && !event.defaultPrevented) setAway(true);
    };
    window.addEventListener("wheel", leave, { passive: true });
    window.addEventListener("touchmove", leave, { passive: true });
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("wheel", leave);
      window.removeEventListener("touchmove", leave);
      window.removeEventListener("keydown", onKey);
    };
  }, [playing]);

  const show = useCallback((index: number) => {
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    list.current?.children[index]?.scrollIntoView({ block: "nearest", behavior: smooth ? "smooth" : "auto" });
  }, []);

  useEffect(() => {
    if (playing && !away && current >= 0) show(current);
  }, [playing, away, current, show]);

  const follow = useCallback(() => setAway(false), []);
  return { list, following: !away, follow };
}
