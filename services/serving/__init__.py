"""What every model server shares: profiles, checkpoints, the model's thread, audio, the process."""
