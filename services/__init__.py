"""The model servers, one a stage.

A bank's calls leave the machine by no way: telemetry and hub look-ups are switched off here, before any of the
libraries that would start them can be imported. Only ``services.fetch`` talks to a hub.
"""

import os

os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
