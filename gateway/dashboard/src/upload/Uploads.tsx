import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useReducer, useRef } from "react";
import { type Upload, upload } from "../api/client";
import type { Submitted } from "../api/types";
import { useText } from "../i18n/I18n";
import { useErrorText } from "../ui/Notice";
import { type Item, reduce } from "./items";

const AT_ONCE = 2;

interface Uploads {
  items: Item[];
  add: (files: Iterable<File>) => void;
  abort: (key: number) => void;
  again: (key: number) => void;
  clear: () => void;
}

const UploadsContext = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const value = useContext(UploadsContext);
  if (!value) throw new Error("useUploads outside of UploadsProvider");
  return value;
}

/** Sends files a few at a time, and goes on while the viewer moves between pages. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const { text } = useText();
  const inWords = useErrorText();
  const [items, dispatch] = useReducer(reduce, []);
  const files = useRef(new Map<number, File>());
  const running = useRef(new Map<number, Upload>());
  const nextKey = useRef(0);

  const add = useCallback((chosen: Iterable<File>) => {
    for (const file of chosen) {
      const key = nextKey.current++;
      files.current.set(key, file);
      dispatch({ kind: "added", key, name: file.name });
    }
  }, []);

  useEffect(() => {
    const free = AT_ONCE - running.current.size;
    for (const { key } of items.filter((item) => item.state === "waiting").slice(0, Math.max(0, free))) {
      const file = files.current.get(key);
      if (!file || running.current.has(key)) continue;
      if (file.size === 0) {
        dispatch({ kind: "failed", key, reason: text.upload.empty });
        continue;
      }
      const sending = upload(file, (share) => dispatch({ kind: "sent", key, share }));
      running.current.set(key, sending);
      dispatch({ kind: "sent", key, share: 0 });
      sending.done
        .then((submitted: Submitted) => {
          files.current.delete(key);
          dispatch({ kind: "accepted", key, callId: submitted.call_id, known: submitted.already_known });
        })
        .catch((error: Error) => {
          if (error.name === "AbortError") dispatch({ kind: "removed", key });
          else dispatch({ kind: "failed", key, reason: inWords(error) });
        })
        .finally(() => running.current.delete(key));
    }
  }, [items, text, inWords]);

  const value = useMemo<Uploads>(
    () => ({
      items,
      add,
      abort: (key) => {
        const sending = running.current.get(key);
        if (sending) sending.abort();
        else dispatch({ kind: "removed", key });
      },
      again: (key) => dispatch({ kind: "again", key }),
      clear: () => dispatch({ kind: "cleared" }),
    }),
    [items, add],
  );
  return <UploadsContext value={value}>{children}</UploadsContext>;
}
