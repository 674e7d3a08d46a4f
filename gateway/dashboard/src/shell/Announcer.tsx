import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const AnnounceContext = createContext<(message: string) => void>(() => {});

/** Says a sentence to screen readers, after what they are saying. */
export const useAnnounce = () => useContext(AnnounceContext);

export function Announcer({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState("");
  const announce = useCallback((next: string) => setMessage(next), []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <output className="visually-hidden" aria-live="polite" data-testid="announcements">
        {message}
      </output>
    </AnnounceContext>
  );
}
