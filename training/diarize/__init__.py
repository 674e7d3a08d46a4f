"""The diarization recipe: a segmentation network and a speaker-embedding network, put together as a pipeline."""

import services  # noqa: F401  # switches pyannote.audio's telemetry off before any module here imports it
