"""Train calls as the recogniser hears them: ``python -m training.text.heard``.

What a recogniser gets wrong is not what chance gets wrong. Some of the calls that the text models learn from are
spoken, sent through the line and recognised, and kept beside this file: the recipes need neither voices nor recogniser.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.calibration.stages import hear
from training.common.manifest import read
from training.corpus.render import manifest, render, write_wav
from training.corpus.script import CallScript
from training.corpus.splits import load_apart
from training.text.calls import HEARD

_A_SUBTOPIC = 4


def main() -> None:
    """Reads the command line, speaks and recognises calls, keeps them."""
    parser = argparse.ArgumentParser(
        prog="python -m training.text.heard",
        description="Speaks calls of the train split, recognises them and keeps what was heard for the text models.",
    )
    parser.add_argument("--calls", type=int, default=_A_SUBTOPIC, help="calls a subtopic (default: %(default)s)")
    parser.add_argument("--profile", default="mini", help="whose recogniser hears them (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=5, help="of the choice and the voices (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=HEARD, help="(default: %(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(options.seed)
    lines = []
    for entry in recognised(chosen(load_apart("train").calls, options.calls, rng), options.profile, rng):
        lines.append(json.dumps(entry, ensure_ascii=False))
        print(f"\r{len(lines)} calls", end="", flush=True)
    options.out.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    print(f"\r{len(lines)} calls, written to {options.out}")


def chosen(calls: Sequence[CallScript], a_subtopic: int, rng: np.random.Generator) -> list[CallScript]:
    """As many calls of each subtopic, drawn at random."""
    by_subtopic: dict[str, list[CallScript]] = {}
    for call in calls:
        by_subtopic.setdefault(call.subtopic, []).append(call)
    return [own[i] for own in by_subtopic.values() for i in rng.permutation(len(own))[:a_subtopic]]


def recognised(scripts: Sequence[CallScript], profile: str, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Each call as a line of a manifest, its turns' texts those that were heard; turns of which nothing was are left
    out."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        entries = []
        for number, script in enumerate(scripts):
            rendered = render(script, "train", rng)
            entries.append(manifest(rendered, f"h{number:04d}", f"{number}.wav"))
            write_wav(folder / f"{number}.wav", rendered.mix)
        lines = folder / "manifest.jsonl"
        lines.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8")
        for one, entry in zip(hear(read(lines, "audio", "speaker", "text"), profile), entries, strict=True):
            yield entry | {"turns": [entry["turns"][turn.index] | {"text": turn.text} for turn in one.turns]}


if __name__ == "__main__":
    main()
