import { type ReactNode, useEffect, useRef } from "react";
import styles from "./Menu.module.css";

/** A button that opens a list of links or buttons; closes on Escape, on a choice, and on a click elsewhere. */
export function Menu({ label, icon, children }: { label: string; icon: ReactNode; children: ReactNode }) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = () => {
      if (details.current) details.current.open = false;
    };
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && !details.current?.contains(event.target)) close();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !details.current?.open) return;
      close();
      details.current.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", onPointer);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  return (
    <details ref={details} className={styles.menu}>
      <summary className={styles.button}>
        {icon}
        {label}
      </summary>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the items are buttons and links, whose clicks arrive here */}
      <ul
        className={styles.items}
        onClick={() => {
          if (details.current) details.current.open = false;
        }}
      >
        {children}
      </ul>
    </details>
  );
}

export const menuItem = styles.item;
