import { useState } from "react";

/** A switch that is remembered in this browser. */
export function useStoredFlag(name: string, initial: boolean): [boolean, (value: boolean) => void] {
  const [value, setValue] = useState(() => {
    const stored = localStorage.getItem(name);
    return stored === null ? initial : stored === "1";
  });
  return [
    value,
    (next) => {
      localStorage.setItem(name, next ? "1" : "0");
      setValue(next);
    },
  ];
}
