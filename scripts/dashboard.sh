#!/usr/bin/env bash
# Builds the web page into gateway/dashboard/dist. Does nothing where nothing changed since the last build.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
page=$root/gateway/dashboard
built=$page/dist/index.html
installed=$page/node_modules/.package-lock.json
if [ -f "$built" ] && [ -z "$(find "$page" "$root/topics.csv" -newer "$built" -type f \
  -not -path "$page/node_modules/*" -not -path "$page/dist/*" -print -quit)" ]; then
  exit 0
fi
echo "• building the dashboard"
# shellcheck source=scripts/node.sh
. "$root/scripts/node.sh"
cd "$page"
if [ ! -f "$installed" ] || [ package-lock.json -nt "$installed" ]; then
  npm ci --silent --no-audit --no-fund || {
    echo "The dashboard is not built: npm could not install its packages. Is the npm registry reachable?" \
      "Then: make dashboard" >&2
    exit 1
  }
fi
npm run --silent build -- --logLevel warn
