import { type CallState, EMOTIONS, type Emotion } from "../api/types";
import { useText } from "../i18n/I18n";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import styles from "./ActiveFilters.module.css";
import { starsText } from "./FilterPanel";
import { FILTERS, type FilterName, startOfDay } from "./filters";
import { useFilters } from "./useFilters";

/** The filters that are set, each removable. */
export function ActiveFilters() {
  const { text } = useText();
  const { filters, set, clear } = useFilters();
  const describe = useDescription();
  const active = FILTERS.filter((name) => filters[name]);
  if (active.length === 0) return null;
  return (
    <ul className={styles.active}>
      {active.map((name) => {
        const words = describe(name, filters[name] ?? "");
        return (
          <li key={name}>
            <button
              type="button"
              className={styles.chip}
              onClick={() => set(name, "")}
              aria-label={text.calls.remove(words)}
              data-filter={name}
            >
              {words}
              <Icon name="close" size={12} />
            </button>
          </li>
        );
      })}
      <li>
        <Button kind="quiet" onClick={clear}>
          {text.calls.clear}
        </Button>
      </li>
    </ul>
  );
}

function useDescription(): (name: FilterName, value: string) => string {
  const { text, format, topic, subtopic } = useText();
  const { filters } = useFilters();
  const value = (name: FilterName, raw: string): string => {
    switch (name) {
      case "state":
        return text.callState[raw as CallState] ?? raw;
      case "topic":
        return topic(raw);
      case "subtopic":
        return subtopic(filters.topic ?? "", raw);
      case "quality":
        return raw === "good" || raw === "poor" ? text.quality[raw] : raw;
      case "stars":
        return starsText(text, raw);
      case "trend_start":
      case "trend_end":
        return EMOTIONS.includes(raw as Emotion) ? text.emotion[raw as Emotion] : raw;
      case "from":
      case "to":
        return startOfDay(raw) ? format.day(raw) : raw;
      case "text":
        return `“${raw}”`;
    }
  };
  return (name, raw) => `${text.calls.filter[name]}: ${value(name, raw)}`;
}
