/** The sound of a call. One snapshot says everything; who listens is told whenever it changes. */

export interface Snapshot {
  playing: boolean;
  /** Where the call is played, in milliseconds from its start. */
  ms: number;
  rate: number;
  volume: number;
  muted: boolean;
  /** The browser cannot play this recording. */
  failed: boolean;
}

export const RATES = [0.75, 1, 1.25, 1.5, 2] as const;
export const SKIP_MS = 5000;

const RATE_STORED = "player.rate";
const VOLUME_STORED = "player.volume";

export class Playback {
  private readonly audio = new Audio();
  private readonly listeners = new Set<() => void>();
  private snapshot: Snapshot = {
    playing: false,
    ms: 0,
    rate: stored(RATE_STORED, 1, 0.25, 4),
    volume: stored(VOLUME_STORED, 1, 0, 1),
    muted: false,
    failed: false,
  };
  private frame = 0;

  /** @param durationMs Length of the call; null while it is not known. */
  constructor(
    private readonly url: string,
    private durationMs: number | null,
  ) {}

  /** Loads the sound; the returned function lets go of it. */
  connect(): () => void {
    const { audio } = this;
    audio.preload = "metadata";
    audio.src = this.url;
    audio.defaultPlaybackRate = this.snapshot.rate;
    audio.volume = this.snapshot.volume;
    const listen = new AbortController();
    const on = (event: string, change: () => Partial<Snapshot>) =>
      audio.addEventListener(event, () => this.change(change()), { signal: listen.signal });
    on("play", () => ({ playing: true }));
    on("pause", () => ({ playing: false, ms: this.position }));
    on("ended", () => ({ playing: false }));
    on("seeked", () => ({ ms: this.position }));
    on("timeupdate", () => ({ ms: this.position }));
    on("error", () => ({ failed: true, playing: false }));
    audio.addEventListener("play", () => this.tick(), { signal: listen.signal });
    return () => {
      listen.abort();
      cancelAnimationFrame(this.frame);
      audio.pause();
      audio.removeAttribute("src");
      audio.load();
      this.snapshot = { ...this.snapshot, playing: false };
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): Snapshot => this.snapshot;

  setDuration(durationMs: number | null): void {
    this.durationMs = durationMs;
  }

  play(): void {
    this.audio.play().catch((error: Error) => {
      // A pause that comes before the sound is loaded is no failure.
      if (error.name === "NotSupportedError") this.change({ failed: true });
    });
  }

  pause(): void {
    this.audio.pause();
  }

  toggle(): void {
    if (this.audio.paused) this.play();
    else this.pause();
  }

  seek(ms: number): void {
    const last = this.durationMs ?? Number.POSITIVE_INFINITY;
    const target = Math.min(Math.max(0, ms), last);
    this.audio.currentTime = target / 1000;
    this.change({ ms: target });
  }

  playFrom(ms: number): void {
    this.seek(ms);
    this.play();
  }

  skip(ms: number): void {
    this.seek(this.snapshot.ms + ms);
  }

  setRate(rate: number): void {
    this.audio.defaultPlaybackRate = rate;
    this.audio.playbackRate = rate;
    localStorage.setItem(RATE_STORED, String(rate));
    this.change({ rate });
  }

  setVolume(volume: number): void {
    this.audio.volume = volume;
    this.audio.muted = false;
    localStorage.setItem(VOLUME_STORED, String(volume));
    this.change({ volume, muted: false });
  }

  toggleMuted(): void {
    this.audio.muted = !this.audio.muted;
    this.change({ muted: this.audio.muted });
  }

  private get position(): number {
    return this.audio.currentTime * 1000;
  }

  /** While it plays the position moves with every picture; the browser's own event comes four times a second. */
  private tick(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      if (this.audio.paused) return;
      this.change({ ms: this.position });
      this.tick();
    });
  }

  private change(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}

function stored(name: string, fallback: number, least: number, most: number): number {
  const value = Number.parseFloat(localStorage.getItem(name) ?? "");
  return value >= least && value <= most ? value : fallback;
}
