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
}

/** What a page or a part of it says in place of content. */
export function Notice({ title, children, actions, alert = false }: Props) {
  return (
    <div className={styles.notice} role={alert ? "alert" : undefined}>
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.text}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

/** What went wrong, what to do about it, and a way to try again. */
export function ErrorNotice({ title, error, onRetry }: { title: string; error: Error; onRetry: () => void }) {
  const { text } = useText();
  const inWords = useErrorText();
  return (
    <Notice
      alert
      title={title}
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
