"""The stage graph, as data.

recording ─ decode ─┬─ diarize ─┬─ turns ─ roles ─┬─ summarize ─ quality
                    └─ asr ─────┘                 ├─ topics
                                                  └─ emotion
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SAMPLE_RATE_HZ = 16_000
"""Of the audio that decode makes: what speech models take. 16 bits, mono or one channel a party, interleaved."""


@dataclass(frozen=True)
class StageSpec:
    """A stage of the graph.

    Attributes:
        name: name of the stage, as in ``callcenter.v1.Stage``.
        needs: stages whose results it reads; each stands before it in ``STAGES``.
        port: default port of its server; None for a stage that runs here.
        hears: True if its server is sent the audio.
        seconds_per_second: deadline of one try for each second of audio, in seconds, on top of a fixed part.
            Generous: it ends hung requests, it does not judge slow machines.
    """

    name: str
    needs: tuple[str, ...] = ()
    port: int | None = None
    hears: bool = False
    seconds_per_second: float = 0.0


STAGES: tuple[StageSpec, ...] = (
    StageSpec("decode"),
    StageSpec("diarize", ("decode",), 50051, True, 20.0),
    StageSpec("asr", ("decode",), 50052, True, 20.0),
    StageSpec("turns", ("diarize", "asr")),
    StageSpec("roles", ("turns",), 50053, False, 2.0),
    StageSpec("emotion", ("turns", "roles"), 50054, True, 10.0),
    StageSpec("summarize", ("turns", "roles"), 50055, False, 5.0),
    StageSpec("topics", ("turns", "roles"), 50056, False, 5.0),
    StageSpec("quality", ("summarize",), 50057, False, 1.0),
)

NAMES: tuple[str, ...] = tuple(stage.name for stage in STAGES)
BY_NAME = {stage.name: stage for stage in STAGES}
SERVED: tuple[StageSpec, ...] = tuple(stage for stage in STAGES if stage.port is not None)


def with_dependents(names: Iterable[str]) -> tuple[str, ...]:
    """The given stages and all that read their results, in the order of the graph."""
    chosen = set(names)
    for stage in STAGES:
        if chosen.intersection(stage.needs):
            chosen.add(stage.name)
    return tuple(name for name in NAMES if name in chosen)
