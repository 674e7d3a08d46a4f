"""Make the embedded models: the synthetic corpus and the recipes that learn from it.

What a bank trains on is as confidential as what it serves: importing ``services`` first switches telemetry and hub
look-ups off, before any library that would start them.
"""

import services as services
