import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Overview } from "../api/types";
import { useText } from "../i18n/I18n";
import styles from "./Figures.module.css";
import { callsOf } from "./links";
import type { Period } from "./period";

const MS_PER_MINUTE = 60_000;

/** The figures that are read first. */
export function Figures({ overview, period }: { overview: Overview; period: Period }) {
  const { text, format } = useText();
  const { call_count, duration_ms, rated_count, poor_count, stars, states } = overview;
  const running = states.queued + states.running;
  const sum = stars.reduce((total, count, index) => total + count * (index + 1), 0);
  return (
    <ul className={styles.figures}>
      <Figure name={text.overview.calls} to={callsOf(period)} id="calls" value={format.number(call_count)}>
        {running > 0 && (
          <Link to={callsOf(period, { state: states.running > 0 ? "running" : "queued" })}>
            {format.number(running)} {text.overview.running}
          </Link>
        )}
      </Figure>
      <Figure
        name={text.overview.minutes}
        to={callsOf(period, { order: "longest" })}
        id="minutes"
        value={format.number(Math.round(duration_ms / MS_PER_MINUTE))}
      />
      <Figure
        name={text.overview.poorShare}
        to={callsOf(period, { quality: "poor" })}
        id="poor"
        value={rated_count > 0 ? format.percent(poor_count / rated_count) : text.none}
      >
        {rated_count > 0 && text.overview.poorOf(format.number(poor_count), format.number(rated_count))}
      </Figure>
      <Figure
        name={text.overview.meanStars}
        to={callsOf(period, { order: "fewest_stars" })}
        id="stars"
        value={rated_count > 0 ? format.decimal(sum / rated_count) : text.none}
      >
        {rated_count > 0 && text.overview.meanOf}
      </Figure>
      <Figure
        name={text.overview.attention}
        to={callsOf(period, { state: states.partial > 0 ? "partial" : "rejected" })}
        id="attention"
        value={format.number(states.partial + states.rejected)}
      >
        <Link to={callsOf(period, { state: "partial" })}>
          {format.number(states.partial)} {text.callState.partial.toLocaleLowerCase(text.tag)}
        </Link>
        {" · "}
        <Link to={callsOf(period, { state: "rejected" })}>
          {format.number(states.rejected)} {text.callState.rejected.toLocaleLowerCase(text.tag)}
        </Link>
      </Figure>
    </ul>
  );
}

interface FigureProps {
  name: string;
  value: string;
  to: string;
  id: string;
  children?: ReactNode;
}

function Figure({ name, value, to, id, children }: FigureProps) {
  return (
    <li className={styles.figure}>
      <Link to={to} className={styles.main}>
        <span className={styles.name}>{name}</span>
        <span className={styles.value} data-figure={id}>
          {value}
        </span>
      </Link>
      <p className={styles.note}>{children}</p>
    </li>
  );
}
