"""Trains the recogniser: ``python -m training.asr``; goes on from another's weights with ``--base``."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
from transformers import Wav2Vec2BertForCTC, Wav2Vec2BertProcessor

from training.asr import whisper
from training.asr.finish import finish, write
from training.asr.labelled import LabelledWindows
from training.asr.recogniser import build, processor
from training.asr.train import Recipe, Sources, train
from training.asr.windows import Windows
from training.common.log import keep

_LONGEST_SECONDS = 20.0
_FINE_TUNING_RATE = 1e-4
_CONTINUED_RATE = 6e-4


def main() -> None:
    """Reads the command line and runs what it asks for."""
    parser = argparse.ArgumentParser(prog="python -m training.asr", description="Trains a recogniser.")
    parser.add_argument("--minutes", type=float, default=Recipe.minutes, help="core-minutes (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=Recipe.seed, help="default: %(default)s")
    parser.add_argument("--folder", type=Path, default=Path("runs/asr"), help="state and log (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("models/mini/asr"), help="the model (default: %(default)s)")
    parser.add_argument("--base", type=Path, help="folder of a Wav2Vec2BertForCTC or Whisper checkpoint to go on from")
    parser.add_argument("--manifest", type=Path, help="labelled calls to train a base on, in place of the corpus")
    parser.add_argument(
        "--validation",
        type=Path,
        default=Path("data/corpus/validation/manifest.jsonl"),
        help="labelled calls that the search is tuned and the model measured on (default: %(default)s)",
    )
    options = parser.parse_args()
    base: Path | None = options.base
    if base is None and options.manifest is not None:
        parser.error("--manifest needs a --base")
    is_whisper = base is not None and _architecture(base) == "WhisperForConditionalGeneration"
    if options.manifest is None and is_whisper:
        parser.error("Whisper is trained on a --manifest")
    if options.manifest is None:
        torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    recipe = Recipe(minutes=options.minutes, seed=options.seed)
    if base is None or options.manifest is None:
        made = processor(options.folder / "model")
        if base is None:
            model = build(len(made.tokenizer))
        else:
            model = _recogniser(base)
            if model.config.vocab_size != len(made.tokenizer):
                parser.error(f"{base} writes other letters than the corpus")
            recipe = replace(recipe, peak_learning_rate=_CONTINUED_RATE, window_growth=1.0)
        train(model, made, Sources(Windows("train"), Windows("validation")), recipe, options.folder)
        write(model, made, options.out)
        keep(options.folder / "log.csv", options.out)
        print(finish(options.out, options.validation))
    elif is_whisper:
        source = LabelledWindows(options.manifest, whisper.LONGEST_SECONDS, written=True)
        whisper.fine_tune(base, source, recipe, options.folder)
    else:
        made = Wav2Vec2BertProcessor.from_pretrained(base, local_files_only=True)
        model = _recogniser(base)
        train_on = LabelledWindows(options.manifest, _LONGEST_SECONDS)
        sources = Sources(train_on, LabelledWindows(options.validation, _LONGEST_SECONDS))
        train(model, made, sources, replace(recipe, peak_learning_rate=_FINE_TUNING_RATE), options.folder)
        made.save_pretrained(options.folder / "model")
        model.save_pretrained(options.folder / "model")


def _recogniser(folder: Path) -> Wav2Vec2BertForCTC:
    return Wav2Vec2BertForCTC.from_pretrained(folder, local_files_only=True, dtype=torch.float32)


def _architecture(folder: Path) -> str:
    return str(json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"][0])


if __name__ == "__main__":
    main()
