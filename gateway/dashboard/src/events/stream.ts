/** The stream of events, opened again whenever it breaks, from where it broke. */
import { urls } from "../api/client";
import type { CallEvent } from "../api/types";

export type Connection = "connecting" | "live" | "lost";

const RECONNECT_MS = 2000;

/** A page that nobody sees gives its connection back: browsers allow six to a server, over all of its pages. */
const HIDDEN_MS = 10_000;

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
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: number | null = null;

  const close = () => {
    source?.close();
    source = null;
  };
  const open = () => {
    // A page that is opened in the background begins when it is looked at.
    if (document.hidden) return;
    const opened = new EventSource(urls.events(last));
    source = opened;
    opened.onopen = () => {
      listener.onConnection("live");
      listener.onOpen();
    };
    opened.addEventListener("call", (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as CallEvent;
      last = event.sequence;
      listener.onEvent(event);
    });
    opened.addEventListener("reset", () => {
      last = null;
      listener.onReset();
    });
    opened.onerror = () => {
      listener.onConnection("lost");
      // A broken connection is taken up again by the browser, with Last-Event-ID; an answer that is an error is not.
      if (opened.readyState !== EventSource.CLOSED) return;
      close();
      later(open, RECONNECT_MS);
    };
  };
  const later = (action: () => void, ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
  const onVisibility = () => {
    if (document.hidden) later(close, HIDDEN_MS);
    else if (source) clearTimeout(timer);
    else later(open, 0);
  };

  document.addEventListener("visibilitychange", onVisibility);
  open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    clearTimeout(timer);
    close();
  };
}
