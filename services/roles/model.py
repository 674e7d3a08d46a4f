"""Operator or customer: each turn is classified, the call decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification

from rpc.errors import InvalidInput
from services.roles.decision import SpeakerRole, decide
from services.serving.checkpoint import Checkpoint, locate
from services.serving.nli import BATCH_TOKENS, Entailment, entailment_index
from services.serving.pretrained import load_pretrained
from services.serving.profile import StageConfig
from services.serving.provenance import ModelInfo, describe
from services.serving.tokens import batches, load_tokenizer, max_tokens
from services.serving.transcript import Turn

_OPERATOR_HYPOTHESIS = "The speaker is a bank operator who helps a customer"
_CUSTOMER_HYPOTHESIS = "The speaker is a customer who asks the bank for help"
_WARM_UP = (Turn(0, "S1", "", "Salam, buyurun, sizə necə kömək edə bilərəm?"),)


@dataclass(frozen=True)
class TurnRole:
    """What one turn alone suggests: the probability, 0 to 1, that the operator speaks."""

    index: int
    operator_probability: float


@dataclass(frozen=True)
class Roles:
    """The roles of a call: speakers in order of first appearance, and turns in order of time."""

    speakers: tuple[SpeakerRole, ...]
    turns: tuple[TurnRole, ...]


class TurnClassifier(Protocol):
    """Reads single turns."""

    architecture: str

    def log_odds(self, texts: Sequence[str]) -> list[float]:
        """Log-odds, in nats, that an operator says each text."""


class RolesModel:
    """Decides roles with the profile's model: a turn classifier, or an inference model, zero-shot."""

    def __init__(self, config: StageConfig) -> None:
        checkpoint = locate(config)
        labels = AutoConfig.from_pretrained(checkpoint.folder, local_files_only=True).id2label
        zero_shot = entailment_index(labels) is not None
        self._turns: TurnClassifier = (ZeroShot if zero_shot else Classifier)(checkpoint, config)
        self.info: ModelInfo = describe(config, checkpoint, self._turns.architecture)

    def warm_up(self) -> None:
        """Classifies one turn."""
        self.classify(_WARM_UP)

    def classify(self, turns: Sequence[Turn]) -> Roles:
        """Decides the roles of a call's speakers.

        Args:
            turns: those with text, at least one, in order of time.
        """
        odds = self._turns.log_odds([turn.text for turn in turns])
        single = torch.sigmoid(torch.tensor(odds)).tolist()
        speakers = decide([(turn.speaker, value) for turn, value in zip(turns, odds, strict=True)])
        return Roles(speakers, tuple(TurnRole(turn.index, p) for turn, p in zip(turns, single, strict=True)))


class Classifier:
    """A sequence classifier with two labels, one of which names the operator (or agent) or the customer (or client)."""

    def __init__(self, checkpoint: Checkpoint, config: StageConfig) -> None:
        self._tokenizer = load_tokenizer(checkpoint)
        self._model: Any = load_pretrained(AutoModelForSequenceClassification, checkpoint, config)
        self._operator, self._customer = _sides(config, self._model.config.id2label)
        self._batch_tokens = int(config.option("batch_tokens", BATCH_TOKENS))
        self._max_tokens = max_tokens(self._tokenizer, self._model)
        self.architecture = type(self._model).__name__

    @torch.inference_mode()
    def log_odds(self, texts: Sequence[str]) -> list[float]:
        """Log-odds, in nats, that an operator says each text."""
        encoded = self._tokenizer(list(texts), truncation=True, max_length=self._max_tokens)
        out = torch.empty(len(texts))
        for batch in batches([len(ids) for ids in encoded["input_ids"]], self._batch_tokens):
            rows = {name: [values[i] for i in batch] for name, values in encoded.items()}
            padded = self._tokenizer.pad(rows, return_tensors="pt").to(self._model.device)
            logits = self._model(**padded).logits.float().cpu()
            out[batch] = logits[:, self._operator] - logits[:, self._customer]
        values: list[float] = out.tolist()
        return values


class ZeroShot:
    """An inference model that weighs two hypotheses about each turn; options name them."""

    def __init__(self, checkpoint: Checkpoint, config: StageConfig) -> None:
        self._entailment = Entailment(checkpoint, config)
        self._hypotheses = (
            str(config.option("operator_hypothesis", _OPERATOR_HYPOTHESIS)),
            str(config.option("customer_hypothesis", _CUSTOMER_HYPOTHESIS)),
        )
        self.architecture = self._entailment.architecture

    def log_odds(self, texts: Sequence[str]) -> list[float]:
        """Log-odds, in nats, that an operator says each text."""
        logits = self._entailment.logits(texts, self._hypotheses)
        values: list[float] = (logits[:, 0] - logits[:, 1]).tolist()
        return values


def _sides(config: StageConfig, labels: dict[int, str]) -> tuple[int, int]:
    """Outputs of operator and customer: by the option ``operator_label``, else by the labels' own names."""
    wanted = str(config.option("operator_label", "")).lower()
    operators = [i for i, label in labels.items() if _means_operator(str(label).lower(), wanted)]
    if len(labels) != 2 or len(operators) != 1:
        raise InvalidInput(
            f"the roles model's labels are {list(labels.values())}",
            "it needs two; say which is the operator with the option operator_label",
        )
    return int(operators[0]), next(int(i) for i in labels if i != operators[0])


def _means_operator(label: str, wanted: str) -> bool:
    return label == wanted if wanted else any(name in label for name in ("operator", "agent", "employee"))
