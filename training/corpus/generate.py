"""A split of the corpus on disk: a manifest and the audio of its calls."""

import itertools
import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.corpus.grammar import compose
from training.corpus.render import manifest, render, write_wav
from training.corpus.script import CallScript, Text
from training.corpus.slots import SPLITS, Split
from training.corpus.splits import load_apart

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True)
class Made:
    """A call that is on disk: its line of the manifest, and how long it is."""

    entry: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class _Task:
    number: int
    split: Split
    script: CallScript | None
    seed: np.random.SeedSequence
    out: Path


def generate(out: Path, split: Split, *, seed: int, calls: int | None = None, jobs: int = 1) -> Iterator[Made]:
    """Write `out/SPLIT`, the calls in order as they come.

    `calls` is how many: the written ones first, then the grammar's (train only). None is all written ones.
    The same seed gives the same bytes with any number of jobs. Raises ScriptError, espeak.EspeakError, and
    ValueError for more calls than were written of a split that has no grammar.
    """
    text = load_apart(split)
    count = len(text.calls) if calls is None else calls
    if count > len(text.calls) and not text.pools:
        raise ValueError(f"only {len(text.calls)} calls are written for {split}, and it has no pools")
    folder = out / split
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    # A process a call: espeak's pitch flutter depends on all that its process has spoken before.
    context = multiprocessing.get_context("fork")
    with (
        (folder / MANIFEST).open("w", encoding="utf-8") as lines,
        context.Pool(jobs, maxtasksperchild=1) as pool,
    ):
        for made in pool.imap(_make, _tasks(text, split, count, seed, folder), chunksize=1):
            lines.write(json.dumps(made.entry, ensure_ascii=False) + "\n")
            yield made


def _tasks(text: Text, split: Split, count: int, seed: int, folder: Path) -> Iterator[_Task]:
    scripts = itertools.chain(text.calls, itertools.repeat(None))
    for number, script in zip(range(1, count + 1), scripts, strict=False):
        child = np.random.SeedSequence(seed, spawn_key=(SPLITS.index(split), number))
        yield _Task(number, split, script, child, folder)


def _make(task: _Task) -> Made:
    rng = np.random.default_rng(task.seed)
    script = task.script or compose(load_apart(task.split), rng)
    rendered = render(script, task.split, rng)
    name = f"c{task.number:04d}"
    audio = f"audio/{name}.wav"
    write_wav(task.out / audio, rendered.mix)
    return Made(manifest(rendered, name, audio), rendered.seconds)
