"""Recipe of the speech recogniser: a CTC conformer from nothing, or any CTC model of transformers fine-tuned."""
