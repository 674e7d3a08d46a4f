"""Recipes of the four text models: roles, quality, topics, summarize. See ``python -m training.text --help``."""
