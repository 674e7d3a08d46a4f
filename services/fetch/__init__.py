"""Fetch: brings the hub models that a profile names onto this machine. The only code that talks to a hub."""
