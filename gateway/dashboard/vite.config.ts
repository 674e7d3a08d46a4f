import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the sources beside a running gateway; the build goes to dist, which the gateway serves.
export default defineConfig({
  plugins: [react()],
  build: {
    // The gateway's Content-Security-Policy allows no inline script, and no font from a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { "/api": "http://127.0.0.1:8001", "/readyz": "http://127.0.0.1:8001" },
    // topics.csv, with the Azerbaijani names of the topics, lies in the repository's root.
    fs: { allow: ["../.."] },
  },
  test: { include: ["src/**/*.test.ts"] },
});
