import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { az } from "./az";
import { en, type Messages } from "./en";
import { type Format, makeFormat } from "./format";
import { reasonInWords } from "./reasons";
import { subtopicName, topicName } from "./topics";

export const LANGUAGES = { az: "Azərbaycanca", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = "language";

interface I18n {
  language: Language;
  setLanguage: (language: Language) => void;
  text: Messages;
  format: Format;
  topic: (topic: string) => string;
  subtopic: (topic: string, subtopic: string) => string;
  /** What the server says about a failure. */
  reason: (reason: string) => string;
}

const I18nContext = createContext<I18n | null>(null);

/** The texts and forms of the language that the viewer chose, else of the browser's. */
export function useText(): I18n {
  const value = useContext(I18nContext);
  if (!value) throw new Error("useText outside of I18nProvider");
  return value;
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(initialLanguage);
  const value = useMemo<I18n>(() => {
    const texts = language === "az" ? az : en;
    return {
      language,
      setLanguage: (next) => {
        localStorage.setItem(STORED, next);
        setLanguage(next);
      },
      text: texts,
      format: makeFormat(language),
      topic: (topic) => topicName(language, topic),
      subtopic: (topic, subtopic) => subtopicName(language, topic, subtopic),
      reason: (reason) => reasonInWords(texts, reason),
    };
  }, [language]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <I18nContext value={value}>{children}</I18nContext>;
}

function initialLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "az" || stored === "en") return stored;
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("az")) ? "az" : "en";
}
