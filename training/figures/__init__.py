"""Figures of the documentation, as small SVG files."""
