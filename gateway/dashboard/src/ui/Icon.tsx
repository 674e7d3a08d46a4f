/** Line icons, drawn for this page on a grid of 16. They say nothing to screen readers: names stand beside them. */

const paths = {
  upload: "M8 11V2.5M4.5 6 8 2.5 11.5 6M2.5 11v1.5a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1V11",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14",
  filter: "M2 4h12M4.5 8h7M6.5 12h3",
  close: "m3.5 3.5 9 9m0-9-9 9",
  chevron: "m6 3.5 4.5 4.5L6 12.5",
  down: "m3.5 6 4.5 4.5L12.5 6",
  up: "m3.5 10 4.5-4.5 4.5 4.5",
  back: "M13 8H3m4.5-4.5L3 8l4.5 4.5",
  arrow: "M2.5 8h11M9.5 4l4 4-4 4",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3.2H9.8",
  stop: "M4.5 4.5h7v7h-7z",
  trash: "M2.5 4.5h11M6.5 4.5V3h3v1.5M4 4.5l.6 8.5h6.8l.6-8.5M6.7 7v3.5M9.3 7v3.5",
  download: "M8 2.5V11M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11",
  print: "M4.5 6V2.5h7V6M4.5 11H3a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1h-1.5M4.5 9.5h7v4h-7z",
  volume: "M2.5 6v4H5l3.5 3V3L5 6H2.5ZM11 5.5a3.5 3.5 0 0 1 0 5M12.8 3.5a6.5 6.5 0 0 1 0 9",
  muted: "M2.5 6v4H5l3.5 3V3L5 6H2.5Zm9 0 3 4m0-4-3 4",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z",
  screen: "M2 3h12v8H2zM6 13.5h4",
  check: "m3 8.5 3.3 3.3L13 4.8",
  warning: "M8 2 1.5 13.5h13L8 2Zm0 4.5v3.3M8 11.6v.1",
  calls: "M3 5.5v5M6.3 3v10M9.7 5v6M13 6.8v2.4",
  overview: "M2.5 13.5h11M4 11V7M8 11V3M12 11V5.5",
  keyboard: "M1.5 4h13v8h-13zM4 6.6v.1M6.7 6.6v.1M9.3 6.6v.1M12 6.6v.1M4.8 9.4h6.4",
  follow: "M8 2v7m-3-3 3 3 3-3M3 13h10",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
