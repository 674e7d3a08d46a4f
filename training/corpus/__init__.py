"""The synthetic call corpus: Azerbaijani calls from written text and a grammar, spoken by espeak-ng."""

from training.corpus.utterances import text_stream, utterance

__all__ = ["text_stream", "utterance"]
