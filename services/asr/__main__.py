"""Serves the speech recognition model: ``python -m services.asr``."""

from services.asr.model import Recogniser
from services.asr.server import register
from services.serving.process import main

if __name__ == "__main__":
    main("asr", 50052, Recogniser, register)
