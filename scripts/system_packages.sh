#!/usr/bin/env bash
# What the tests and the training need of the system: espeak-ng, which speaks the synthetic corpus.
# Installed when that is possible, else named plainly. Running the product needs none of it.
set -euo pipefail
has_espeak() { python3 -c 'import ctypes; ctypes.CDLL("libespeak-ng.so.1")' 2>/dev/null; }
has_espeak && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "• installing espeak-ng"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq espeak-ng >/dev/null
fi
if ! has_espeak; then
  echo "espeak-ng is needed (it speaks the synthetic corpus) and was not found. On Debian: apt-get install espeak-ng" >&2
  exit 1
fi
