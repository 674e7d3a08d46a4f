import type { Call } from "../../api/types";
import { clock } from "../../i18n/format";
import { useText } from "../../i18n/I18n";
import { Code, Facts } from "../../ui/Facts";
import { Section } from "../../ui/Section";
import styles from "./FilePanel.module.css";

/** Enough to tell models apart; the stage's details have the whole digest. */
const SHORT_DIGEST = 12;

/** The file, and which models made what stands on this page. */
export function FilePanel({ call }: { call: Call }) {
  const { text, format } = useText();
  const { recording } = call;
  const models = call.stages.filter((stage) => stage.model);
  const profiles = [...new Set(models.map((stage) => stage.model?.profile))].filter(Boolean);
  const channels = recording.channel_count;
  return (
    <Section name="file" title={text.file.title}>
      <Facts
        facts={[
          [text.file.name, recording.file_name],
          [text.file.size, format.bytes(recording.size_bytes)],
          [text.file.duration, recording.duration_ms !== null && clock(recording.duration_ms)],
          [text.file.type, recording.media_type],
          [text.file.codec, recording.codec],
          [text.file.sampleRate, recording.sample_rate_hz && format.hertz(recording.sample_rate_hz)],
          [
            text.file.channels,
            channels && (recording.party_per_channel ? `${channels}, ${text.file.onePerChannel}` : channels),
          ],
          [text.file.language, call.language && format.language(call.language)],
          [text.file.received, format.dateTime(call.create_time)],
          [text.file.ended, call.end_time && format.dateTime(call.end_time)],
          [text.file.profile, profiles.join(", ")],
          [text.file.id, <Code key="id">{call.id}</Code>],
          [text.file.sha256, <Code key="sha256">{recording.sha256}</Code>],
        ]}
      />
      {call.speakers.length > 0 && (
        <>
          <h3 className={styles.heading}>{text.file.speakers}</h3>
          <Facts
            facts={call.speakers.map((speaker) => [
              speaker.role ? text.role[speaker.role] : text.speaker(speaker.name),
              [
                clock(speaker.speech_ms),
                speaker.role_confidence !== null && text.file.roleSure(format.percent(speaker.role_confidence)),
              ]
                .filter(Boolean)
                .join(" · "),
            ])}
          />
        </>
      )}
      {models.length > 0 && (
        <>
          <h3 className={styles.heading}>{text.file.models}</h3>
          <ul className={styles.models}>
            {models.map(
              ({ name, model }) =>
                model && (
                  <li key={name}>
                    <span>{text.stage[name]}</span>
                    <span className={styles.model}>
                      {[model.id, model.revision, model.architecture].filter(Boolean).join(" · ")}
                    </span>
                    <span title={model.digest}>
                      <Code>{model.digest.slice(0, SHORT_DIGEST)}</Code>
                    </span>
                  </li>
                ),
            )}
          </ul>
        </>
      )}
    </Section>
  );
}
