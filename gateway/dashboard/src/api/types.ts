/** The gateway's JSON. Unknown is null; times are RFC 3339 in UTC; `_ms` counts from the start of the call. */

export const CALL_STATES = ["queued", "running", "completed", "partial", "rejected", "cancelled"] as const;
export type CallState = (typeof CALL_STATES)[number];

export type StageState = "queued" | "running" | "finished" | "failed" | "skipped";

export const EMOTIONS = ["happy", "neutral", "sad", "angry"] as const;
export type Emotion = (typeof EMOTIONS)[number];

export type Role = "operator" | "customer";

export const STAGES = [
  "decode",
  "diarize",
  "asr",
  "turns",
  "roles",
  "emotion",
  "summarize",
  "topics",
  "quality",
] as const;
export type StageName = (typeof STAGES)[number];

export interface Model {
  id: string;
  /** Empty for a model that is a folder of the installation. */
  revision: string;
  digest: string;
  architecture: string;
  profile: string;
  device: string;
  software_version: string;
}

export interface Stage {
  name: StageName;
  state: StageState;
  /** Share that is done, 0 to 1. */
  progress: number;
  /** Why it failed, was skipped or waits; else empty. */
  reason: string;
  start_time: string | null;
  end_time: string | null;
  model: Model | null;
  attempt_count: number;
  needs: StageName[];
}

export interface Recording {
  file_name: string;
  size_bytes: number;
  sha256: string;
  media_type: string | null;
  codec: string | null;
  sample_rate_hz: number | null;
  channel_count: number | null;
  duration_ms: number | null;
  party_per_channel: boolean;
}

export interface Word {
  text: string;
  start_ms: number;
  end_ms: number;
  /** That the word is right, 0 to 1. */
  probability: number;
  channel: number;
}

export interface Turn {
  index: number;
  speaker: string;
  start_ms: number;
  end_ms: number;
  /** Empty: speech that was not understood. */
  text: string;
  words: Word[];
  role: Role | null;
  emotion: Emotion | null;
  emotion_scores: { emotion: Emotion; score: number }[];
  channel: number;
}

export interface Speaker {
  name: string;
  role: Role | null;
  role_confidence: number | null;
  speech_ms: number;
}

export interface TrendPoint {
  time_ms: number;
  emotion: Emotion;
  /** -1 (bad) to 1 (good). */
  valence: number;
}

export interface Trend {
  start: Emotion | null;
  end: Emotion | null;
  description: string;
  points: TrendPoint[];
}

export interface Score {
  label: string;
  score: number;
}

export interface Topic {
  topic: string;
  subtopic: string;
  /** All, most probable first. */
  topics: Score[];
  subtopics: Score[];
}

export interface Quality {
  label: "good" | "poor";
  /** 1 to 5. */
  stars: number;
  /** Probability of 1, 2, 3, 4 and 5 stars. */
  distribution: number[];
}

export interface ListedCall {
  id: string;
  state: CallState;
  error: string;
  recording: Recording;
  create_time: string;
  end_time: string | null;
  stages: Stage[];
  speakers: Speaker[];
  trend: Trend | null;
  summary: string | null;
  topic: Topic | null;
  quality: Quality | null;
  /** Number of the last event that this answer knows of. */
  sequence: number;
  language: string | null;
}

export interface Call extends ListedCall {
  turns: Turn[];
}

export interface CallPage {
  calls: ListedCall[];
  next_page_token: string | null;
  total_count: number;
}

export interface Waveform {
  points_per_second: number;
  duration_ms: number;
  /** Peaks from 0 to 1, a row a channel. */
  channels: number[][];
}

export interface Submitted {
  file_name: string;
  call_id: string;
  already_known: boolean;
  location: string;
}

export interface Counted {
  call_count: number;
  poor_count: number;
}

export interface SubtopicCount extends Counted {
  subtopic: string;
}

export interface TopicCount extends Counted {
  topic: string;
  subtopics: SubtopicCount[];
}

export interface TrendCount {
  start: Emotion;
  end: Emotion;
  call_count: number;
}

export interface DayCount extends Counted {
  /** Day of the viewer's time zone, as 2026-11-24. */
  date: string;
  duration_ms: number;
}

export interface Overview {
  call_count: number;
  duration_ms: number;
  /** Calls with stars. */
  rated_count: number;
  poor_count: number;
  states: Record<CallState, number>;
  /** Calls with 1, 2, 3, 4 and 5 stars. */
  stars: number[];
  topics: TopicCount[];
  trends: TrendCount[];
  days: DayCount[];
}

export interface CallEvent {
  sequence: number;
  call_id: string;
  time: string;
  call_state: CallState;
  /** Null: the event is about the call as a whole. */
  stage: Stage | null;
  deleted: boolean;
  file_name: string;
}

/** RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  /** What to do about it. */
  action?: string;
}

export function hasEnded(state: CallState): boolean {
  return state !== "queued" && state !== "running";
}
