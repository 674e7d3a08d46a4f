"""The metrics on calls small enough to reckon by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.hypothesis import Hypothesis, Span, most_overlapping
from evaluation.manifest import ReferenceCall, ReferenceTurn
from evaluation.metrics import normalise, score

CALL = ReferenceCall(
    id="c1",
    audio=Path("c1.wav"),
    turns=(
        ReferenceTurn(0.0, 3.0, "A", "Salam, buyurun.", "operator", "neutral"),
        ReferenceTurn(3.0, 4.0, "B", "Kartım İTİB!", "customer", "sad"),
        ReferenceTurn(4.0, 6.0, "A", "Bir dəqiqə.", "operator", "neutral"),
        ReferenceTurn(6.0, 8.0, "B", "Sağ olun.", "customer", "happy"),
    ),
    summary="Müştəri kartını itirdi.",
    topic="cards",
    subtopic="lost or stolen card",
    stars=5,
    label="Good",
)


def perfect() -> Hypothesis:
    return Hypothesis(
        spans=[Span(turn.start, turn.end, {"A": "S1", "B": "S2"}[turn.speaker]) for turn in CALL.turns],
        speaker_count=2,
        text=CALL.text,
        speaker_texts={"S1": "salam buyurun bir dəqiqə", "S2": "kartım itib sağ olun"},
        roles=["operator", "customer", "operator", "customer"],
        emotions=["neutral", "sad", "neutral", "happy"],
        trend=("sad", "happy"),
        summary=CALL.summary,
        topic=CALL.topic,
        subtopic=CALL.subtopic,
        stars=5,
    )


def test_perfect_answers() -> None:
    scores = score([(CALL, perfect())])
    assert scores["diarize"] == {"der": 0.0, "speaker_count_accuracy": 1.0}
    assert scores["asr"] == {"wer": 0.0, "cer": 0.0, "cpwer": 0.0}
    assert scores["roles"] == {"accuracy": 1.0}
    assert scores["emotion"] == {"uar": 1.0, "trend_accuracy": 1.0}
    assert scores["summarize"] == pytest.approx({"rouge1": 1.0, "rougeL": 1.0, "chrf": 1.0})
    assert scores["topics"] == {"topic_accuracy": 1.0, "subtopic_accuracy": 1.0}
    assert scores["quality"] == {"label_accuracy": 1.0, "stars_mae": 0.0}


def test_casing_is_azerbaijani() -> None:
    assert normalise("İTİB, QIZIM — 'İşıq'!") == "itib qızım işıq"


def test_roles_are_weighted_by_time() -> None:
    answer = Hypothesis(roles=["operator", "operator", None, "customer"])
    assert score([(CALL, answer)])["roles"]["accuracy"] == pytest.approx((3 + 2) / 8)


def test_missing_emotion_counts_as_wrong() -> None:
    answer = Hypothesis(emotions=["neutral", None, "neutral", "sad"])
    assert score([(CALL, answer)])["emotion"] == pytest.approx({"uar": 1 / 3, "trend_accuracy": 0.0})


def test_words_of_the_wrong_speaker_cost_in_cpwer_only() -> None:
    answer = perfect()
    answer.speaker_texts = {"S1": "salam buyurun kartım itib", "S2": "bir dəqiqə sağ olun"}
    scores = score([(CALL, answer)])["asr"]
    assert scores["wer"] == 0.0
    # Two words are missing and two are too many for each of the two speakers, or two are wrong: 4 of 8.
    assert scores["cpwer"] == pytest.approx(0.5)


def test_poor_is_two_stars_or_fewer() -> None:
    scores = score([(CALL, Hypothesis(stars=3)), (CALL, Hypothesis(stars=2))])
    assert scores["quality"] == {"label_accuracy": 0.5, "stars_mae": 2.5}


def test_a_metric_without_references_is_left_out() -> None:
    bare = ReferenceCall(id="c", audio=Path("c.wav"), turns=(ReferenceTurn(0, 1, "A", "salam"),))
    assert set(score([(bare, perfect())])) == {"diarize", "asr"}


def test_most_overlapping() -> None:
    spans = [Span(0, 1, "S1"), Span(1, 5, "S2")]
    assert most_overlapping(ReferenceTurn(0.5, 3.0, "A", ""), spans) == 1
    assert most_overlapping(ReferenceTurn(6.0, 7.0, "A", ""), spans) is None
