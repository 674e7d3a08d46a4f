"""The command line of the recipe: everything from nothing, or a bank's own calls on top of a trained pipeline."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
import yaml

from services.diarize.pipeline import load_pipeline
from services.serving.profile import PROJECT_ROOT, StageConfig
from training.common.log import CsvLog
from training.diarize import embedding, segmentation
from training.diarize.assemble import FIRST_GUESS, tune, write_config, write_pipeline
from training.diarize.calls import rendered_calls
from training.diarize.networks import segmentation_network, set_filters
from training.diarize.pool import load_pool
from training.diarize.recordings import Recordings, read_manifest
from training.diarize.scenes import Conversations
from training.diarize.schedule import Schedule

FIELDS = ("stage", "step", "seconds", "rate", "loss", "accuracy", "error", "method", "threshold",
           "min_cluster_size", "min_duration_off", "der", "speaker_count_accuracy")  # fmt: skip
# What the error of each network is measured on, and the calls that the thresholds are chosen on.
_HELD_OUT_RATES = ((1, 1),) * 4
_HELD_OUT_CALLS, _TUNING_CALLS = 6, 40


def main(argv: Sequence[str] | None = None) -> None:
    """Reads the command line (None: the process' own) and trains."""
    parser = argparse.ArgumentParser(prog="python -m training.diarize", description=__doc__)
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT / "models/mini/diarize", help="the pipeline's folder")
    parser.add_argument("--run", type=Path, default=PROJECT_ROOT / "runs/diarize", help="state to resume from, log")
    parser.add_argument("--base", default="", help="fine-tune the segmentation of this pipeline (folder or hub id)")
    parser.add_argument("--manifest", type=Path, help="labelled calls to fine-tune on (JSON Lines)")
    parser.add_argument("--held-out", type=Path, help="labelled calls that the error is measured on (JSON Lines)")
    parser.add_argument(
        "--minutes", type=float, default=18.0, help="core-minutes of the segmentation (default: %(default)s)"
    )
    parser.add_argument("--embedding-minutes", type=float, default=22.0, help="of the embedding (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=0, help="of each network; 0: by the minutes")
    parser.add_argument("--voices", type=int, default=0, help="speak the corpus with so many voices; 0: all")
    parser.add_argument("--seed", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch (default: %(default)s)")
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)  # silence decays into numbers that are a hundred times slower
    log = CsvLog(options.run / "log.csv", FIELDS)
    if options.base:
        if not options.manifest:
            parser.error("--base needs --manifest")
        fine_tune(options, log)
    else:
        from_nothing(options, log)


def from_nothing(options: argparse.Namespace, log: CsvLog) -> None:
    """Speaks the pool, trains both networks, writes the folder, tunes it on validation calls."""
    pool = load_pool(options.run / "pool.npz", options.seed, voice_limit=options.voices)
    other_voices = load_pool(options.run / "validation.npz", options.seed, "validation", rates=_HELD_OUT_RATES)
    source = Conversations(pool)
    schedule = Schedule(options.embedding_minutes, steps=options.steps)
    vectors = embedding.make(pool, other_voices, options.run, schedule, options.seed, log)
    torch.manual_seed(options.seed)
    net = segmentation_network()
    set_filters(net)
    held_out = Recordings(rendered_calls("validation", _HELD_OUT_CALLS, options.seed))
    schedule = Schedule(options.minutes, steps=options.steps)
    segmentation.train(net, source, held_out, options.run, schedule, options.seed, log, likeness=True)
    write_pipeline(options.out, net, vectors)
    write_config(options.out, FIRST_GUESS.to_config())
    calls = rendered_calls("validation", 3 if options.steps else _TUNING_CALLS, options.seed, others=True)
    parameters, score = tune(options.out, calls, log)
    print(f"{options.out}: {parameters}, {score}")
    shutil.copy(options.run / "log.csv", options.out / "log.csv")


def fine_tune(options: argparse.Namespace, log: CsvLog) -> None:
    """Goes on training the segmentation of a pipeline on labelled calls; embedding and thresholds stay as they are.

    Writes a whole pipeline folder, so that a profile names it in place of the base.
    """
    pipeline, checkpoint = load_pipeline(StageConfig("diarize", "training", options.base))
    if pipeline.klustering != "AgglomerativeClustering":
        raise SystemExit(
            f"{options.base}: its {pipeline.klustering} needs a PLDA of its own; take a pipeline without one"
        )
    net = pipeline.segmentation_model
    speakers = len(net.specifications.classes)
    calls = read_manifest(options.manifest)
    held_out = read_manifest(options.held_out) if options.held_out else calls
    schedule = Schedule(options.minutes, peak_rate=2e-4, steps=options.steps)
    segmentation.train(
        net, Recordings(calls, speakers), Recordings(held_out, speakers), options.run, schedule, options.seed, log
    )
    write_pipeline(options.out, net, pipeline.embedding, torch.float32)
    described = yaml.safe_load((checkpoint.folder / "config.yaml").read_text(encoding="utf-8"))
    write_config(options.out, described["params"], described["pipeline"]["params"])
    print(f"{options.out}: a pipeline with its own segmentation, the rest from {checkpoint.id}")
