# One recipe for every process:
#   docker build --build-arg PROCESS=services.asr -t callcenter-asr .
#   docker build --build-arg KIND=platform --build-arg PROCESS=orchestrator -t callcenter-orchestrator .
# KIND=models has torch and the model libraries; KIND=platform, for the orchestrator and the gateway, has not.
# TORCH=cuda takes the CUDA build of torch (gigabytes); cpu, the default, takes the small one from TORCH_INDEX.
ARG BASE=python:3.11-slim
ARG NODE_BASE=node:22-slim
ARG KIND=models

FROM ${BASE} AS platform
# A bank's mirror of the package index; the defaults of pip without them.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
COPY requirements.txt deploy/platform.txt ./
RUN pip install --constraint requirements.txt --requirement platform.txt

FROM platform AS stubs
RUN pip install --constraint requirements.txt grpcio-tools
COPY protos protos
COPY scripts/stubs.sh scripts/
RUN PYTHON_FOR_STUBS=python scripts/stubs.sh

# The web page: static files that the gateway serves.
FROM ${NODE_BASE} AS dashboard
ARG NPM_CONFIG_REGISTRY
WORKDIR /page/gateway/dashboard
COPY gateway/dashboard/package.json gateway/dashboard/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY topics.csv /page/
COPY gateway/dashboard ./
RUN npm run build

FROM platform AS models
ARG TORCH=cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY pyproject.toml scripts/mend_torchaudio.py ./
# torch first and alone: whatever depends on it must not choose another build. CTranslate2, which runs Whisper, wants
# the cuBLAS of CUDA 12 whatever torch brings.
RUN set -eu; \
    python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
      > direct.txt; \
    torch=$(grep '^torch==' requirements.txt); \
    if [ "$TORCH" = cpu ]; then pip install --extra-index-url "$TORCH_INDEX" "$torch"; \
    else pip install "$torch" 'nvidia-cublas-cu12>=12.4,<13'; fi; \
    pip install --constraint requirements.txt --requirement direct.txt; \
    python mend_torchaudio.py; \
    ln -s "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/nvidia/cublas/lib" /opt/cublas
ENV LD_LIBRARY_PATH=/opt/cublas MPLCONFIGDIR=/tmp/matplotlib
COPY models/mini models/mini

FROM ${KIND}
# The owner of the volumes; give the number of the user that owns the watched folder on the host.
ARG USER_ID=1000
RUN useradd --uid "$USER_ID" --create-home callcenter \
 && install -d -o callcenter /data /records /models /certs
COPY pyproject.toml topics.csv ./
COPY --from=stubs /app/protos/gen protos/gen
COPY profiles profiles
COPY rpc rpc
COPY services services
COPY orchestrator orchestrator
COPY gateway gateway
COPY --from=dashboard /page/gateway/dashboard/dist gateway/dashboard/dist
COPY client client
COPY evaluation evaluation
COPY training training
# For the version that every answer carries and for the `callcenter` command.
RUN pip install --no-deps --editable . && python -m compileall -q /app
ENV CALLCENTER_DATA=/data \
    CALLCENTER_WATCH=/records/1003 \
    CALLCENTER_REJECTED=/records/rejected \
    CALLCENTER_CACHE=/models/converted \
    HF_HOME=/models/hub
USER callcenter
# The process, and where it is asked whether it serves: HOST:PORT, or http:// for the gateway.
ARG PROCESS=services.asr
ARG PROBE=127.0.0.1:50052
ENV PROCESS=${PROCESS} PROBE=${PROBE}
HEALTHCHECK --interval=30s --timeout=15s --start-period=5m CMD python -m rpc.probe "$PROBE"
# `exec`: signals must reach Python, which drains.
ENTRYPOINT ["sh", "-c", "exec python -m \"$PROCESS\" \"$@\"", "--"]
