import type { ReactNode } from "react";
import styles from "./Field.module.css";

/** A labelled control. */
export function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className={styles.field}>
      <span className={styles.label}>{label}</span>
      {children}
    </label>
  );
}

interface SelectProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly (readonly [value: string, label: string])[];
  labelHidden?: boolean;
}

export function Select({ label, value, onChange, options, labelHidden = false }: SelectProps) {
  return (
    <label className={styles.field}>
      <span className={labelHidden ? "visually-hidden" : styles.label}>{label}</span>
      <select className={styles.control} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

export const control = styles.control;
