import type { Call } from "../../api/types";
import { useText } from "../../i18n/I18n";
import { Section } from "../../ui/Section";
import { TrendMark } from "../../ui/TrendMark";
import { Pending } from "../Pending";
import styles from "./SummaryPanel.module.css";

export function SummaryPanel({ call }: { call: Call }) {
  const { text } = useText();
  return (
    <Section name="summary" title={text.summary.title}>
      {call.summary ? (
        <p className={styles.summary} lang={call.language ?? "az"} data-testid="summary">
          {call.summary}
        </p>
      ) : (
        <Pending call={call} stage="summarize" empty={text.summary.empty} />
      )}
      {call.trend?.start && (
        <p className={styles.trend}>
          <span>{text.role.customer}</span>
          <TrendMark trend={call.trend} named />
        </p>
      )}
    </Section>
  );
}
