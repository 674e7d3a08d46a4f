"""Serves the summarize model: ``python -m services.summarize``."""

from services.serving.process import main
from services.summarize.model import SummaryModel
from services.summarize.server import register

if __name__ == "__main__":
    main("summarize", 50055, SummaryModel, register)
