"""The gateway: HTTP for browsers and other systems, gRPC to the orchestrator. It owns no data."""
