"""Topics: what the call was about, chosen from the bank's own list."""
