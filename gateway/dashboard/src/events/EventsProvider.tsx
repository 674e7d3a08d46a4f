import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { hasEnded } from "../api/types";
import { useText } from "../i18n/I18n";
import { useAnnounce } from "../shell/Announcer";
import { EventCache } from "./cache";
import { type Connection, followEvents } from "./stream";

const ConnectionContext = createContext<Connection>("connecting");

/** Whether events arrive at the moment. */
export const useConnection = () => useContext(ConnectionContext);

/** Follows the events of all calls for as long as the page is open. */
export function EventsProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const announce = useAnnounce();
  const { text } = useText();
  const words = useRef(text);
  words.current = text;
  const [connection, setConnection] = useState<Connection>("connecting");

  useEffect(() => {
    const cache = new EventCache(client);
    const stop = followEvents({
      onOpen: () => cache.reload(),
      onReset: () => cache.reload(),
      onConnection: setConnection,
      onEvent: (event) => {
        cache.handle(event);
        // Ends only: a reader that hears every stage of every call hears nothing else.
        if (!event.stage && !event.deleted && hasEnded(event.call_state)) {
          announce(words.current.ended(event.file_name, words.current.callState[event.call_state]));
        }
      },
    });
    return () => {
      stop();
      cache.close();
    };
  }, [client, announce]);

  return <ConnectionContext value={connection}>{children}</ConnectionContext>;
}
