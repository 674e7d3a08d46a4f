import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./Button.module.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "plain" | "primary" | "danger" | "quiet";
  icon?: ReactNode;
  /** Shows the icon alone; the children name the button. */
  iconOnly?: boolean;
}

export function Button({ kind = "plain", icon, iconOnly = false, children, className, ...others }: Props) {
  const names = [styles.button, styles[kind], iconOnly && styles.iconOnly, className].filter(Boolean).join(" ");
  return (
    <button type="button" className={names} {...others}>
      {icon}
      {iconOnly ? <span className="visually-hidden">{children}</span> : children}
    </button>
  );
}
