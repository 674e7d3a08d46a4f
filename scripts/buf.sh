#!/usr/bin/env bash
# Runs Buf, which comes as an npm package.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
version=1.75.0
home=$root/.cache/buf-$version
# shellcheck source=scripts/node.sh
. "$root/scripts/node.sh"
if [ ! -x "$home/node_modules/.bin/buf" ]; then
  mkdir -p "$home"
  npm install --silent --no-audit --no-fund --prefix "$home" "@bufbuild/buf@$version" >&2
fi
exec "$home/node_modules/.bin/buf" "$@"
