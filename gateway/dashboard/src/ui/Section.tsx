import { type ReactNode, useId } from "react";
import { Icon } from "./Icon";
import styles from "./Section.module.css";
import { useStoredFlag } from "./useStored";

interface Props {
  /** Name under which this browser remembers whether it is open. */
  name: string;
  title: string;
  /** Beside the title; stays in view when the section is closed. */
  aside?: ReactNode;
  children: ReactNode;
  className?: string | undefined;
}

/** A part of a page that closes and stays closed. Printing shows it all the same. */
export function Section({ name, title, aside, children, className }: Props) {
  const [open, setOpen] = useStoredFlag(`section.${name}`, true);
  const id = useId();
  return (
    <section className={`${styles.section} ${className ?? ""}`} aria-labelledby={`${id}-title`} data-section={name}>
      <div className={styles.head}>
        <h2 className={styles.title}>
          <button
            type="button"
            id={`${id}-title`}
            className={styles.toggle}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <span className={open ? styles.opened : styles.closed}>
              <Icon name="chevron" size={14} />
            </span>
            {title}
          </button>
        </h2>
        {aside && <div className={styles.aside}>{aside}</div>}
      </div>
      <div id={id} className={styles.body} hidden={!open}>
        {children}
      </div>
    </section>
  );
}
