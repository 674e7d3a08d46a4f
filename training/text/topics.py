"""The recipe of the topics model: DeBERTa-v2, natural language inference over the names of the subjects.

From nothing, the network is a log-linear model (``loglinear``), fitted in a minute; ``--minutes`` trains it further,
reading call and candidate together, as zero-shot classification does. A base model is trained in that way only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import DebertaV2Config, DebertaV2ForSequenceClassification, PreTrainedTokenizerFast

from training.corpus.draw import pick
from training.text.calls import LabelledCall, Source
from training.text.glossary import read_glossary, read_subjects
from training.text.knowledge import fit
from training.text.loop import Step
from training.text.names import PARAPHRASES, TEMPLATES, hypotheses
from training.text.noise import Noise
from training.text.product import write
from training.text.vocabulary import beginnings_pairs

LABELS = ("entailment", "neutral", "contradiction")
MINUTES, LEARNING_RATE = 0.0, 1e-4
MAX_TOKENS = 512
_STARTS, _STATE, _UNITS = 8600, 456, 512
_PREMISE_WORDS = (8, 60)
_BATCH_TOGETHER, _CANDIDATES = 8, 4
_FITTED_STRETCHES, _FITTED_WORDS = 12_000, (6, 300)
_TEMPERATURE = 0.5
"""Makes the scores as sure as they are right on the validation split: the fit, on whole calls, is too modest."""


def tokenizer(source: Source) -> PreTrainedTokenizerFast:
    """Beginnings of the words that are said and, in English, of the names of the subjects."""
    names = [name for names in PARAPHRASES.items() for name in (names[0], *names[1])]
    wanted = [template.format(name) for template in TEMPLATES for name in names]
    for concept in read_glossary():
        wanted += [*concept.english, *concept.stems]
    for subject in read_subjects():
        wanted += subject.names
    return beginnings_pairs(source.spoken(), wanted, _STARTS, MAX_TOKENS)


def network(tokens: PreTrainedTokenizerFast) -> DebertaV2ForSequenceClassification:
    """Segment embeddings tell call from candidate; the order of words, which a subject hardly needs, is not read, and
    the relative positions' share of the time is saved."""
    return DebertaV2ForSequenceClassification(
        DebertaV2Config(
            vocab_size=len(tokens),
            hidden_size=_STATE,
            num_hidden_layers=1,
            num_attention_heads=4,
            intermediate_size=_UNITS,
            max_position_embeddings=MAX_TOKENS,
            type_vocab_size=2,
            relative_attention=False,
            position_biased_input=False,
            pooler_hidden_size=_STATE,
            pad_token_id=tokens.pad_token_id,
            id2label=dict(enumerate(LABELS)),
            label2id={label: i for i, label in enumerate(LABELS)},
        )
    )


def prepare(model: Any, tokens: Any, source: Source, noise: Noise, seed: int) -> None:
    """Fits the log-linear model on damaged stretches of calls and writes it into the network."""
    trainer = _Trainer(model, tokens, source, noise)
    rng = np.random.default_rng([seed, 3])
    calls = source.draw_many(rng, _FITTED_STRETCHES)
    stretches = [trainer.premise(rng, call, _FITTED_WORDS) for call in calls]
    fitted = fit(tokens, source.subjects(), stretches, [call.subtopic for call in calls], read_subjects(), noise, rng)
    write(model, fitted, tokens.cls_token_id, trainer.entailed, _TEMPERATURE)


def objective(model: Any, tokens: Any, source: Source, noise: Noise) -> Step:
    """Call and candidate read together."""
    trainer = _Trainer(model, tokens, source, noise)
    return trainer.together


class _Trainer:
    def __init__(self, model: Any, tokens: Any, source: Source, noise: Noise) -> None:
        self._model, self._tokens, self._source, self._noise = model, tokens, source, noise
        self._subjects = source.subjects()
        labels = {str(label).lower(): int(i) for i, label in model.config.id2label.items()}
        self.entailed = labels["entailment"]
        self._other = labels.get("contradiction", labels.get("not_entailment", 1 - self.entailed))
        self._sibling = labels.get("neutral", self._other)

    def together(self, rng: np.random.Generator) -> torch.Tensor:
        """Call and candidate read together; of each call's candidates one is right.

        The loss is the entropy over the candidates' entailment, which is what decides at run time, and a part of
        plain inference: a sibling of the right subtopic is neutral, anything else a contradiction.
        """
        premises: list[str] = []
        candidates: list[str] = []
        labels: list[int] = []
        for call in self._source.draw_many(rng, _BATCH_TOGETHER):
            names, classes = self._candidates(rng, call)
            premises += [self.premise(rng, call, _PREMISE_WORDS)] * len(names)
            candidates += hypotheses(rng, names)
            labels += classes
        batch = self._tokens(
            premises, candidates, padding=True, truncation="only_first", max_length=MAX_TOKENS, return_tensors="pt"
        )
        logits = self._model(**batch.to(self._model.device)).logits
        grouped = logits[:, self.entailed].view(-1, _CANDIDATES)
        first = torch.zeros(len(grouped), dtype=torch.long, device=logits.device)
        decides = torch.nn.functional.cross_entropy(grouped, first, label_smoothing=0.02)
        inference = torch.nn.functional.cross_entropy(logits, torch.tensor(labels, device=logits.device))
        return decides + 0.3 * inference

    def _candidates(self, rng: np.random.Generator, call: LabelledCall) -> tuple[list[str], list[int]]:
        """The right name first, then wrong ones with their classes."""
        draw = rng.random()
        if draw < 0.45:
            names = [call.topic]
            wrong = [topic for topic in self._subjects if topic != call.topic]
        else:
            names = [call.subtopic]
            siblings = [name for name in self._subjects[call.topic] if name != call.subtopic]
            if draw < 0.85:
                names += [str(name) for name in rng.permutation(siblings)[: _CANDIDATES - 1]]
            wrong = [name for topic, group in self._subjects.items() if topic != call.topic for name in group]
        if len({*names, *wrong}) < _CANDIDATES:  # a manifest of few subjects: the corpus' own fill up
            wrong += [name for name in PARAPHRASES if name not in (call.topic, *names)]
        classes = [self.entailed] + [self._sibling] * (len(names) - 1)
        while len(names) < _CANDIDATES:
            other = pick(rng, wrong)
            if other not in names:
                names.append(other)
                classes.append(self._other)
        return names, classes

    def premise(self, rng: np.random.Generator, call: LabelledCall, size: tuple[int, int]) -> str:
        """A stretch of the call, damaged: short or long, about ``size`` words."""
        words = int(np.exp(rng.uniform(*np.log(size))))
        first = int(rng.integers(len(call.turns))) if rng.random() < 0.7 else 0
        last = first
        lengths = [len(turn.text.split()) for turn in call.turns]
        while sum(lengths[first:last]) < words and (first, last) != (0, len(lengths)):
            first, last = (first, last + 1) if last < len(lengths) else (first - 1, last)
        return "\n".join(self._noise.call(rng, [turn.text for turn in call.turns[first:last]], call.heard))
