"""Five-star sentiment of a summary."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from transformers import AutoModelForSequenceClassification

from rpc.errors import InvalidInput
from services.serving.checkpoint import locate
from services.serving.pretrained import load_pretrained
from services.serving.profile import StageConfig
from services.serving.provenance import ModelInfo, describe
from services.serving.tokens import load_tokenizer, max_tokens

GOOD_FROM_STARS = 3
_WARM_UP_TEXT = "Müştəri razı qaldı."


@dataclass(frozen=True)
class Rating:
    """How good the service was.

    Attributes:
        stars: most probable number of stars, 1 to 5.
        distribution: probability of 1 to 5 stars, five numbers that add up to 1.
    """

    stars: int
    distribution: tuple[float, ...]

    @property
    def good(self) -> bool:
        """Good from three stars on, else poor."""
        return self.stars >= GOOD_FROM_STARS


class QualityModel:
    """A sequence classifier with five labels, one for each number of stars."""

    def __init__(self, config: StageConfig) -> None:
        checkpoint = locate(config)
        self._tokenizer = load_tokenizer(checkpoint)
        self._tokenizer.truncation_side = "left"
        self._model = load_pretrained(AutoModelForSequenceClassification, checkpoint, config)
        self._max_tokens = max_tokens(self._tokenizer, self._model)
        self._stars = _stars_of_labels(self._model.config.id2label)
        self.info: ModelInfo = describe(config, checkpoint, type(self._model).__name__)

    def warm_up(self) -> None:
        """Rates one sentence."""
        self.rate(_WARM_UP_TEXT)

    @torch.inference_mode()
    def rate(self, summary: str) -> Rating:
        """Rates a summary; what is longer than the model reads is cut off at the start, the outcome stands at the end.

        Raises:
            InvalidInput: the summary is blank.
        """
        if not summary.strip():
            raise InvalidInput("the summary is empty", "send the summary of a call")
        batch = self._tokenizer(summary, truncation=True, max_length=self._max_tokens, return_tensors="pt")
        logits = self._model(**batch.to(self._model.device)).logits[0].float()
        by_label = torch.softmax(logits, dim=-1).tolist()
        distribution = tuple(by_label[self._stars.index(star)] for star in range(1, 6))
        return Rating(1 + max(range(5), key=distribution.__getitem__), distribution)


def _stars_of_labels(labels: dict[int, str]) -> list[int]:
    """Reads the number of stars out of labels such as ``5 stars``, in the order of the model's outputs."""
    stars = [int(found.group()) if (found := re.search(r"[1-5]", labels[key])) else 0 for key in sorted(labels)]
    if sorted(stars) != [1, 2, 3, 4, 5]:
        raise InvalidInput(f"the quality model's labels are {list(labels.values())}", "it needs 1 star … 5 stars")
    return stars
