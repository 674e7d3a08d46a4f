import { useEffect, useState } from "react";
import { useConnection } from "../events/EventsProvider";
import { useText } from "../i18n/I18n";
import { Icon } from "../ui/Icon";
import styles from "./ConnectionBanner.module.css";

const PATIENCE_MS = 1500;

/** Says that the page may be out of date. A connection that is back at once is not worth a word. */
export function ConnectionBanner() {
  const { text } = useText();
  const lost = useConnection() === "lost";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <div role="status" className="no-print">
      {shown && (
        <p className={styles.banner}>
          <Icon name="warning" />
          {text.connection.lost}
        </p>
      )}
    </div>
  );
}
