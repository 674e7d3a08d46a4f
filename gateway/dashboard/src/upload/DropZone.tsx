import { useEffect, useState } from "react";
import { useText } from "../i18n/I18n";
import { Icon } from "../ui/Icon";
import styles from "./DropZone.module.css";
import { useUploads } from "./Uploads";

/** Takes files that are dropped anywhere on the page. */
export function DropZone() {
  const { text } = useText();
  const { add } = useUploads();
  const [over, setOver] = useState(false);

  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(false);
      add(Array.from(event.dataTransfer?.files ?? []));
    };
    window.addEventListener("dragover", onOver);
    window.addEventListener("dragleave", onLeave);
    window.addEventListener("drop", onDrop);
    return () => {
      window.removeEventListener("dragover", onOver);
      window.removeEventListener("dragleave", onLeave);
      window.removeEventListener("drop", onDrop);
    };
  }, [add]);

  if (!over) return null;
  return (
    <div className={styles.zone}>
      <div className={styles.card}>
        <Icon name="upload" size={32} />
        <p className={styles.title}>{text.upload.drop}</p>
        <p>{text.upload.dropHint}</p>
      </div>
    </div>
  );
}
