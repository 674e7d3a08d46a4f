"""Serves the diarization pipeline: ``python -m services.diarize``."""

from services.diarize.model import DiarizeModel
from services.diarize.server import register
from services.serving.process import main

if __name__ == "__main__":
    main("diarize", 50051, DiarizeModel, register)
