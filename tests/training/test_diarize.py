"""The diarization recipe: its labels, its losses, and a few steps of the real thing."""

from __future__ import annotations

import csv
import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import torch
from pyannote.audio.utils.powerset import Powerset

from services.diarize.pipeline import load_pipeline
from services.serving.profile import StageConfig
from tests.diarize import tiny_hub
from tests.diarize.serving import DATA
from training.common.log import CsvLog
from training.diarize import assemble, embedding, recipe, segmentation
from training.diarize.likeness import Likeness
from training.diarize.networks import embedding_network, frame_times, save, segmentation_network, set_filters
from training.diarize.pool import Pool
from training.diarize.recordings import Recording, Recordings, read_manifest
from training.diarize.scenes import Conversations, Scene, activity
from training.diarize.schedule import Schedule

RATE = 16000


@pytest.fixture(scope="module")
def pool() -> Pool:
    """Four voices, each a tone of its own; twenty utterances of one to two seconds."""
    rng = np.random.default_rng(1)
    persona = np.repeat(np.arange(4), 5)
    lengths = rng.integers(RATE, 2 * RATE, size=len(persona))
    waves = [
        (8000 * np.sin(2 * np.pi * 300 * (who + 2) * np.arange(length) / RATE)).astype(np.int16)
        for who, length in zip(persona, lengths, strict=True)
    ]
    return Pool(
        samples=np.concatenate(waves),
        offsets=np.cumsum([0, *lengths]),
        persona=persona,
        voice=np.arange(4),
        rate=np.zeros(4, np.int64),
        noises=rng.standard_normal((2, 12 * RATE)).astype(np.float32),
        music=np.zeros(12 * RATE, np.float32),
    )


def test_scenes_say_who_speaks_when(pool: Pool) -> None:
    conversations = Conversations(pool)
    spoken = overlapped = 0
    for seed in range(30):
        scene = conversations.draw(np.random.default_rng(seed), 6.0)
        assert len(scene.wave) == 6 * RATE and np.abs(scene.wave).max() <= 1
        assert len(set(scene.speakers)) == len(scene.speakers)
        times = np.arange(0.0, 6.0, 0.02)
        active = activity(scene, times)
        for start, end, who in scene.turns:
            assert 0 <= start < end <= 6 and who < len(scene.speakers)
        for who, persona in enumerate(scene.speakers):
            alone = (active[:, who] == 1) & (active.sum(1) == 1)
            if alone.sum() > 50:
                # The speaker's own tone carries the sound where the labels say that it talks alone.
                frames = scene.wave.reshape(len(times), -1)[alone]
                tone = np.exp(-2j * np.pi * 300 * (persona + 2) * np.arange(frames.shape[1]) / RATE)
                assert (np.abs(frames @ tone) ** 2).sum() * 2 / len(tone) > 0.5 * (frames**2).sum()
                spoken += 1
        overlapped += int((active.sum(1) > 1).any())
    assert spoken > 20 and overlapped > 3


def test_a_piece_of_a_recording_keeps_who_talks_most() -> None:
    wave = np.arange(10 * RATE, dtype=np.float32) / np.float32(10 * RATE)
    turns = ((0.0, 4.0, "A"), (4.0, 5.0, "B"), (5.0, 9.5, "C"))
    scene = Recordings([Recording("r", wave, turns)], speakers=2).draw(np.random.default_rng(0), 10.0)
    assert scene.turns == ((0.0, 4.0, 1), (5.0, 9.5, 0))
    part = Recordings([Recording("r", wave, turns)]).draw(np.random.default_rng(0), 2.0)
    offset = float(part.wave[0]) * 10
    assert all(0 <= start < end <= 2 for start, end, _ in part.turns)
    assert sum(end - start for start, end, _ in part.turns) == pytest.approx(min(2.0, 9.5 - offset), abs=0.01)
    longer = Recordings([Recording("r", wave, turns)]).draw(np.random.default_rng(0), 12.0)
    assert len(longer.wave) == 12 * RATE and not longer.wave[10 * RATE :].any()


def test_the_loss_does_not_ask_who_comes_first() -> None:
    powerset = Powerset(3, 2)
    scene = Scene(np.zeros(RATE, np.float32), ((0.0, 0.5, 0), (0.4, 0.9, 1)), (-1, -1))
    active = torch.from_numpy(activity(scene, np.arange(0, 1, 0.02)))[None]
    perfect = (powerset.to_powerset(active).float() * 20).log_softmax(-1)
    for order in permutations(range(3)):
        assert segmentation.powerset_loss(perfect, active[..., order], powerset) < 1e-3
    assert segmentation.powerset_loss(perfect.flip(1), active, powerset) > 1


