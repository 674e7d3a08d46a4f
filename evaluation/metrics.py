"""The metrics of docs/evaluation.md. Fractions from 0 to 1; a metric without references is left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

import jiwer
from meeteval.wer import cp_word_error_rate
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate
from rouge_score import rouge_scorer
from sacrebleu.metrics import CHRF
from sklearn.metrics import recall_score

from evaluation.hypothesis import Hypothesis, Span
from evaluation.manifest import EMOTIONS, ReferenceCall

Pair = tuple[ReferenceCall, Hypothesis]
Scores = dict[str, dict[str, float]]

COLLAR_SECONDS = 0.25
GOOD_FROM_STARS = 3
_NO_ANSWER = "no answer"


def normalise(text: str) -> str:
    """Lower case with Azerbaijani casing (İ→i, I→ı), punctuation and doubled spaces removed."""
    lowered = unicodedata.normalize("NFC", text).replace("İ", "i").replace("I", "ı").lower()
    return " ".join(re.sub(r"[^\w\s]|_", " ", lowered).split())


def score(pairs: Sequence[Pair]) -> Scores:
    """Scores every stage that has both references and answers."""
    stages: dict[str, Callable[[Sequence[Pair]], dict[str, float]]] = {
        "diarize": _diarize,
        "asr": _asr,
        "roles": _roles,
        "emotion": _emotion,
        "summarize": _summarize,
        "topics": _topics,
        "quality": _quality,
    }
    results = {name: function(pairs) for name, function in stages.items()}
    return {name: values for name, values in results.items() if values}


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)


def _annotation(spans: Iterable[Span]) -> Annotation:
    annotation = Annotation()
    for index, span in enumerate(spans):
        annotation[Segment(span.start, span.end), index] = span.speaker
    return annotation


def _diarize(pairs: Sequence[Pair]) -> dict[str, float]:
    known = [(call, answer) for call, answer in pairs if answer.spans is not None]
    if not known:
        return {}
    rate = DiarizationErrorRate(collar=COLLAR_SECONDS, skip_overlap=False)
    right = []
    for call, answer in known:
        reference = [Span(turn.start, turn.end, turn.speaker) for turn in call.turns]
        hypothesis = answer.spans or []
        judged = Timeline([Segment(0, max(span.end for span in [*reference, *hypothesis]))])
        rate(_annotation(reference), _annotation(hypothesis), uem=judged)
        right.append(float(len({span.speaker for span in reference}) == answer.speaker_count))
    return {"der": abs(rate), "speaker_count_accuracy": _mean(right)}


def _asr(pairs: Sequence[Pair]) -> dict[str, float]:
    known = [(call, answer) for call, answer in pairs if answer.text is not None and normalise(call.text)]
    if not known:
        return {}
    references = [normalise(call.text) for call, _ in known]
    hypotheses = [normalise(answer.text or "") for _, answer in known]
    scores = {"wer": jiwer.wer(references, hypotheses), "cer": jiwer.cer(references, hypotheses)}
    by_speaker = [(call, answer.speaker_texts) for call, answer in known if answer.speaker_texts is not None]
    if by_speaker:
        scores["cpwer"] = _cpwer(by_speaker)
    return scores


def _cpwer(pairs: Sequence[tuple[ReferenceCall, dict[str, str]]]) -> float:
    errors = length = 0
    for call, hypothesis in pairs:
        reference: dict[str, str] = {}
        for turn in call.turns:
            reference[turn.speaker] = f"{reference.get(turn.speaker, '')} {normalise(turn.text)}".strip()
        words = {speaker: normalise(text) for speaker, text in hypothesis.items()}
        result = cp_word_error_rate(reference, words or {"S1": ""}, reference_sort=False, hypothesis_sort=False)
        errors += result.errors
        length += result.length
    return errors / length


def _roles(pairs: Sequence[Pair]) -> dict[str, float]:
    right = total = 0.0
    for call, answer in pairs:
        for turn, role in zip(call.turns, answer.roles or [], strict=False):
            if turn.role is not None:
                total += turn.seconds
                right += turn.seconds * (role == turn.role)
    return {"accuracy": right / total} if total else {}


def _emotion(pairs: Sequence[Pair]) -> dict[str, float]:
    labelled = [
        (turn.emotion, emotion or _NO_ANSWER)
        for call, answer in pairs
        for turn, emotion in zip(call.turns, answer.emotions or [], strict=False)
        if turn.emotion is not None
    ]
    if not labelled:
        return {}
    references, hypotheses = zip(*labelled, strict=True)
    present = [emotion for emotion in EMOTIONS if emotion in references]
    scores = {"uar": float(recall_score(references, hypotheses, labels=present, average="macro", zero_division=0))}
    trends = [float(call.trend == answer.trend) for call, answer in pairs if call.trend and answer.emotions is not None]
    if trends:
        scores["trend_accuracy"] = _mean(trends)
    return scores


def _summarize(pairs: Sequence[Pair]) -> dict[str, float]:
    texts = [(call.summary, answer.summary) for call, answer in pairs if call.summary and answer.summary is not None]
    if not texts:
        return {}
    # With the library's own tokenizer, so that figures compare with those of others; it keeps ASCII letters only, cuts
    # Azerbaijani words to pieces and so flatters. chrF reads every letter.
    scorer = rouge_scorer.RougeScorer(["rouge1", "rougeL"], use_stemmer=False)
    rouge = [scorer.score(reference, hypothesis) for reference, hypothesis in texts]
    chrf = CHRF().corpus_score([hypothesis for _, hypothesis in texts], [[reference for reference, _ in texts]])
    return {
        "rouge1": _mean(scores["rouge1"].fmeasure for scores in rouge),
        "rougeL": _mean(scores["rougeL"].fmeasure for scores in rouge),
        "chrf": chrf.score / 100,
    }


def _topics(pairs: Sequence[Pair]) -> dict[str, float]:
    topics = [float(call.topic == answer.topic) for call, answer in pairs if call.topic and answer.topic is not None]
    subtopics = [
        float((call.topic, call.subtopic) == (answer.topic, answer.subtopic))
        for call, answer in pairs
        if call.subtopic and answer.topic is not None
    ]
    scores = {}
    if topics:
        scores["topic_accuracy"] = _mean(topics)
    if subtopics:
        scores["subtopic_accuracy"] = _mean(subtopics)
    return scores


def _quality(pairs: Sequence[Pair]) -> dict[str, float]:
    answered = [(call, answer.stars) for call, answer in pairs if answer.stars is not None]
    labels = [
        float((call.label == "Good") == (stars >= GOOD_FROM_STARS))
        for call, stars in answered
        if call.label is not None
    ]
    distances = [float(abs(call.stars - stars)) for call, stars in answered if call.stars is not None]
    scores = {}
    if labels:
        scores["label_accuracy"] = _mean(labels)
    if distances:
        scores["stars_mae"] = _mean(distances)
    return scores
