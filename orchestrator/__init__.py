"""Takes every call through the stages, durably; owns calls, results, events and recordings."""
