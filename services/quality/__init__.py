"""Quality: how good the service was, from the summary of the call."""
