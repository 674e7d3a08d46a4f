"""How every process of the platform speaks gRPC: servers, channels, errors, security, logs."""
