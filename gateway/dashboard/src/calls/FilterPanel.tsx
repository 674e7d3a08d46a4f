import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../api/queries";
import { CALL_STATES, EMOTIONS, type TopicCount } from "../api/types";
import { useText } from "../i18n/I18n";
import { control, Field, Select } from "../ui/Field";
import styles from "./FilterPanel.module.css";
import type { FilterName } from "./filters";
import { useFilters } from "./useFilters";

const STAR_CHOICES = ["5", "4-5", "4", "3", "2", "1-2", "1"];

/** A control for every filter; the topics are those that calls have. */
export function FilterPanel() {
  const { text, topic, subtopic } = useText();
  const { filters, set } = useFilters();
  const { data } = useQuery(overviewQuery(new URLSearchParams()));
  const topics: TopicCount[] = data?.topics ?? [];
  const chosen = topics.find((entry) => entry.topic === filters.topic);

  const choose = (name: FilterName, options: [string, string][]) => {
    const value = filters[name] ?? "";
    // A shared address may hold a value that no call has here: it stays visible.
    if (value && !options.some(([option]) => option === value)) options.push([value, value]);
    return (
      <Select
        label={text.calls.filter[name]}
        value={value}
        onChange={(next) => set(name, next)}
        options={[["", text.calls.any], ...options]}
      />
    );
  };

  return (
    <div className={styles.panel}>
      {choose(
        "state",
        CALL_STATES.map((state) => [state, text.callState[state]]),
      )}
      {choose(
        "topic",
        topics.map((entry) => [entry.topic, topic(entry.topic)]),
      )}
      {chosen &&
        choose(
          "subtopic",
          chosen.subtopics.map((entry) => [entry.subtopic, subtopic(chosen.topic, entry.subtopic)]),
        )}
      {choose("quality", [
        ["good", text.quality.good],
        ["poor", text.quality.poor],
      ])}
      {choose(
        "stars",
        STAR_CHOICES.map((choice) => [choice, starsText(text, choice)]),
      )}
      {choose(
        "trend_start",
        EMOTIONS.map((emotion) => [emotion, text.emotion[emotion]]),
      )}
      {choose(
        "trend_end",
        EMOTIONS.map((emotion) => [emotion, text.emotion[emotion]]),
      )}
      {(["from", "to"] as const).map((name) => (
        <Field key={name} label={text.calls.filter[name]}>
          <input
            type="date"
            className={control}
            value={filters[name] ?? ""}
            onChange={(event) => set(name, event.target.value)}
          />
        </Field>
      ))}
    </div>
  );
}

export function starsText(text: ReturnType<typeof useText>["text"], choice: string): string {
  if (choice === "4-5") return text.calls.starsAtLeast(4);
  if (choice === "1-2") return text.calls.starsAtMost(2);
  const [fewest, most] = choice.split("-");
  return most && most !== fewest ? choice : text.starsShort(Number(fewest));
}
