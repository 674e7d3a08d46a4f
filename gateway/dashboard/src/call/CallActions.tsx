import { useRef } from "react";
import { urls } from "../api/client";
import { type Call, hasEnded } from "../api/types";
import { useText } from "../i18n/I18n";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Menu, menuItem } from "../ui/Menu";
import { useErrorText } from "../ui/Notice";
import styles from "./CallActions.module.css";
import { DeleteDialog } from "./DeleteDialog";
import { useCallActions } from "./useCallActions";

export function CallActions({ call }: { call: Call }) {
  const { text } = useText();
  const { retry, cancel, remove, busy, error } = useCallActions(call);
  const inWords = useErrorText();
  const dialog = useRef<HTMLDialogElement>(null);
  const ended = hasEnded(call.state);
  const incomplete = call.state === "partial" || call.state === "cancelled";
  const exports = [
    [text.call.exportAudio, urls.download(call.id)],
    [text.call.exportText, urls.transcript(call.id, "txt")],
    [text.call.exportCsv, urls.transcript(call.id, "csv")],
    [text.call.exportSrt, urls.transcript(call.id, "srt")],
    [text.call.exportVtt, urls.transcript(call.id, "vtt")],
    [text.call.exportJson, urls.transcript(call.id, "json")],
  ] as const;
  return (
    <div className={`${styles.actions} no-print`}>
      {incomplete && (
        <Button kind="primary" icon={<Icon name="retry" />} disabled={busy} onClick={() => retry()} data-testid="retry">
          {text.call.retry}
        </Button>
      )}
      {!ended && (
        <Button icon={<Icon name="stop" />} disabled={busy} onClick={cancel}>
          {text.call.stop}
        </Button>
      )}
      <Menu label={text.call.export} icon={<Icon name="download" />}>
        {exports.map(([name, url]) => (
          <li key={url}>
            <a href={url} download className={menuItem}>
              {name}
            </a>
          </li>
        ))}
      </Menu>
      <Button icon={<Icon name="print" />} onClick={() => window.print()}>
        {text.call.print}
      </Button>
      {ended && !incomplete && (
        <Button icon={<Icon name="retry" />} disabled={busy} onClick={() => retry()}>
          {text.call.retryAll}
        </Button>
      )}
      <Button icon={<Icon name="trash" />} onClick={() => dialog.current?.showModal()} data-testid="delete">
        {text.call.remove}
      </Button>
      <DeleteDialog ref={dialog} fileName={call.recording.file_name} onConfirm={remove} busy={busy} />
      {error && (
        <p role="alert" className={styles.error}>
          {text.call.actionFailed}: {inWords(error)}
        </p>
      )}
    </div>
  );
}
