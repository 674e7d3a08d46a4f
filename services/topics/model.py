"""Zero-shot topics: the bank's own list, read by an inference model in two steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rpc.errors import InvalidInput
from services.serving.checkpoint import locate
from services.serving.nli import Entailment
from services.serving.profile import StageConfig
from services.serving.provenance import ModelInfo, describe
from services.serving.transcript import Turn, layout, windows
from services.topics.taxonomy import Taxonomy, TaxonomyFile

_HYPOTHESIS = "This text is about {}"
_WARM_UP = (Turn(0, "S1", "customer", "Kartımı itirmişəm."),)


@dataclass(frozen=True)
class Topic:
    """What a call was about.

    Attributes:
        topic: most probable topic.
        subtopic: most probable subtopic of it.
        topics: all topics with their scores, 0 to 1, highest first; they add up to 1.
        subtopics: all subtopics of the chosen topic, likewise.
        taxonomy_digest: SHA-256 of the list that was in force.
    """

    topic: str
    subtopic: str
    topics: tuple[tuple[str, float], ...]
    subtopics: tuple[tuple[str, float], ...]
    taxonomy_digest: str


class TopicsModel:
    """Scores every candidate of the list against what was said.

    A call longer than the model reads at once is read in windows of about the same length, cut between turns;
    a candidate's entailment is the mean over the windows, so that the end counts as much as the start.
    """

    def __init__(self, config: StageConfig) -> None:
        checkpoint = locate(config)
        self.taxonomy = TaxonomyFile(config.path(str(config.option("taxonomy", "topics.csv"))))
        self._hypothesis = str(config.option("hypothesis", _HYPOTHESIS))
        if "{}" not in self._hypothesis:
            raise InvalidInput(f"topics.hypothesis is {self._hypothesis!r}", "it needs {} where the candidate goes")
        self._layout = layout(config, "{text}")
        self._window_tokens = int(config.option("window_tokens", 0))
        self._entailment = Entailment(checkpoint, config)
        self.info: ModelInfo = describe(config, checkpoint, self._entailment.architecture)

    def warm_up(self) -> None:
        """Classifies one sentence."""
        self.classify(_WARM_UP)

    def classify(self, turns: Sequence[Turn]) -> Topic:
        """Chooses the topic, then one of its subtopics.

        Args:
            turns: those with text, at least one, in order of time.
        """
        taxonomy: Taxonomy
        taxonomy, _ = self.taxonomy.current()
        lines = [self._layout.line(turn) for turn in turns]
        topics = self._score(lines, taxonomy.topics)
        subtopics = self._score(lines, taxonomy.subtopics(topics[0][0]))
        return Topic(topics[0][0], subtopics[0][0], topics, subtopics, taxonomy.digest)

    def _score(self, lines: Sequence[str], candidates: Sequence[str]) -> tuple[tuple[str, float], ...]:
        """Softmax over the candidates' entailment, as the zero-shot pipeline does with ``multi_label=False``."""
        hypotheses = [self._hypothesis.replace("{}", candidate) for candidate in candidates]
        room = self._entailment.room(hypotheses)
        if room < 1:
            raise InvalidInput("a topic's name is longer than the model reads", "shorten the names in topics.csv")
        size = min(room, self._window_tokens or room)
        texts = ["\n".join(part) for part in windows(lines, self._entailment.count, size)]
        scores = torch.softmax(self._entailment.logits(texts, hypotheses).mean(0), dim=0).tolist()
        return tuple(sorted(zip(candidates, scores, strict=True), key=lambda pair: -pair[1]))
