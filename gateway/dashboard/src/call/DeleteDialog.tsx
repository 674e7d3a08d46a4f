import { type RefObject, useId } from "react";
import { useText } from "../i18n/I18n";
import { Button } from "../ui/Button";
import styles from "./DeleteDialog.module.css";

interface Props {
  ref: RefObject<HTMLDialogElement | null>;
  fileName: string;
  onConfirm: () => void;
  busy: boolean;
}

export function DeleteDialog({ ref, fileName, onConfirm, busy }: Props) {
  const { text } = useText();
  const id = useId();
  return (
    <dialog ref={ref} className={styles.dialog} aria-labelledby={`${id}-title`} aria-describedby={`${id}-text`}>
      <h2 id={`${id}-title`}>{text.call.removeTitle}</h2>
      <p id={`${id}-text`} className={styles.text}>
        {text.call.removeText(fileName)}
      </p>
      <div className={styles.buttons}>
        <Button onClick={() => ref.current?.close()}>{text.cancel}</Button>
        <Button kind="danger" disabled={busy} onClick={onConfirm} data-testid="confirm-delete">
          {text.call.removeConfirm}
        </Button>
      </div>
    </dialog>
  );
}
