"""Write the corpus: `python -m training.corpus --out DIR`."""

import argparse
import sys
from pathlib import Path

from training.corpus import card
from training.corpus.generate import generate
from training.corpus.script import ScriptError, load
from training.corpus.slots import SPLITS, Split
from training.corpus.splits import load_apart, shared
from training.corpus.words import normalise


def main() -> int:
    """Check the text, then write the splits that were asked for; 1 when the text is at fault."""
    parser = argparse.ArgumentParser(prog="python -m training.corpus", description="Write the synthetic call corpus.")
    parser.add_argument(
        "--out", type=Path, default=Path("data/corpus"), help="gets a folder for each split (default: %(default)s)"
    )
    parser.add_argument("--card", action="store_true", help="write nothing but the counts on the corpus' card")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same bytes (default 0)")
    parser.add_argument("--train", type=int, default=600, metavar="N", help="calls to train on (default 600)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes side by side (default 2)")
    parser.add_argument("--split", choices=SPLITS, action="append", help="only this split; may be repeated")
    arguments = parser.parse_args()
    if not _text_is_sound():
        return 1
    if arguments.card:
        print(card.write(arguments.out))
        return 0
    for split in arguments.split or SPLITS:
        _write(
            arguments.out,
            split,
            arguments.seed,
            arguments.train if split == "train" else None,
            arguments.jobs,
        )
    return 0


def _text_is_sound() -> bool:
    try:
        texts = {split: load(split) for split in SPLITS}
    except ScriptError as error:
        print(error, file=sys.stderr)
        return False
    for text in texts.values():
        for warning in text.warnings:
            print(f"warning: {warning}", file=sys.stderr)
    dropped = sum(len(shared(texts["train"], texts[split])) for split in SPLITS[1:])
    left = sum(len(shared(load_apart("train"), texts[split])) for split in SPLITS[1:])
    held_out = shared(texts["validation"], texts["test"])
    for sentence, first, second in held_out:
        print(f"in validation and test: {sentence!r} ({first}, {second})", file=sys.stderr)
    print(f"sentences in two splits: {left + len(held_out)} ({dropped} left out of train)")
    return not held_out and not left


def _write(out: Path, split: Split, seed: int, calls: int | None, jobs: int) -> None:
    seconds = 0.0
    words: set[str] = set()
    count = 0
    for count, made in enumerate(generate(out, split, seed=seed, calls=calls, jobs=jobs), start=1):
        seconds += made.seconds
        words.update(word for turn in made.entry["turns"] for word in normalise(turn["text"]).split())
        print(f"\r{split}: {count} calls, {seconds / 60:.1f} minutes", end="", file=sys.stderr, flush=True)
    print(f"\r{split}: {count} calls, {seconds / 60:.1f} minutes, {len(words)} distinct words")


if __name__ == "__main__":
    sys.exit(main())
