"""Who speaks: espeak-ng's voice variants, divided between the splits, and a speaker's own habits."""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from training.corpus.draw import pick
from training.corpus.espeak import EspeakError
from training.corpus.slots import Split

Sex = Literal["female", "male"]

TEST = ("f5", "m7", "Andrea", "linda", "paul", "marcelo")
VALIDATION = ("f4", "m4", "belinda", "Hugo", "pedro", "travis")
# Not human-like: whispers, croaks and robots.
UNUSABLE = re.compile(r"whisper|whisperf|croak|UniRobot|robosoft\d*|anikaRobot|Demonic")

_VARIANTS = "espeak-ng-data/voices/!v"
_DATA = (
    "/usr/share", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/share",
)  # fmt: skip
_GENDER = re.compile(r"^gender\s+(female|male)\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Speaker:
    """One person's neutral voice.

    `sex` is None where espeak's variant does not say it; `speed` in words a minute; `pitch` 0–99;
    `gap` between words in units of 10 ms; `level_dbfs` the speech's root mean square.
    """

    variant: str
    sex: Sex | None
    speed: float
    pitch: float
    gap: int
    level_dbfs: float


def draw(rng: np.random.Generator, split: Split, *, sex: Sex | None = None, avoid: Collection[str] = ()) -> Speaker:
    """A speaker of the split: of the given sex where one is left, and of no variant in `avoid`.

    Raises EspeakError when espeak-ng's data is not installed.
    """
    free = [name for name in variants(split) if name not in avoid]
    fitting = [name for name in free if sex is None or sex_of(name) in (sex, None)]
    variant = pick(rng, fitting or free)
    return Speaker(
        variant=variant,
        sex=sex_of(variant),
        speed=rng.uniform(150, 175),
        pitch=rng.uniform(44, 56),
        gap=int(rng.integers(0, 5)),
        level_dbfs=rng.uniform(-28, -16),
    )


@cache
def variants(split: Split) -> tuple[str, ...]:
    """The split's variants by name; no variant belongs to two splits."""
    if split == "test":
        return TEST
    if split == "validation":
        return VALIDATION
    names = sorted(path.name for path in _folder().iterdir())
    return tuple(name for name in names if name not in TEST + VALIDATION and not UNUSABLE.fullmatch(name))


@cache
def sex_of(variant: str) -> Sex | None:
    """What the variant's file says."""
    found = _GENDER.search((_folder() / variant).read_text(encoding="utf-8", errors="replace"))
    if not found:
        return None
    return "female" if found[1].lower() == "female" else "male"


@cache
def _folder() -> Path:
    own = [os.environ["ESPEAK_DATA_PATH"]] if "ESPEAK_DATA_PATH" in os.environ else []
    for root in (*own, *_DATA):
        if (folder := Path(root) / _VARIANTS).is_dir():
            return folder
    raise EspeakError("espeak-ng's data is not installed (apt-get install espeak-ng)")
