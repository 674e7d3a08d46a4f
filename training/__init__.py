"""Make the embedded models: the synthetic corpus and the recipes that learn from it."""
