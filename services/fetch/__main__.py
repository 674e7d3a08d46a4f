"""Fetches a profile's models: ``python -m services.fetch --profile public``."""

import os

# The whole package is offline by default, and the hub's library reads this when it is imported.
os.environ["HF_HUB_OFFLINE"] = "0"

from services.fetch.command import main

if __name__ == "__main__":
    main()
