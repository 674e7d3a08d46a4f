"""Makes the text models: ``python -m training.text STAGE… [--base MODEL --manifest FILE]``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch

from training.text.calls import CorpusSource, ManifestSource
from training.text.loop import Schedule
from training.text.recipe import FINE_TUNING_MINUTES, FINE_TUNING_RATE, RECIPES, make


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m training.text",
        description="Trains the models of roles, quality, topics and summarize: from nothing on the synthetic corpus, "
        "or on top of a full-size model with a bank's own labelled calls.",
        epilog="Example: python -m training.text summarize --base google/mt5-base --manifest calls.jsonl "
        "--out mt5-summarize-bank --minutes 1920 --threads 8",
    )
    made.add_argument("stages", nargs="*", default=[], metavar="STAGE", help=f"of {', '.join(RECIPES)}; none: all")
    made.add_argument("--manifest", type=Path, help="labelled calls, JSON Lines; without it the synthetic corpus")
    made.add_argument("--base", default="", help="model to start from, folder or hub id; without it from nothing")
    made.add_argument("--out", type=Path, help="folder of the model (default: models/mini/STAGE)")
    made.add_argument("--run", type=Path, default=Path("runs/text"), help="logs and states (default: %(default)s)")
    made.add_argument(
        "--minutes", type=float, default=0.0, help="core-minutes of training (default: the recipe's, 60 with --base)"
    )
    made.add_argument("--learning-rate", type=float, default=0.0, help="peak rate (default: the recipe's)")
    made.add_argument("--max-steps", type=int, default=0, help="end after so many steps (default: by --minutes)")
    made.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    made.add_argument("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")
    return made


def main(argv: list[str] | None = None) -> None:
    """Trains what the command line asks for, one stage after another."""
    options = parser().parse_args(argv)
    stages = options.stages or list(RECIPES)
    if unknown := [stage for stage in stages if stage not in RECIPES]:
        parser().error(f"no stage {', '.join(unknown)}; there are {', '.join(RECIPES)}")
    if len(stages) > 1 and (options.out or options.base):
        parser().error("--out and --base are for one stage at a time")
    torch.set_num_threads(options.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if options.threads > 1 else "false"
    source = ManifestSource(options.manifest) if options.manifest else CorpusSource(seed=options.seed)
    for stage in stages:
        recipe = RECIPES[stage]
        rate = options.learning_rate or (FINE_TUNING_RATE if options.base else recipe.learning_rate)
        minutes = options.minutes or (FINE_TUNING_MINUTES if options.base else recipe.minutes)
        schedule = Schedule(minutes, rate, options.seed, options.max_steps)
        out = options.out or Path("models/mini") / stage
        steps = make(stage, source, schedule, options.run / stage, out, options.base)
        print(f"{stage}: {steps} steps, written to {out}")


if __name__ == "__main__":
    main()
