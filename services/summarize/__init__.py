"""Summarize: what happened in the call, in a few sentences."""
