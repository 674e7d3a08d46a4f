#!/usr/bin/env bash
# Trains all embedded models from nothing, one after another; resumes where it was stopped. Needs espeak-ng.
# The recogniser alone takes four and a half hours of a core; all of them about eight. States and logs go to runs/.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/system_packages.sh
python=.venv/bin/python
# The recogniser's search is tuned on recordings of the validation split.
[ -f data/corpus/validation/manifest.jsonl ] || $python -m training.corpus --out data/corpus --split validation
$python -m training.asr --folder runs/asr
$python -m training.diarize --run runs/diarize
$python -m training.emotion --run runs/emotion
# The text models learn from what the recogniser wrote, too.
$python -m training.text.heard
$python -m training.text --run runs/text
# Confidences are made true by recordings of the validation split too.
$python -m training.calibration --keep --figures docs/models --page docs/models.md
$python -m training.figures --page docs/models.md
$python -m training.samples
