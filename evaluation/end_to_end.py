"""The whole system end to end: a recording in, the orchestrator's analysis out."""

from __future__ import annotations

from callcenter.v1 import call_pb2

from client import CallCenter
from evaluation.alone import EMOTION_NAMES, ROLE_NAMES, trend_of
from evaluation.hypothesis import Hypothesis, Span, most_overlapping
from evaluation.manifest import ReferenceCall


async def judge(call: ReferenceCall, calls: CallCenter) -> Hypothesis:
    """Submits a recording, waits for the analysis and reads it in the terms of the metrics."""
    submitted = await calls.submit(call.audio, idempotency_key=f"evaluation:{call.id}")
    return from_call(await calls.wait(submitted.call_id), call)


def from_call(result: call_pb2.Call, call: ReferenceCall) -> Hypothesis:
    """Reads an analysis; what is missing in a call that did not complete counts as wrong."""
    spans = [Span(turn.start_ms / 1000, turn.end_ms / 1000, turn.speaker) for turn in result.turns]
    matches = [most_overlapping(turn, spans) for turn in call.turns]
    words = sorted((word for turn in result.turns for word in turn.words), key=lambda word: word.start_ms)
    texts: dict[str, str] = {}
    for turn in result.turns:
        texts[turn.speaker] = f"{texts.get(turn.speaker, '')} {turn.text}".strip()
    return Hypothesis(
        spans=spans,
        speaker_count=len({span.speaker for span in spans}),
        text=" ".join(word.text for word in words),
        speaker_texts=texts,
        roles=[None if match is None else ROLE_NAMES.get(result.turns[match].role) for match in matches],
        emotions=[None if match is None else EMOTION_NAMES.get(result.turns[match].emotion) for match in matches],
        trend=trend_of(result.trend),
        summary=result.summary,
        topic=result.topic.topic,
        subtopic=result.topic.subtopic,
        # No rating is as far off as can be: it must not make the mean better.
        stars=result.quality.stars or (1 if (call.stars or 5) > 3 else 5),
    )
