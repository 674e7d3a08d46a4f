import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

export type Choice = "system" | "light" | "dark";
export type Theme = "light" | "dark";

const STORED = "theme";

interface ThemeValue {
  choice: Choice;
  setChoice: (choice: Choice) => void;
  /** What is shown: the choice, or the system's where the choice is the system's. */
  theme: Theme;
}

const ThemeContext = createContext<ThemeValue | null>(null);

export function useTheme(): ThemeValue {
  const value = useContext(ThemeContext);
  if (!value) throw new Error("useTheme outside of ThemeProvider");
  return value;
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<Choice>(initialChoice);
  const [dark, setDark] = useState(systemIsDark.matches);
  const theme: Theme = choice === "system" ? (dark ? "dark" : "light") : choice;

  useEffect(() => {
    const change = (event: MediaQueryListEvent) => setDark(event.matches);
    systemIsDark.addEventListener("change", change);
    return () => systemIsDark.removeEventListener("change", change);
  }, []);
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
