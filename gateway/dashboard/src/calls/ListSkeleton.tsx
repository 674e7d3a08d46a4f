import { useText } from "../i18n/I18n";
import { Skeleton } from "../ui/Skeleton";
import styles from "./CallList.module.css";

export function ListSkeleton() {
  const { text } = useText();
  return (
    <div className={styles.list} role="status">
      <span className="visually-hidden">{text.calls.loading}</span>
      {[0, 1, 2, 3, 4, 5].map((row) => (
        <div key={row} className={styles.waiting}>
          <Skeleton lines={2} />
        </div>
      ))}
    </div>
  );
}
