"""Speech recognition: words with times from a recording."""
