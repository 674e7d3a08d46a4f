import { useState } from "react";
import { Link } from "react-router";
import type { Counted, TopicCount } from "../api/types";
import { useText } from "../i18n/I18n";
import { Icon } from "../ui/Icon";
import { callsOf } from "./links";
import { Panel } from "./Panel";
import type { Period } from "./period";
import styles from "./Topics.module.css";

/** Calls of each topic with the part that was served poorly; a topic opens into its subtopics. */
export function Topics({ topics, period }: { topics: TopicCount[]; period: Period }) {
  const { text } = useText();
  const highest = Math.max(1, ...topics.map((topic) => topic.call_count));
  return (
    <Panel size="large" title={text.overview.topics} hint={text.overview.topicsHint}>
      {topics.length === 0 ? (
        <p className={styles.nothing}>{text.overview.nothing}</p>
      ) : (
        <ul className={styles.topics}>
          {topics.map((topic) => (
            <TopicRow key={topic.topic} topic={topic} highest={highest} period={period} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function TopicRow({ topic, highest, period }: { topic: TopicCount; highest: number; period: Period }) {
  const { text, topic: topicName, subtopic: subtopicName } = useText();
  const [open, setOpen] = useState(false);
  const name = topicName(topic.topic);
  return (
    <li>
      <div className={styles.line}>
        <button
          type="button"
          className={styles.toggle}
          aria-expanded={open}
          aria-label={text.overview.expand(name)}
          onClick={() => setOpen(!open)}
        >
          <span className={open ? styles.opened : styles.closed}>
            <Icon name="chevron" size={14} />
          </span>
        </button>
        <Row name={name} counted={topic} highest={highest} to={callsOf(period, { topic: topic.topic })} />
      </div>
      {open && (
        <ul className={styles.subtopics}>
          {topic.subtopics.map((entry) => (
            <li key={entry.subtopic}>
              <Row
                name={subtopicName(topic.topic, entry.subtopic)}
                counted={entry}
                highest={highest}
                to={callsOf(period, { topic: topic.topic, subtopic: entry.subtopic })}
              />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Row({ name, counted, highest, to }: { name: string; counted: Counted; highest: number; to: string }) {
  const { text, format } = useText();
  const { call_count, poor_count } = counted;
  return (
    <Link to={to} className={styles.row}>
      <span className={styles.name}>{name}</span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.poor} style={{ inlineSize: `${(poor_count / highest) * 100}%` }} />
        <span className={styles.others} style={{ inlineSize: `${((call_count - poor_count) / highest) * 100}%` }} />
      </span>
      <span className={styles.count}>{format.number(call_count)}</span>
      <span className={styles.share}>{text.overview.poorPart(format.percent(poor_count / call_count))}</span>
    </Link>
  );
}
