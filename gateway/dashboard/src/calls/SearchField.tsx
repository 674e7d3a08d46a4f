import { useEffect, useRef, useState } from "react";
import { useText } from "../i18n/I18n";
import { Icon } from "../ui/Icon";
import styles from "./SearchField.module.css";

const PAUSE_MS = 300;

/** A search that asks when the typing pauses. */
export function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { text } = useText();
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The address changed by other means: a link, a filter that was removed.
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <label className={styles.field}>
      <Icon name="search" />
      <span className="visually-hidden">{text.calls.search}</span>
      <input
        type="search"
        className={styles.input}
        value={typed}
        placeholder={text.calls.searchHint}
        onChange={(event) => {
          const next = event.target.value;
          setTyped(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(next), PAUSE_MS);
        }}
      />
    </label>
  );
}
