"""Counts of the corpus for its card: what there is in each split, and that no sentence is in two."""

import itertools
import wave
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.common.markers import replace_between
from training.corpus.render import render
from training.corpus.script import CallScript, Text
from training.corpus.slots import SPLITS, Split, Values
from training.corpus.splits import load_apart, long_sentences, pool_lines, shared
from training.corpus.words import normalise

CARD = Path(__file__).parent / "README.md"
_SPOKEN_FOR_THE_RATE = 24


@dataclass(frozen=True)
class Counts:
    """Of the written calls of a split.

    Attributes:
        split: its name.
        calls: that are written.
        turns: in them.
        words: that are said in them, slots filled.
        distinct: different ones among these.
        sentences: different ones of four words and more, in calls and pools; slots count as one word.
        pool_lines: for the grammar.
        minutes: of audio.
        rendered: whether the minutes are those of the rendered split; else estimated from the words.
        stars: calls of one to five stars.
        a_subtopic: fewest and most calls of a subtopic.
        subtopics: how many.
    """

    split: Split
    calls: int
    turns: int
    words: int
    distinct: int
    sentences: int
    pool_lines: int
    minutes: float
    rendered: bool
    stars: tuple[int, ...]
    a_subtopic: tuple[int, int]
    subtopics: int


def count(split: Split, rendered: Path) -> Counts:
    """Counts a split.

    Args:
        split: which.
        rendered: folder of the rendered corpus; it need not be there.
    """
    text = load_apart(split)
    said = {call.source: _said(call, split) for call in text.calls}
    words = [word for line in said.values() for word in line]
    subjects = Counter((call.topic, call.subtopic) for call in text.calls)
    stars = Counter(call.stars for call in text.calls)
    seconds = _rendered_seconds(rendered / split, len(text.calls))
    return Counts(
        split=split,
        calls=len(text.calls),
        turns=sum(len(call.turns) for call in text.calls),
        words=len(words),
        distinct=len(set(words)),
        sentences=len(long_sentences(text)),
        pool_lines=sum(len(pool_lines(pools)) for pools in (text.general, *text.pools.values())),
        minutes=(seconds or _estimated_seconds(text, split, said)) / 60,
        rendered=seconds > 0,
        stars=tuple(stars[number] for number in range(1, 6)),
        a_subtopic=(min(subjects.values()), max(subjects.values())),
        subtopics=len(subjects),
    )


def _said(call: CallScript, split: Split) -> list[str]:
    slots = Values(np.random.default_rng(0), split)
    return [word for turn in call.turns for word in normalise(slots.fill(turn.text)).split()]


def _rendered_seconds(folder: Path, calls: int) -> float:
    """Of all recordings of a split; 0 where they are not there, or not those of this text."""
    recordings = sorted((folder / "audio").glob("*.wav"))
    if len(recordings) != calls:
        return 0.0
    seconds = 0.0
    for path in recordings:
        with wave.open(str(path), "rb") as file:
            seconds += file.getnframes() / file.getframerate()
    return seconds


def _estimated_seconds(text: Text, split: Split, said: dict[str, list[str]]) -> float:
    """From the words a second of some calls, which are spoken for it."""
    chosen = text.calls[:: -(-len(text.calls) // _SPOKEN_FOR_THE_RATE)]
    spoken = sum(render(call, split, np.random.default_rng(i)).seconds for i, call in enumerate(chosen))
    return spoken / sum(len(said[call.source]) for call in chosen) * sum(map(len, said.values()))


def table(counts: Sequence[Counts], in_two: int) -> str:
    """The counts as they stand on the card.

    Args:
        counts: of each split.
        in_two: sentences that stand in two splits.
    """
    rows: list[tuple[str, list[str]]] = [
        ("calls, written by hand", [str(one.calls) for one in counts]),
        ("calls a subtopic", [f"{one.a_subtopic[0]}–{one.a_subtopic[1]} ({one.subtopics})" for one in counts]),
        ("calls of 1 / 2 / 3 / 4 / 5 stars", [" / ".join(map(str, one.stars)) for one in counts]),
        ("minutes, spoken once", [f"{'' if one.rendered else 'about '}{one.minutes:.0f}" for one in counts]),
        ("turns", [_thousands(one.turns) for one in counts]),
        ("words said", [_thousands(one.words) for one in counts]),
        ("distinct words", [_thousands(one.distinct) for one in counts]),
        ("distinct sentences of four words and more", [_thousands(one.sentences) for one in counts]),
        ("lines for the grammar", [_thousands(one.pool_lines) for one in counts]),
    ]
    lines = [f"| | {' | '.join(one.split for one in counts)} |", f"|---|{'---|' * len(counts)}"]
    lines += [f"| {name} | {' | '.join(values)} |" for name, values in rows]
    return "\n".join([*lines, "", f"Sentences of four words and more that stand in two splits: {in_two or 'none'}."])


def _thousands(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def write(rendered: Path) -> str:
    """Counts all splits and writes the table between the card's markers `counts`; gives the table.

    Args:
        rendered: folder of the rendered corpus; it need not be there.
    """
    in_two = sum(len(shared(load_apart(a), load_apart(b))) for a, b in itertools.combinations(SPLITS, 2))
    made = table([count(split, rendered) for split in SPLITS], in_two)
    replace_between(CARD, "counts", made)
    return made
