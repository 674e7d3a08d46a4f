"""Each turn of a chunk finds its speaker by its own voice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.core import SlidingWindow, SlidingWindowFeature

from rpc.errors import InvalidInput
from services.diarize.pipeline import load_pipeline
from services.diarize.turns import turns_apart
from services.serving.profile import StageConfig, load_stage
from tests.diarize import tiny_hub
from training.diarize.assemble import FIRST_GUESS, write_config, write_pipeline
from training.diarize.networks import embedding_network


def apart(*tracks: str) -> list[str]:
    """The turns of one chunk of ten frames a second; ``#`` is speech."""
    data = np.array([[char == "#" for char in track] for track in tracks], np.float32).T[None]
    chunks = SlidingWindowFeature(data, SlidingWindow(start=0, duration=data.shape[1] / 10, step=1))
    found: npt.NDArray[np.float32] = turns_apart(chunks).data
    return ["".join("#" if frame else "." for frame in track) for track in found[0].T]


def test_a_speaker_has_a_track_for_each_turn() -> None:
    assert apart("######....######", ".......##.......") == ["######..........", "..........######", ".......##......."]


def test_a_short_pause_does_not_end_a_turn() -> None:
    assert apart("#####.#####") == ["#####.#####"]
    assert apart("#####..#####") == ["#####.......", ".......#####"]


def test_a_short_turn_stays_with_the_nearest_one_of_its_speaker() -> None:
    assert apart("#####......##..#####") == ["#####...............", "...........##..#####"]
    assert apart("..##....#...") == ["..##....#..."]


def test_chunks_have_as_many_tracks_as_the_one_with_most_turns() -> None:
    data = np.zeros((3, 20, 2), np.float32)
    data[1, :6, 0] = data[1, 10:16, 0] = data[2, :8, 1] = 1
    found = turns_apart(SlidingWindowFeature(data, SlidingWindow(start=0, duration=2, step=1))).data
    assert found.shape == (3, 20, 2) and not found[0].any()
    np.testing.assert_array_equal(found.sum(2), data.sum(2))
    empty = SlidingWindowFeature(data[:1], SlidingWindow(start=0, duration=2, step=1))
    assert turns_apart(empty).data.shape == (1, 20, 1)


def test_the_profile_asks_for_it() -> None:
    mini = load_stage("diarize", "mini", {})
    assert load_pipeline(mini)[0].by_turn
    assert not load_pipeline(StageConfig("diarize", "test", mini.model))[0].by_turn


def test_a_segmentation_that_is_no_powerset_is_refused(tmp_path: Path) -> None:
    net = tiny_hub.segmentation()
    net.specifications = Specifications(
        problem=Problem.MULTI_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=10.0,
        classes=["speaker#1", "speaker#2", "speaker#3"],
        permutation_invariant=True,
    )
    net.build()
    write_pipeline(tmp_path, net, embedding_network())
    write_config(tmp_path, FIRST_GUESS.to_config())
    with pytest.raises(InvalidInput, match="by_turn does not go with this segmentation"):
        load_pipeline(StageConfig("diarize", "test", str(tmp_path), options={"by_turn": True}))