def test_filters_lie_in_the_telephones_band() -> None:
    net = segmentation_network()
    set_filters(net)
    bank = net.sincnet.conv1d[0].filterbank
    spectra = torch.fft.rfft(bank.filters()[:, 0], 16000).abs()
    peaks = spectra.argmax(1)[: len(spectra) // 2]  # in hertz; the sines follow the cosines
    assert peaks.min() >= 150 and peaks.max() <= 3700 and (peaks.diff() > 0).all()
    assert not any(parameter.requires_grad for parameter in bank.parameters())


def test_likeness_asks_for_frames_that_are_alike_where_the_speaker_is() -> None:
    torch.manual_seed(2)
    lstm = torch.nn.LSTM(2, 4, bidirectional=True, batch_first=True)
    likeness = Likeness(lstm)
    active = torch.zeros(1, 30, 3)
    active[0, :10, 0] = active[0, 10:20, 2] = active[0, 20:28, 0] = active[0, 25:30, 1] = 1
    waves = active[..., [0, 2]]
    optimizer = torch.optim.Adam([*lstm.parameters(), *likeness.parameters()], 0.02)
    losses = []
    for _ in range(120):
        lstm(waves)
        loss = likeness(active)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    lstm(waves)
    torch.testing.assert_close(likeness(active[..., [2, 0, 1]]), likeness(active))
    assert likeness(torch.ones(1, 30, 3)) == 0


def test_frames_of_the_network_fit_its_output() -> None:
    for net in (segmentation_network(), embedding_network()):
        assert len(frame_times(net, 3.0)) == net.num_frames(3 * RATE)
    waves = torch.zeros(1, 1, 3 * RATE)
    assert segmentation_network()(waves).shape[1] == len(frame_times(segmentation_network(), 3.0))


def test_standardized_cepstra_fold_into_the_first_layer() -> None:
    torch.manual_seed(2)
    net = embedding_network().eval()
    waves = 0.1 * torch.randn(4, 1, 2 * RATE)
    standardized = embedding.Standardized(net.mfcc, waves)
    cepstra = standardized(waves)
    torch.testing.assert_close(cepstra.mean((0, 1, 3)), torch.zeros(40), atol=1e-3, rtol=0)
    torch.testing.assert_close(cepstra.std((0, 1, 3)), torch.ones(40), atol=1e-3, rtol=0)
    plain = net(waves)
    net.mfcc = standardized
    inside = net(waves)
    standardized.fold_into(net)
    assert not torch.allclose(plain, inside, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(net(waves), inside, atol=1e-4, rtol=1e-3)


def test_embeddings_learn_to_tell_speakers_apart_and_resume(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "_BATCH", 8)
    log = CsvLog(tmp_path / "log.csv", recipe.FIELDS)
    embedding.train(embedding_network(), pool, pool, tmp_path, Schedule(1, steps=2), 3, log)
    net = embedding.make(pool, pool, tmp_path, Schedule(1, steps=12), 3, log)
    with (tmp_path / "log.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["2", "12"]
    assert float(rows[1]["error"]) < 0.02 < float(rows[0]["error"])
    assert embedding.equal_error_rate(net, pool, 3) == pytest.approx(float(rows[1]["error"]), abs=1e-3)
    again = embedding.make(pool, pool, tmp_path, Schedule(1, steps=12), 3, log)
    assert all(torch.equal(one, other) for one, other in zip(*(n.parameters() for n in (net, again)), strict=True))


def test_half_precision_checkpoints_load_as_they_were(tmp_path: Path) -> None:
    torch.manual_seed(2)
    net = segmentation_network().eval()
    save(net, tmp_path)
    from pyannote.audio import Model

    loaded = Model.from_pretrained(tmp_path / "pytorch_model.bin").eval()
    waves = torch.randn(1, 1, 2 * RATE)
    assert loaded.specifications.powerset and next(loaded.parameters()).dtype == torch.float32
    torch.testing.assert_close(loaded(waves), net(waves), atol=0.01, rtol=0.01)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A tiny pipeline folder to start from, in the form of the embedded one."""
    torch.manual_seed(3)
    folder = tmp_path / "base"
    net = tiny_hub.segmentation()
    net.specifications.duration = 4.0
    assemble.write_pipeline(folder, net, embedding_network(), torch.float32)
    assemble.write_config(folder, assemble.FIRST_GUESS.to_config())
    return folder


def test_fine_tunes_a_pipeline_on_labelled_calls_and_resumes(base: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    entry = json.loads((DATA / "two_speakers.jsonl").read_text(encoding="utf-8"))
    entry["audio"] = str(DATA / entry["audio"])
    manifest.write_text(json.dumps(entry) + "\n", encoding="utf-8")
    out, run = tmp_path / "out", tmp_path / "run"
    command = ["--base", str(base), "--manifest", str(manifest), "--out", str(out), "--run", str(run)]
    recipe.main([*command, "--steps", "2"])
    recipe.main([*command, "--steps", "4"])
    with (run / "log.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["2", "4"]
    assert all(0 < float(row["loss"]) < 10 for row in rows)
    before, _ = load_pipeline(StageConfig("diarize", "test", str(base)))
    after, _ = load_pipeline(StageConfig("diarize", "test", str(out)))
    assert after.parameters(instantiated=True) == before.parameters(instantiated=True)
    old, new = (p.segmentation_model.state_dict() for p in (before, after))
    assert any(not torch.equal(old[name], new[name]) for name in old)
    same = (p.embedding.state_dict() for p in (before, after))
    assert all(torch.equal(one, other) for one, other in zip(*(s.values() for s in same), strict=True))


def test_tuning_finds_settings_that_fit(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "_THRESHOLDS", (0.01, 2.0))
    calls = read_manifest(DATA / "one_speaker.jsonl")
    parameters, score = assemble.tune(base, calls, CsvLog(tmp_path / "log.csv", recipe.FIELDS))
    with (tmp_path / "log.csv").open(encoding="utf-8") as file:
        trials = [
            assemble.Score(float(row["der"]), float(row["speaker_count_accuracy"])) for row in csv.DictReader(file)
        ]
    assert len(trials) == 12 and len({trial.der for trial in trials}) > 1
    assert score.cost == pytest.approx(min(trial.cost for trial in trials), abs=1e-3)
    pipeline, _ = load_pipeline(StageConfig("diarize", "test", str(base)))
    assert pipeline.parameters(instantiated=True) == parameters.to_config()
