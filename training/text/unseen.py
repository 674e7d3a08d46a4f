"""Measures the topics model on subjects that it was not trained on: ``python -m training.text.unseen``.

Each subject is added to the list of topics, alone; a call about it should go there, and an ordinary call should not.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.serving.profile import StageConfig
from services.serving.transcript import Turn
from services.topics.model import TopicsModel
from training.corpus.script import parse
from training.corpus.slots import Values
from training.text.calls import LabelledCall, filled, held_out

_CALLS = Path(__file__).parent / "unseen"


def read_unseen(part: str) -> list[LabelledCall]:
    """The calls of ``tuned`` or ``measured``, slots filled in one fixed way."""
    rng = np.random.default_rng([0, 2])
    files = sorted((_CALLS / part).glob("*.txt"))
    scripts = [call for file in files for call in parse(file.read_text(encoding="utf-8"), file)[0]]
    return [filled(call, Values(rng, "validation")) for call in scripts]


def measure(model: str, taxonomy: Path, calls: Sequence[LabelledCall], ordinary: Sequence[LabelledCall]) -> str:
    """A line for each new topic: how many of its calls go there, how many ordinary calls do; then all together."""
    topics = list(dict.fromkeys((call.topic, call.subtopic) for call in calls))
    with tempfile.TemporaryDirectory() as folder:
        longer = Path(folder) / "topics.csv"
        added = "".join(f"{topic},{subtopic},{topic},{subtopic}\n" for topic, subtopic in topics)
        longer.write_text(taxonomy.read_text(encoding="utf-8").rstrip() + "\n" + added, encoding="utf-8")
        reader = TopicsModel(StageConfig("topics", "mini", model, options={"taxonomy": str(longer)}))
        # The softmax keeps the order: one reading with all of them tells what each would have been alone.
        new = {topic for topic, _ in topics}
        found = [dict(reader.classify(_turns(call)).topics) for call in (*calls, *ordinary)]
    lines, right, wrong = [], 0, 0
    for topic in dict.fromkeys(call.topic for call in calls):
        taken = [scores[topic] > max(s for name, s in scores.items() if name not in new) for scores in found]
        own = [chosen for chosen, call in zip(taken, calls, strict=False) if call.topic == topic]
        drawn = sum(taken[len(calls) :])
        lines.append(f"{topic}: {sum(own)} of {len(own)}; ordinary calls that went there: {drawn} of {len(ordinary)}")
        right, wrong = right + sum(own), wrong + drawn
    share = wrong / max(1, len(lines) * len(ordinary))
    return "\n".join([*lines, f"all: {right / len(calls):.1%} found, {share:.1%} of the ordinary calls attracted"])


def _turns(call: LabelledCall) -> list[Turn]:
    return [Turn(i, turn.role, turn.role, turn.text) for i, turn in enumerate(call.turns)]


def main() -> None:
    """Prints the measure for one of the two parts."""
    parser = argparse.ArgumentParser(prog="python -m training.text.unseen", description=__doc__)
    parser.add_argument("part", choices=("tuned", "measured"), help="subjects that were looked at, or were not")
    parser.add_argument("--model", default="models/mini/topics", help="default: %(default)s")
    parser.add_argument("--taxonomy", type=Path, default=Path("topics.csv"), help="default: %(default)s")
    options = parser.parse_args()
    print(measure(options.model, options.taxonomy, read_unseen(options.part), held_out()))


if __name__ == "__main__":
    main()
