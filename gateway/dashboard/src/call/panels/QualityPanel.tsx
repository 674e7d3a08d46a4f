import type { Call } from "../../api/types";
import { useText } from "../../i18n/I18n";
import { Bars } from "../../ui/Bars";
import { Section } from "../../ui/Section";
import { Stars } from "../../ui/Stars";
import { Pending } from "../Pending";
import styles from "./QualityPanel.module.css";

export function QualityPanel({ call }: { call: Call }) {
  const { text } = useText();
  const { quality } = call;
  return (
    <Section name="quality" title={text.qualityPanel.title}>
      {quality ? (
        <div className={styles.quality} data-testid="quality">
          <p className={styles.verdict}>
            <span className={styles[quality.label]}>{text.quality[quality.label]}</span>
            <Stars stars={quality.stars} size={20} />
          </p>
          <Bars
            label={text.qualityPanel.distribution}
            items={[5, 4, 3, 2, 1].map((stars) => ({
              key: String(stars),
              label: text.starsShort(stars),
              share: quality.distribution[stars - 1] ?? 0,
              strong: stars === quality.stars,
            }))}
          />
        </div>
      ) : (
        <Pending call={call} stage="quality" empty={text.qualityPanel.empty} />
      )}
    </Section>
  );
}
