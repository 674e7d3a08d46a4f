import { useEffect } from "react";
import { useText } from "../i18n/I18n";

/** Names the page in the browser's tab. */
export function useTitle(title: string): void {
  const { text } = useText();
  useEffect(() => {
    document.title = `${title} · ${text.product}`;
  }, [title, text]);
}
