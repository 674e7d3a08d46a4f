import { useSearchParams } from "react-router";
import { useText } from "../i18n/I18n";
import { control, Field } from "../ui/Field";
import styles from "./PeriodPicker.module.css";
import { PERIODS, type Period } from "./period";

export function PeriodPicker({ period }: { period: Period }) {
  const { text } = useText();
  const [, setSearch] = useSearchParams();
  const setDay = (name: "from" | "to", day: string) => {
    const next = new URLSearchParams(location.search);
    if (day) next.set(name, day);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  return (
    <div className={styles.picker}>
      <fieldset className={styles.choices}>
        <legend className="visually-hidden">{text.overview.period}</legend>
        {PERIODS.map((name) => (
          <label key={name} className={styles.choice}>
            <input
              type="radio"
              name="period"
              className="visually-hidden"
              checked={name === period.name}
              onChange={() => {
                const dates = name === "custom" ? { from: period.from ?? "", to: period.to ?? "" } : {};
                setSearch({ period: name, ...dates });
              }}
            />
            {text.overview.periods[name]}
          </label>
        ))}
      </fieldset>
      {period.name === "custom" && (
        <div className={styles.dates}>
          {(["from", "to"] as const).map((name) => (
            <Field key={name} label={text.overview[name]}>
              <input
                type="date"
                className={control}
                value={period[name] ?? ""}
                onChange={(event) => setDay(name, event.target.value)}
              />
            </Field>
          ))}
        </div>
      )}
    </div>
  );
}
