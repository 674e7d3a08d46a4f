"""Two minutes of each thing that a line carries when nobody speaks, through the served model: no word."""

from __future__ import annotations

import os

import pytest

from services.asr.model import Recogniser
from services.serving.profile import load_stage
from training.asr.quiet import play, sounds


@pytest.fixture(scope="module")
def mini() -> Recogniser:
    return Recogniser(load_stage("asr", "mini", os.environ))


@pytest.mark.parametrize("name", sounds())
def test_nobody_speaks(mini: Recogniser, name: str) -> None:
    heard = play(mini, name, seed=20_261)
    assert heard.seconds == 120 and heard.words == ()
    assert heard.speech_seconds < 4
