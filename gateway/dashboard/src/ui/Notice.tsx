import { type ReactNode, useCallback } from "react";
import { ApiError } from "../api/client";
import { useText } from "../i18n/I18n";
import { Button } from "./Button";
import { Icon } from "./Icon";
import styles from "./Notice.module.css";

interface Props {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  alert?: boolean;
  /** It is all that the page says: its title is the page's heading. */
  wholePage?: boolean;
}

/** What a page or a part of it says in place of content. */
export function Notice({ title, children, actions, alert = false, wholePage = false }: Props) {
  return (
    <div className={styles.notice} role={alert ? "alert" : undefined}>
      {wholePage ? <h1 className={styles.title}>{title}</h1> : <p className={styles.title}>{title}</p>}
      {children && <div className={styles.text}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

interface ErrorProps extends Pick<Props, "title" | "wholePage"> {
  error: Error;
  onRetry: () => void;
}

/** What went wrong, what to do about it, and a way to try again. */
export function ErrorNotice({ error, onRetry, ...notice }: ErrorProps) {
  const { text } = useText();
  const inWords = useErrorText();
  return (
    <Notice
      alert
      {...notice}
      actions={
        <Button icon={<Icon name="retry" />} onClick={onRetry}>
          {text.retry}
        </Button>
      }
    >
      {inWords(error)}
    </Notice>
  );
}

/** Tells an error in one sentence or two. */
export function useErrorText(): (error: Error) => string {
  const { text, reason } = useText();
  return useCallback(
    (error) => {
      if (!(error instanceof ApiError)) return error.message;
      if (error.isOffline) return text.upload.offline;
      return [error.message, error.action]
        .filter(Boolean)
        .map(reason)
        .map((words) => asSentence(words, text.tag))
        .join(" ");
    },
    [text, reason],
  );
}

function asSentence(words: string, language: string): string {
  const start = words.charAt(0).toLocaleUpperCase(language) + words.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}
