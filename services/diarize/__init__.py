"""Diarize: who spoke when."""
