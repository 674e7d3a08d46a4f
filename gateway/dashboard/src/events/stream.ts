/** The stream of events, opened again whenever it breaks, from where it broke. */
import { urls } from "../api/client";
import type { CallEvent } from "../api/types";

export type Connection = "connecting" | "live" | "lost";

const RECONNECT_MS = 2000;

export interface Listener {
  /** What was asked before this moment may miss events that came before it. */
  onOpen: () => void;
  onEvent: (event: CallEvent) => void;
  /** The server does not know where this stream stood: nothing that the page holds can be trusted. */
  onReset: () => void;
  onConnection: (connection: Connection) => void;
}

/** Follows events until the returned function is called. */
export function followEvents(listener: Listener): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: number | null = null;

  const open = () => {
    source = new EventSource(urls.events(last));
    source.onopen = () => {
      listener.onConnection("live");
      listener.onOpen();
    };
    source.addEventListener("call", (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as CallEvent;
      last = event.sequence;
      listener.onEvent(event);
    });
    source.addEventListener("reset", () => {
      last = null;
      listener.onReset();
    });
    source.onerror = () => {
      listener.onConnection("lost");
      // A broken connection is taken up again by the browser, with Last-Event-ID; an answer that is an error is not.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, RECONNECT_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
