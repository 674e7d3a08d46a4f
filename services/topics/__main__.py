"""Serves the topics model: ``python -m services.topics``."""

from services.serving.process import main
from services.topics.model import TopicsModel
from services.topics.server import register

if __name__ == "__main__":
    main("topics", 50056, TopicsModel, register)
