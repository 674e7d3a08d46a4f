/** Every request to the gateway, typed. */
import type { Call, CallPage, Overview, Problem, Submitted, Waveform } from "./types";

/** An answer that is not a success; without a status where there was no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number | null,
    detail: string,
    readonly action = "",
  ) {
    super(detail);
  }

  get isOffline(): boolean {
    return this.status === null;
  }
}

const base = "/api";

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(base + path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(null, "");
  }
  if (!response.ok) throw toError(response.status, await response.text());
  return response;
}

async function json<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await request(path, init)).json()) as T;
}

/** The problem in a body, whatever stands in it. */
export function toError(status: number, body: string): ApiError {
  try {
    const problem = JSON.parse(body) as Problem;
    return new ApiError(status, problem.detail || problem.title || String(status), problem.action ?? "");
  } catch {
    return new ApiError(status, String(status));
  }
}

const callPath = (id: string) => `/calls/${encodeURIComponent(id)}`;

export const api = {
  /** A page of calls; the filters are the query of `GET /api/calls`. */
  calls: (filters: URLSearchParams, pageToken: string | null, signal: AbortSignal) => {
    const query = new URLSearchParams(filters);
    query.set("page_size", "100");
    if (pageToken) query.set("page_token", pageToken);
    return json<CallPage>(`/calls?${query}`, { signal });
  },
  call: (id: string, signal?: AbortSignal) => json<Call>(callPath(id), signal ? { signal } : {}),
  waveform: (id: string, signal: AbortSignal) => json<Waveform>(`${callPath(id)}/waveform`, { signal }),
  overview: (query: URLSearchParams, signal: AbortSignal) => json<Overview>(`/overview?${query}`, { signal }),
  retry: (id: string, fromStage = "") =>
    json<{ stages: string[] }>(`${callPath(id)}/retry${fromStage ? `?from_stage=${fromStage}` : ""}`, {
      method: "POST",
    }),
  cancel: (id: string) => request(`${callPath(id)}/cancel`, { method: "POST" }),
  remove: (id: string) => request(callPath(id), { method: "DELETE" }),
};

export const urls = {
  audio: (id: string) => `${base}${callPath(id)}/audio`,
  download: (id: string) => `${base}${callPath(id)}/audio?download=1`,
  transcript: (id: string, format: string) => `${base}${callPath(id)}/transcript.${format}`,
  events: (after: number | null) => `${base}/events${after === null ? "" : `?after=${after}`}`,
};

export interface Upload {
  done: Promise<Submitted>;
  abort: () => void;
}

/** Sends one file. XMLHttpRequest, because fetch does not tell how far an upload is. */
export function upload(file: File, onProgress: (share: number) => void): Upload {
  const xhr = new XMLHttpRequest();
  const done = new Promise<Submitted>((resolve, reject) => {
    xhr.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    xhr.onload = () => {
      if (xhr.status !== 202) return reject(toError(xhr.status, xhr.responseText));
      const submitted = (JSON.parse(xhr.responseText) as { submitted: Submitted[] }).submitted[0];
      return submitted ? resolve(submitted) : reject(new ApiError(xhr.status, ""));
    };
    xhr.onerror = () => reject(new ApiError(null, ""));
    xhr.onabort = () => reject(new DOMException("aborted", "AbortError"));
  });
  xhr.open("POST", `${base}/calls`);
  const form = new FormData();
  form.append("file", file);
  xhr.send(form);
  return { done, abort: () => xhr.abort() };
}
