/** Keys and options of everything that the page asks for. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  QueryClient,
  queryOptions,
  replaceEqualDeep,
} from "@tanstack/react-query";
import { type CallPages, newest, newestPages } from "../events/apply";
import { ApiError, api } from "./client";
import type { Call } from "./types";

const MAX_RETRIES = 3;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events keep the data fresh (events/), so time alone makes nothing stale.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (count, error) => count < MAX_RETRIES && !(error instanceof ApiError && (error.status ?? 500) < 500),
        // A gateway on the same machine answers without any network.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}

export const keys = {
  lists: ["calls"] as const,
  list: (filters: string) => ["calls", filters] as const,
  calls: ["call"] as const,
  call: (id: string) => ["call", id] as const,
  waveforms: ["waveform"] as const,
  waveform: (id: string) => ["waveform", id] as const,
  overviews: ["overview"] as const,
  overview: (query: string) => ["overview", query] as const,
};

export const listQuery = (filters: URLSearchParams) =>
  infiniteQueryOptions({
    queryKey: keys.list(filters.toString()),
    queryFn: ({ pageParam, signal }) => api.calls(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_page_token,
    structuralSharing: (known, answer) =>
      replaceEqualDeep(known, newestPages(known as CallPages | undefined, answer as CallPages)),
    placeholderData: keepPreviousData,
  });

export const callQuery = (id: string) =>
  queryOptions({
    queryKey: keys.call(id),
    queryFn: ({ signal }) => api.call(id, signal),
    structuralSharing: (known, answer) => replaceEqualDeep(known, newest(known as Call | undefined, answer as Call)),
  });

export const waveformQuery = (id: string, ready: boolean) =>
  queryOptions({
    queryKey: keys.waveform(id),
    queryFn: ({ signal }) => api.waveform(id, signal),
    enabled: ready,
  });

export const overviewQuery = (query: URLSearchParams) =>
  queryOptions({
    queryKey: keys.overview(query.toString()),
    queryFn: ({ signal }) => api.overview(query, signal),
    placeholderData: keepPreviousData,
  });
