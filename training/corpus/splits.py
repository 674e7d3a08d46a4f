"""No sentence of four words or more stands in two splits: slots count as one and the same word."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from training.corpus.script import CallScript, Pools, Text, load
from training.corpus.slots import Split
from training.corpus.words import normalise, sentences

_MIN_WORDS = 4


def long_sentences(text: Text) -> dict[str, str]:
    """The normalised sentences of four words or more of a split, each with where it first stands."""
    found: dict[str, str] = {}
    for where, line in _lines(text):
        for sentence in _keys(line):
            found.setdefault(sentence, where)
    return found


def shared(first: Text, second: Text) -> list[tuple[str, str, str]]:
    """The long sentences of both splits: (sentence, where in the first, where in the second)."""
    theirs = long_sentences(second)
    return [(key, where, theirs[key]) for key, where in long_sentences(first).items() if key in theirs]


def exclude(text: Text, held_out: Iterable[Text]) -> Text:
    """`text` without the pool lines, turns and summary sentences that share a long sentence with them.

    A call of whose summary nothing is left goes as a whole.
    """
    taken = {sentence for other in held_out for sentence in long_sentences(other)}

    def free(line: str) -> bool:
        return taken.isdisjoint(_keys(line))

    def kept(pools: Pools) -> Pools:
        lines = {name: tuple(filter(free, pool)) for name, pool in pools.lines.items()}
        return replace(pools, lines={name: pool for name, pool in lines.items() if pool})

    def pruned(call: CallScript) -> CallScript:
        summary = " ".join(filter(free, sentences(call.summary)))
        return replace(call, summary=summary, turns=tuple(turn for turn in call.turns if free(turn.text)))

    calls = tuple(call for call in map(pruned, text.calls) if call.summary)
    pools = {name: kept(pool) for name, pool in text.pools.items()}
    return replace(text, calls=calls, pools=pools, general=kept(text.general))


@cache
def load_apart(split: Split) -> Text:
    """A split's text; the train split without what stands in validation or test. Raises ScriptError."""
    if split != "train":
        return load(split)
    return exclude(load("train"), (load("validation"), load("test")))


def call_lines(call: CallScript) -> list[str]:
    """Everything that is written in a call: its turns and its summary."""
    return [*(turn.text for turn in call.turns), call.summary]


def pool_lines(pools: Pools) -> list[str]:
    """Every line of the pools, cut at `|` into what each party says."""
    return [part.strip() for lines in pools.lines.values() for line in lines for part in line.split("|")]


def _lines(text: Text) -> Iterator[tuple[str, str]]:
    for call in text.calls:
        for line in call_lines(call):
            yield call.source, line
    for pools in (text.general, *text.pools.values()):
        for line in pool_lines(pools):
            yield f"the pools of {pools.subtopic}", line


def _keys(line: str) -> set[str]:
    parts = (normalise(sentence) for half in line.split("|") for sentence in sentences(half))
    return {part for part in parts if len(part.split()) >= _MIN_WORDS}
