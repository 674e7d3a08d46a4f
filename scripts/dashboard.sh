#!/usr/bin/env bash
# Builds the web page into gateway/dashboard/dist where its sources have changed since the last build.
# `scripts/dashboard.sh lint test` then runs these scripts of its package.json.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
page=$root/gateway/dashboard
built=$page/dist/index.html
installed=$page/node_modules/.package-lock.json

is_built() {
  [ -f "$built" ] && [ -z "$(find "$page" "$root/topics.csv" -newer "$built" -type f \
    -not -path "$page/node_modules/*" -not -path "$page/dist/*" -print -quit)" ]
}
if is_built && [ $# = 0 ]; then exit 0; fi

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
if ! is_built; then
  echo "• building the dashboard"
  npm run --silent build -- --logLevel warn
fi
for script in "$@"; do
  npm run --silent "$script"
done
