#!/usr/bin/env bash
# Generates the gRPC stubs into protos/gen, with type stubs beside them.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON_FOR_STUBS:-.venv/bin/python}
mkdir -p protos/gen
"$python" -m grpc_tools.protoc -Iprotos --python_out=protos/gen --pyi_out=protos/gen --grpc_python_out=protos/gen \
  protos/callcenter/v1/*.proto
