import { Link } from "react-router";
import type { Call } from "../../api/types";
import { toSearch } from "../../calls/filters";
import { useText } from "../../i18n/I18n";
import { Bars } from "../../ui/Bars";
import { Section } from "../../ui/Section";
import { Pending } from "../Pending";
import styles from "./TopicPanel.module.css";

const SHOWN = 3;

export function TopicPanel({ call }: { call: Call }) {
  const { text, topic, subtopic } = useText();
  const found = call.topic;
  return (
    <Section name="topic" title={text.topic.title}>
      {found ? (
        <div className={styles.topic} data-testid="topic">
          <p className={styles.name}>
            <Link to={`/?${toSearch({ topic: found.topic })}`}>{topic(found.topic)}</Link>
            <span aria-hidden="true"> › </span>
            <Link to={`/?${toSearch({ topic: found.topic, subtopic: found.subtopic })}`}>
              {subtopic(found.topic, found.subtopic)}
            </Link>
          </p>
          <Bars
            label={text.topic.topics}
            items={found.topics.slice(0, SHOWN).map(({ label, score }, index) => ({
              key: label,
              label: topic(label),
              share: score,
              strong: index === 0,
            }))}
          />
          <Bars
            label={text.topic.subtopics}
            items={found.subtopics.slice(0, SHOWN).map(({ label, score }, index) => ({
              key: label,
              label: subtopic(found.topic, label),
              share: score,
              strong: index === 0,
            }))}
          />
        </div>
      ) : (
        <Pending call={call} stage="topics" empty={text.topic.empty} />
      )}
    </Section>
  );
}
