"""Emotion: how each turn of a call sounds, and how the customer's mood moves."""
