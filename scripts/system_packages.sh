#!/usr/bin/env bash
# What the tests and the training need of the system: espeak-ng, which speaks the synthetic corpus; and with
# `browser`, Chromium, in which the dashboard is tested. Installed when that is possible, else named plainly.
# Running the product needs none of it.
set -euo pipefail
cd "$(dirname "$0")/.."
has_espeak() { python3 -c 'import ctypes; ctypes.CDLL("libespeak-ng.so.1")' 2>/dev/null; }
has_browser() { .venv/bin/python -m tests.dashboard.browser >/dev/null 2>&1; }
install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return; fi
  echo "• installing $1"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$1" >/dev/null || true
}

has_espeak || install espeak-ng
if ! has_espeak; then
  echo "espeak-ng is needed (it speaks the synthetic corpus) and was not found. On Debian: apt-get install espeak-ng" >&2
  exit 1
fi
if [ "${1:-}" = browser ]; then
  has_browser || install chromium
  has_browser || { echo "• downloading Chromium" && .venv/bin/python -m playwright install chromium-headless-shell; } || true
  if ! has_browser; then
    echo "Chromium is needed (the dashboard is tested in it) and was not found. On Debian: apt-get install chromium" >&2
    exit 1
  fi
fi
