"""Serves the quality model: ``python -m services.quality``."""

from services.quality.model import QualityModel
from services.quality.server import register
from services.serving.process import main

if __name__ == "__main__":
    main("quality", 50057, QualityModel, register)
