import { useText } from "../../i18n/I18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import styles from "./TranscriptSearch.module.css";

interface Props {
  query: string;
  onQuery: (query: string) => void;
  count: number;
  chosen: number;
  onMove: (match: number) => void;
}

export function TranscriptSearch({ query, onQuery, count, chosen, onMove }: Props) {
  const { text } = useText();
  return (
    <search className={`${styles.search} no-print`}>
      <input
        type="search"
        className={styles.input}
        value={query}
        aria-label={text.transcript.search}
        placeholder={text.transcript.search}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || count === 0) return;
          event.preventDefault();
          onMove(chosen + (event.shiftKey ? -1 : 1));
        }}
      />
      <span role="status" className={styles.count}>
        {query.trim() && (count > 0 ? text.transcript.matches(chosen + 1, count) : text.transcript.noMatch)}
      </span>
      {count > 0 && (
        <>
          <Button kind="quiet" icon={<Icon name="up" />} iconOnly onClick={() => onMove(chosen - 1)}>
            {text.transcript.previous}
          </Button>
          <Button kind="quiet" icon={<Icon name="down" />} iconOnly onClick={() => onMove(chosen + 1)}>
            {text.transcript.next}
          </Button>
        </>
      )}
    </search>
  );
}
