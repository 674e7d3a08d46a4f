"""Runs the orchestrator: ``python -m orchestrator``."""

from orchestrator.process import main

if __name__ == "__main__":
    main()
