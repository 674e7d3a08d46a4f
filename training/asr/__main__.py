"""Trains the recogniser: ``python -m training.asr``; fine-tunes another with ``--base`` and ``--manifest``."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
from transformers import Wav2Vec2BertForCTC, Wav2Vec2BertProcessor

from training.asr import whisper
from training.asr.finish import finish, write
from training.asr.manifest import LabelledWindows
from training.asr.recogniser import build, processor
from training.asr.train import Recipe, Sources, train
from training.asr.windows import Windows

_LONGEST_SECONDS = 20.0
_FINE_TUNING_RATE = 1e-4


def main() -> None:
    """Reads the command line and runs what it asks for."""
    parser = argparse.ArgumentParser(prog="python -m training.asr", description="Trains a recogniser.")
    parser.add_argument("--minutes", type=float, default=Recipe.minutes, help="time budget (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=Recipe.seed, help="default: %(default)s")
    parser.add_argument("--folder", type=Path, default=Path("runs/asr"), help="state and log (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("models/mini/asr"), help="the model (default: %(default)s)")
    parser.add_argument("--base", type=Path, help="folder of a Whisper or Wav2Vec2BertForCTC checkpoint to fine-tune")
    parser.add_argument("--manifest", type=Path, help="labelled calls to fine-tune it on")
    parser.add_argument(
        "--validation",
        type=Path,
        default=Path("data/corpus/validation/manifest.jsonl"),
        help="labelled calls that the search is tuned and the model measured on (default: %(default)s)",
    )
    options = parser.parse_args()
    if (options.base is None) != (options.manifest is None):
        parser.error("--base and --manifest go together")
    torch.set_num_threads(1 if options.base is None else torch.get_num_threads())
    torch.manual_seed(options.seed)
    recipe = Recipe(minutes=options.minutes, seed=options.seed)
    if options.base is None:
        made = processor(options.folder / "model")
        model = build(len(made.tokenizer))
        train(model, made, Sources(Windows("train"), Windows("validation")), recipe, options.folder)
        write(model, made, options.out)
        print(finish(options.out, options.validation))
    elif _architecture(options.base) == "WhisperForConditionalGeneration":
        source = LabelledWindows(options.manifest, whisper.LONGEST_SECONDS, written=True)
        whisper.fine_tune(options.base, source, recipe, options.folder)
    else:
        made = Wav2Vec2BertProcessor.from_pretrained(options.base, local_files_only=True)
        model = Wav2Vec2BertForCTC.from_pretrained(options.base, local_files_only=True, dtype=torch.float32)
        train_on = LabelledWindows(options.manifest, _LONGEST_SECONDS)
        sources = Sources(train_on, LabelledWindows(options.validation, _LONGEST_SECONDS))
        train(model, made, sources, replace(recipe, peak_learning_rate=_FINE_TUNING_RATE), options.folder)
        made.save_pretrained(options.folder / "model")
        model.save_pretrained(options.folder / "model")


def _architecture(folder: Path) -> str:
    return str(json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"][0])


if __name__ == "__main__":
    main()
