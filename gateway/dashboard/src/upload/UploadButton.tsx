import { useRef } from "react";
import { useText } from "../i18n/I18n";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import styles from "./UploadButton.module.css";
import { useUploads } from "./Uploads";

/** Chooses files and uploads them. */
export function UploadButton() {
  const { text } = useText();
  const { add } = useUploads();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        kind="primary"
        icon={<Icon name="upload" />}
        className={styles.button}
        onClick={() => input.current?.click()}
      >
        <span className={styles.name}>{text.upload.button}</span>
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        // Video too: recorders store calls in containers that systems take for video.
        accept="audio/*,video/*,.wav,.mp3,.ogg,.opus,.m4a,.amr,.gsm,.wma,.flac,.au"
        hidden
        data-testid="upload-input"
        onChange={(event) => {
          add(Array.from(event.target.files ?? []));
          event.target.value = "";
        }}
      />
    </>
  );
}
