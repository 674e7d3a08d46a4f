"""Serves the emotion model: ``python -m services.emotion``."""

from services.emotion.model import EmotionModel
from services.emotion.server import register
from services.serving.process import main

if __name__ == "__main__":
    main("emotion", 50054, EmotionModel, register)
