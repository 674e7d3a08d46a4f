"""Judges the models on labelled calls: each stage alone, and the whole system end to end."""
