"""What every recipe shares: the time budget, the learning rate, the state to resume from, the log, labelled calls."""
