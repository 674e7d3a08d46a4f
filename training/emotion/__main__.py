"""Makes an emotion model: ``python -m training.emotion --help``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

from services.serving.checkpoint import locate
from services.serving.profile import StageConfig
from training.common.log import keep
from training.emotion import data, ear, network
from training.emotion.calibrate import calibrate
from training.emotion.train import Calls, Settings, train

_FINE_TUNING_RATE = 2e-5
_PASSAGES, _TURNS = Settings.batch, 32

DESCRIPTION = """\
Without --base: a small WavLM from nothing, on calls that the corpus generator invents (espeak-ng is needed).
With --base and --manifest: fine-tunes a checkpoint (superb/wav2vec2-large-superb-er, or a folder of any wav2vec2
sequence classifier with labels for neutral, happy, sad and angry) on your own labelled calls."""


def main(argv: list[str] | None = None) -> None:
    """Reads the command line, trains, saves."""
    parser = argparse.ArgumentParser(
        prog="python -m training.emotion",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=Path("models/mini/emotion"), help="folder for the model")
    parser.add_argument("--run", type=Path, default=Path("runs/emotion"), help="folder for log and state; resumable")
    parser.add_argument("--base", default="", help="checkpoint to fine-tune: a folder, or a hub id that was fetched")
    parser.add_argument("--manifest", type=Path, help="labelled calls (JSON Lines) to train on")
    parser.add_argument("--validation", type=Path, help="labelled calls to judge on; without: every tenth call")
    parser.add_argument("--minutes", type=float, default=Settings.minutes, help="core-minutes (default: %(default)s)")
    parser.add_argument(
        "--ear-minutes", type=float, default=ear.Lesson.minutes,
        help="core-minutes before that in which the convolutions learn to hear pitch and level, without --base"
        " (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--steps", type=int, default=0, help="end after so many steps, whatever the time")
    parser.add_argument("--learning-rate", type=float, help="peak (default: 1e-3 from nothing, 2e-5 with a base)")
    parser.add_argument("--batch", type=int, help="passages of turns a step (default: 4), or turns (default: 32)")
    parser.add_argument("--validation-calls", type=int, default=76, help="calls of the validation split to judge on")
    parser.add_argument("--device", default="cpu", help="cpu or cuda:N")
    parser.add_argument("--precision", choices=("fp16", "fp32"), default="fp16", help="of the saved weights")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    if bool(options.base) != bool(options.manifest):
        parser.error("--base and --manifest belong together")
    torch.set_num_threads(options.threads)

    if options.base:
        folder = locate(StageConfig("emotion", "public", options.base)).folder
        model = AutoModelForAudioClassification.from_pretrained(folder, local_files_only=True)
        model.freeze_feature_encoder()
        extractor = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
        calls = list(data.manifest_calls(options.manifest))
        held_out = list(data.manifest_calls(options.validation)) if options.validation else calls[::10]
        kept = [call for number, call in enumerate(calls) if options.validation or number % 10]
        source: Calls = lambda rng: (kept[number] for number in rng.permutation(len(kept)))  # noqa: E731
    else:
        model, extractor = network.from_nothing(options.seed), network.feature_extractor()
        rng = np.random.default_rng([options.seed, 1])
        held_out = data.written_calls(rng, "validation", options.validation_calls)
        source = data.invented_calls
    model.to(options.device)
    if not options.base:
        lesson = ear.Lesson(minutes=options.ear_minutes, seed=options.seed)
        ear.teach(model, extractor, data.invented_calls(np.random.default_rng([options.seed, 2])), lesson, options.run)
    in_context = bool(getattr(model.config, "context_seconds", 0.0))
    settings = Settings(
        minutes=options.minutes,
        learning_rate=options.learning_rate or (_FINE_TUNING_RATE if options.base else Settings.learning_rate),
        batch=options.batch or (_PASSAGES if in_context else _TURNS),
        max_steps=options.steps,
        seed=options.seed,
    )
    train(model, extractor, source, held_out, settings, options.run)
    print(f"temperature {calibrate(model, extractor, held_out):.2f}", flush=True)
    if options.precision == "fp16":
        model.half()
    model.save_pretrained(options.out)
    extractor.save_pretrained(options.out)
    for name in ("ear.csv", "log.csv"):
        keep(options.run / name, options.out)


if __name__ == "__main__":
    main()
