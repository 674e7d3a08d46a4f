import { useEffect, useState } from "react";
import { Link } from "react-router";
import { useText } from "../i18n/I18n";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import type { Item } from "./items";
import { useUploads } from "./Uploads";
import styles from "./UploadTray.module.css";

const PATIENCE_MS = 4000;

/** The uploads of this visit: progress, outcome and reason of each. */
export function UploadTray() {
  const { text } = useText();
  const { items, clear } = useUploads();
  const [open, setOpen] = useState(true);
  const done = items.filter((item) => item.state !== "waiting" && item.state !== "sending").length;
  const underWay = items.length - done;
  const failed = items.some((item) => item.state === "failed");
  useEffect(() => {
    if (underWay > 0) setOpen(true);
    if (underWay > 0 || failed) return;
    // All is well and the list shows the calls: the tray gets out of the way.
    const timer = setTimeout(() => setOpen(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [underWay, failed]);
  if (items.length === 0) return null;
  return (
    <section className={`${styles.tray} no-print`} aria-label={text.upload.title}>
      <div className={styles.head}>
        <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? "down" : "up"} />
          <span className={styles.title}>{text.upload.title}</span>
          <span className={styles.count}>{text.upload.summary(done, items.length)}</span>
        </button>
        <Button kind="quiet" icon={<Icon name="close" />} iconOnly disabled={done === 0} onClick={clear}>
          {text.upload.clear}
        </Button>
      </div>
      {open && (
        <ul className={styles.items}>
          {items.map((item) => (
            <Row key={item.key} item={item} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ item }: { item: Item }) {
  const { text, format } = useText();
  const { abort, again } = useUploads();
  const underWay = item.state === "waiting" || item.state === "sending";
  return (
    <li className={styles.row} data-upload-state={item.state}>
      <div className={styles.line}>
        {item.callId ? (
          <Link to={`/calls/${item.callId}`} className={styles.name}>
            {item.name}
          </Link>
        ) : (
          <span className={styles.name}>{item.name}</span>
        )}
        {underWay && (
          <Button kind="quiet" icon={<Icon name="close" />} iconOnly onClick={() => abort(item.key)}>
            {text.upload.abort(item.name)}
          </Button>
        )}
        {item.state === "failed" && (
          <Button kind="quiet" icon={<Icon name="retry" />} iconOnly onClick={() => again(item.key)}>
            {text.upload.again(item.name)}
          </Button>
        )}
      </div>
      {item.state === "sending" && (
        <progress className={styles.bar} value={item.share} max={1} aria-label={item.name} />
      )}
      <p className={styles[item.state]}>
        <Outcome item={item} percent={format.percent(item.share)} />
      </p>
    </li>
  );
}

function Outcome({ item, percent }: { item: Item; percent: string }) {
  const { text } = useText();
  switch (item.state) {
    case "waiting":
      return text.upload.waiting;
    case "sending":
      return item.share < 1 ? `${text.upload.sending} · ${percent}` : text.upload.checking;
    case "accepted":
      return text.upload.accepted;
    case "known":
      return text.upload.known;
    case "failed":
      return `${text.upload.failed}: ${item.reason}`;
  }
}
