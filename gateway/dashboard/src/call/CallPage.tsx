import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { ApiError } from "../api/client";
import { callQuery } from "../api/queries";
import type { Call } from "../api/types";
import { useText } from "../i18n/I18n";
import { useTitle } from "../shell/useTitle";
import { ErrorNotice, Notice } from "../ui/Notice";
import { CallHeader } from "./CallHeader";
import styles from "./CallPage.module.css";
import { CallProblem } from "./CallProblem";
import { CallSkeleton } from "./CallSkeleton";
import { FilePanel } from "./panels/FilePanel";
import { QualityPanel } from "./panels/QualityPanel";
import { SummaryPanel } from "./panels/SummaryPanel";
import { TopicPanel } from "./panels/TopicPanel";
import { PlaybackProvider } from "./playback/PlaybackProvider";
import { Player } from "./player/Player";
import { StagesPanel } from "./stages/StagesPanel";
import { Transcript } from "./transcript/Transcript";

/** One call: what was found out at the top, then the sound with its transcript, then how it was made. */
export function CallPage() {
  const { id = "" } = useParams();
  const { text } = useText();
  const call = useQuery(callQuery(id));
  useTitle(call.data?.recording.file_name ?? text.calls.title);
  const gone = call.error instanceof ApiError && call.error.status === 404;
  if (gone) {
    return (
      <Notice wholePage title={text.call.notFound} actions={<Link to="/">{text.call.back}</Link>}>
        {text.call.notFoundHint}
      </Notice>
    );
  }
  if (call.data) return <Loaded key={id} call={call.data} />;
  if (call.isError) {
    return <ErrorNotice wholePage title={text.call.failed} error={call.error} onRetry={() => void call.refetch()} />;
  }
  return <CallSkeleton />;
}

function Loaded({ call }: { call: Call }) {
  const analysed = call.state !== "rejected" || call.turns.length > 0;
  return (
    <PlaybackProvider callId={call.id} durationMs={call.recording.duration_ms}>
      <article className={styles.call} data-call-state={call.state}>
        <CallHeader call={call} />
        <CallProblem call={call} />
        {analysed && (
          <div className={styles.findings}>
            <SummaryPanel call={call} />
            <QualityPanel call={call} />
            <TopicPanel call={call} />
          </div>
        )}
        <Player call={call} />
        <div className={styles.body}>
          {analysed && <Transcript call={call} />}
          <div className={styles.side}>
            <StagesPanel call={call} />
            <FilePanel call={call} />
          </div>
        </div>
      </article>
    </PlaybackProvider>
  );
}
