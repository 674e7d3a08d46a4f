import { useText } from "../i18n/I18n";
import { Skeleton } from "../ui/Skeleton";
import styles from "./CallSkeleton.module.css";

export function CallSkeleton() {
  const { text } = useText();
  return (
    <div className={styles.skeleton} role="status">
      <h1 className="visually-hidden">{text.call.loading}</h1>
      {[2, 4, 3, 8].map((lines) => (
        <div key={lines} className={styles.block}>
          <Skeleton lines={lines} />
        </div>
      ))}
    </div>
  );
}
