import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { flushSync } from "react-dom";

export type Choice = "system" | "light" | "dark";
export type Theme = "light" | "dark";

const STORED = "theme";

interface ThemeValue {
  choice: Choice;
  setChoice: (choice: Choice) => void;
  /** What is shown: the choice, or the system's where the choice is the system's; paper is always light. */
  theme: Theme;
}

const ThemeContext = createContext<ThemeValue | null>(null);

export function useTheme(): ThemeValue {
  const value = useContext(ThemeContext);
  if (!value) throw new Error("useTheme outside of ThemeProvider");
  return value;
}

/** Whether a media query holds; paper is asked for and printed at once, so that the answer cannot wait. */
function useMedia(query: string): boolean {
  const [media] = useState(() => matchMedia(query));
  const [matches, setMatches] = useState(media.matches);
  useEffect(() => {
    const change = () => flushSync(() => setMatches(media.matches));
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, [media]);
  return matches;
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<Choice>(initialChoice);
  const dark = useMedia("(prefers-color-scheme: dark)");
  const printing = useMedia("print");
  const wanted: Theme = choice === "system" ? (dark ? "dark" : "light") : choice;
  const theme = printing ? "light" : wanted;
  // During rendering, not after it: the first picture is in the right colours.
  document.documentElement.dataset.theme = theme;

  const value = useMemo<ThemeValue>(
    () => ({
      choice,
      theme,
      setChoice: (next) => {
        localStorage.setItem(STORED, next);
        setChoice(next);
      },
    }),
    [choice, theme],
  );
  return <ThemeContext value={value}>{children}</ThemeContext>;
}

function initialChoice(): Choice {
  const stored = localStorage.getItem(STORED);
  return stored === "light" || stored === "dark" ? stored : "system";
}
