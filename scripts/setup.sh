#!/usr/bin/env bash
# Makes .venv with everything pinned, the generated stubs and the `callcenter` command. Runs again only when
# something that it depends on has changed. PYTHON=… chooses the interpreter (3.11 or newer).
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-}
if [ -z "$python" ]; then
  for candidate in python3.11 python3.12 python3.13 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate; break; fi
  done
fi
if [ -z "$python" ]; then
  echo "Python 3.11 or newer is needed and was not found. On Debian: apt-get install python3 python3-venv" >&2
  exit 1
fi
if [ ! -x .venv/bin/python ]; then
  echo "• creating .venv with $($python --version)"
  "$python" -m venv .venv || { echo "The venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }
fi
pip() { .venv/bin/python -m pip --disable-pip-version-check --quiet "$@"; }

echo "• installing the pinned packages (some minutes and about 2 GB the first time)"
# torch first and by its version: whatever depends on it must not choose another build.
pip install "$(grep -E '^torch==' requirements.txt)"
pip install -r requirements.txt
.venv/bin/python scripts/mend_torchaudio.py

scripts/stubs.sh
pip install --no-deps --no-build-isolation --editable .
touch .venv/.ready
