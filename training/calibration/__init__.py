"""Confidences that mean what they say: fitted on calls that nothing was trained on, kept in the models' own files."""
