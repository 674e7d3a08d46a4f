"""The emotion recipe: a few steps from nothing and on a labelled manifest, and what the network starts from."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

from services.emotion.classifier import Classifier
from services.emotion.clips import cut
from services.emotion.labels import EMOTIONS, emotions_of
from training.corpus.espeak import EspeakError, synthesise
from training.emotion import data, network
from training.emotion.__main__ import main
from training.emotion.calibrate import calibrate
from training.emotion.ear import Lesson, Reader, teach
from training.emotion.frontend import Frontend
from training.emotion.prosody import Prosody, measure, pitch

CALL = Path(__file__).parents[1] / "emotion" / "data"


def has_espeak() -> bool:
    try:
        synthesise("a", "f1", speed=160, pitch=50, gap=0, pitch_range="medium")
    except EspeakError:
        return False
    return True


def manifest(folder: Path, calls: int) -> Path:
    entry = json.loads((CALL / "call.json").read_text(encoding="utf-8"))
    entry["audio"] = str(CALL / "call.wav")
    lines = [json.dumps({**entry, "id": f"c{number}"}) for number in range(calls)]
    path = folder / "calls.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def heard(hz: float, dbfs: float = -23.0) -> torch.Tensor:
    """What the fixed convolutions make of a second of a voice on the telephone, shape (channels,)."""
    time = torch.arange(16000) / 16000
    partials = [torch.cos(2 * torch.pi * hz * k * time) for k in range(1, 60) if 300 < k * hz < 3400]
    voice = torch.stack(partials).sum(0)
    voice *= 10 ** (dbfs / 20) / voice.square().mean().sqrt()
    hidden = voice[None, None]
    with torch.inference_mode():
        for layer in network.from_nothing(seed=1).wavlm.feature_extractor.conv_layers[:2]:
            hidden = layer(hidden)
    return hidden[0].mean(-1)


@pytest.mark.parametrize("hz", [80.0, 120.0, 200.0, 320.0])
def test_the_first_layers_show_the_harmonics_of_a_voice(hz: float) -> None:
    magnitudes = heard(hz)[8:].numpy()
    frequencies = np.asarray([*range(300, 1600, 20), *range(1600, 3420, 40)])
    low = frequencies < 1300
    distance = np.abs(frequencies / hz - np.round(frequencies / hz)) * hz
    on, between = magnitudes[low & (distance <= 10)], magnitudes[low & (distance >= min(30, 0.45 * hz))]
    assert len(on) and len(between) and np.median(on) > 2 * np.median(between)


def context_frontend() -> Frontend:
    return Frontend(network.from_nothing(seed=1), network.feature_extractor())


def test_the_first_layers_hear_the_level_apart_from_the_spectrum() -> None:
    soft, normal, loud = (heard(120.0, dbfs) for dbfs in (-33.0, -23.0, -13.0))
    assert soft[0] > 1.5 * normal[0] > 2 * loud[0]
    assert torch.allclose(normal[8:], loud[8:], atol=0.25 * float(normal[8:].max()))


def test_a_passage_of_features_is_what_the_service_hears() -> None:
    model, extractor = network.from_nothing(seed=1).eval(), network.feature_extractor()
    model.classifier.weight.data.mul_(10)  # random weights say nearly the same about everything
    frontend = Frontend(model, extractor)
    rng = np.random.default_rng(0)
    clips = [rng.normal(0, level, samples).astype(np.float32)
             for level, samples in ((0.07, 20000), (0.02, 33333), (0.2, 48000))]  # fmt: skip
    with torch.inference_mode():
        turns = [[frontend.features(clips[0]), frontend.features(clips[1])], [frontend.features(clips[2])]]
        learnt = torch.softmax(frontend.passage_logits(turns), -1)
    judged = dict(Classifier(model, extractor).classify(clips, ["A", "A", "B"]))
    served = torch.tensor([[judged[number][emotion] for emotion in network.LABELS] for number in range(3)])
    assert torch.allclose(learnt, served, atol=0.01)
    assert not torch.allclose(served[0], served[1], atol=0.02) and not torch.allclose(served[0], served[2], atol=0.02)
    assert frontend.frame_seconds == pytest.approx(0.04) and frontend.frames_an_output == 4


def test_features_of_single_turns_and_the_rest_are_the_whole_network() -> None:
    model, extractor = network.from_nothing(seed=1).eval(), network.feature_extractor()
    model.config.context_seconds = 0.0
    frontend = Frontend(model, extractor)
    rng = np.random.default_rng(0)
    clips = [rng.normal(0, 0.07, samples).astype(np.float32) for samples in (20000, 33333, 48000)]
    with torch.inference_mode():
        whole = model(**extractor(clips, sampling_rate=16000, padding=True, return_tensors="pt")).logits
        rest = frontend.logits([frontend.features(clip) for clip in clips])
    assert torch.allclose(whole, rest, atol=2e-3)
    assert not torch.allclose(whole[0], whole[2], atol=2e-3)


@pytest.mark.parametrize("hz", [75.0, 110.0, 190.0, 330.0])
def test_the_pitch_of_a_clean_voice(hz: float) -> None:
    time = np.arange(16000) / 16000
    voice = sum(np.cos(2 * np.pi * hz * k * time) / k for k in range(1, 20)) * 0.05
    octaves = pitch(np.concatenate([voice, np.zeros(8000)]).astype(np.float32), hop=320, field=800)
    assert octaves.shape == ((24000 - 800) // 320 + 1,)
    assert 100 * 2.0 ** octaves[5:40].astype(float) == pytest.approx(np.full(35, hz), rel=0.02)
    assert np.isnan(octaves[-15:]).all()


def test_levels_are_those_that_the_network_hears() -> None:
    noise = np.random.default_rng(0).normal(0, 10 ** (-23 / 20), 32000).astype(np.float32)
    noise[16000:] *= 0.1
    prosody = measure(noise, noise, hop=640, field=800)
    assert prosody.levels.shape == prosody.octaves.shape == ((32000 - 800) // 640 + 1,)
    assert prosody.levels[:20].astype(float) == pytest.approx(np.zeros(20), abs=0.1)
    assert prosody.levels[-20:].astype(float) == pytest.approx(np.full(20, -2.0), abs=0.1)


def test_the_reader_compares_the_frames_that_an_output_hears() -> None:
    rng = np.random.default_rng(0)
    octaves, levels = (rng.normal(size=80).astype(np.float16) for _ in range(2))
    turn = data.Turn(np.zeros((80, 3), np.float16), "sad", Prosody(octaves, levels))
    sound = torch.from_numpy(np.concatenate([one[2:78].reshape(19, 4) for one in (octaves, levels)], 1)).float()[None]
    reader = Reader(channels=8, frames=4)
    with torch.no_grad():
        reader._read.weight.zero_()
        reader._read.weight[:4, :4] = torch.eye(4)
        reader._read.weight[8:, 4:] = torch.eye(4)
        reader._read.bias.copy_(torch.tensor([0.0] * 4 + [20.0] * 4 + [0.0] * 4))
    with torch.inference_mode():
        assert float(reader(sound, [turn])) == pytest.approx(0, abs=1e-3)
        assert float(reader(sound.roll(1, 1), [turn])) > 0.5
    with pytest.raises(ValueError, match="without prosody"):
        reader(sound, [data.Turn(turn.features, "sad")])


@pytest.mark.skipif(not has_espeak(), reason="espeak-ng is not installed")
def test_the_ear_is_taught_once_and_frozen(tmp_path: Path) -> None:
    extractor, lesson = network.feature_extractor(), Lesson(minutes=0.02, pieces=2, pool_seconds=5.0)
    models = []
    for _ in range(2):
        model = network.from_nothing(seed=1)
        before = model.wavlm.feature_extractor.conv_layers[-1].conv.weight.detach().clone()
        teach(model, extractor, data.invented_calls(np.random.default_rng(0)), lesson, tmp_path)
        convolutions = model.wavlm.feature_extractor
        assert not torch.equal(before, convolutions.conv_layers[-1].conv.weight)
        assert not any(parameter.requires_grad for parameter in convolutions.parameters())
        models.append(convolutions.state_dict())
    assert all(torch.equal(models[0][name], models[1][name]) for name in models[0])


def test_turns_of_a_manifest(tmp_path: Path) -> None:
    (call,) = data.manifest_calls(manifest(tmp_path, 1))
    assert call.audio.sample_rate_hz == 16000 and set(call.labels) == set(EMOTIONS)
    assert (call.spans[1].start_ms, call.spans[1].end_ms, call.spans[1].customer) == (4940, 10640, True)
    assert call.audio.seconds == pytest.approx(37.7, abs=0.2)


def test_passages_are_of_one_speaker_and_not_too_long(tmp_path: Path) -> None:
    pool = data.Pool(data.manifest_calls(manifest(tmp_path, 1)), context_frontend())
    assert pool.grow() and not pool.grow()
    # The operator of the call is always neutral, the customer once in each mood.
    passages = pool.passages(np.random.default_rng(0), 4, longest_seconds=10.0)
    drawn = [turns for _ in range(20) for turns in next(passages)]
    moods = [[turn.label for turn in turns] for turns in drawn]
    assert all(len(set(labels)) in (1, len(labels)) for labels in moods)
    assert max(len(labels) for labels in moods) > 1
    assert all(len(turns) == 1 or sum(len(turn.features) for turn in turns) <= 250 for turns in drawn)
    assert pool.counts == {"neutral": 5, "happy": 1, "sad": 1, "angry": 1}


def test_turns_alone_balance_the_emotions(tmp_path: Path) -> None:
    model = network.from_nothing(seed=1)
    model.config.context_seconds = 0.0
    pool = data.Pool(data.manifest_calls(manifest(tmp_path, 1)), Frontend(model, network.feature_extractor()))
    assert pool.grow()
    batches = pool.turns(np.random.default_rng(0), 16, (1.0, 2.0))
    labels: list[str] = []
    for _ in range(20):
        drawn = next(batches)
        assert all(25 <= len(turn.features) <= 50 for turn in drawn)
        labels += [turn.label for turn in drawn]
    assert all(labels.count(emotion) > 50 for emotion in EMOTIONS)


@pytest.mark.skipif(not has_espeak(), reason="espeak-ng is not installed")
def test_invented_parties_have_all_emotions_and_their_clean_voice() -> None:
    calls = data.invented_calls(np.random.default_rng(0))
    drawn = [next(calls) for _ in range(8)]
    # espeak's flutter runs on from test to test and moves the draws: eight parties may have no sad turn.
    seen = {label for call in drawn for label in call.labels}
    for call in itertools.islice(calls, 60):
        if seen == set(EMOTIONS):
            break
        seen.update(call.labels)
    assert seen == set(EMOTIONS)
    for call in drawn:
        assert call.clean is not None and call.clean.size == call.audio.samples.shape[1]
        assert len({span.voice for span in call.spans}) == 1
    pool = data.Pool(iter(drawn), context_frontend(), with_prosody=True)
    while pool.grow():
        pass
    turns = next(pool.pieces(np.random.default_rng(0), 8, seconds=1.0))
    assert [len(turn.features) for turn in turns] == [25] * 8
    octaves = np.concatenate([turn.prosody.octaves for turn in turns if turn.prosody is not None])
    assert octaves.shape == (200,) and 0.3 < float(np.isfinite(octaves).mean()) < 1
    assert -0.8 < float(np.nanmedian(octaves)) < 1.8


@pytest.mark.parametrize("context_seconds", [0.0, 60.0])
def test_fine_tuning_on_a_manifest_is_resumed(tmp_path: Path, context_seconds: float) -> None:
    base, out, run = tmp_path / "base", tmp_path / "out", tmp_path / "run"
    model = network.from_nothing(seed=1)
    model.config.context_seconds = context_seconds
    model.save_pretrained(base)
    network.feature_extractor().save_pretrained(base)
    arguments = ["--base", str(base), "--manifest", str(manifest(tmp_path, 2)), "--out", str(out), "--run", str(run),
                 "--batch", "4", "--learning-rate", "1e-3", "--minutes", "5", "--precision", "fp32"]  # fmt: skip
    main([*arguments, "--steps", "4"])
    saved = torch.load(run / "state.pt", weights_only=True)
    assert saved["step"] == 4
    first = AutoModelForAudioClassification.from_pretrained(out)
    main([*arguments, "--steps", "6"])
    second = AutoModelForAudioClassification.from_pretrained(out)
    assert emotions_of(second.config.id2label) == list(EMOTIONS)
    assert AutoFeatureExtractor.from_pretrained(out).do_normalize is False
    assert not torch.equal(first.classifier.weight, second.classifier.weight)
    with (run / "log.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows if row["uar"]] == ["4", "6"]
    assert float(rows[1]["minutes"]) > float(rows[0]["minutes"])


def test_a_temperature_makes_the_probabilities_mean_what_they_say(tmp_path: Path) -> None:
    # Random weights are seldom right: whoever says so loudly is to say it softly.
    model, extractor = network.from_nothing(seed=1).eval(), network.feature_extractor()
    model.classifier.weight.data.mul_(30)
    (call,) = data.manifest_calls(manifest(tmp_path, 1))

    def judged() -> tuple[float, list[str]]:
        judge = Classifier(model, extractor)
        scores = dict(judge.classify(cut(call.audio, call.spans), [span.voice for span in call.spans]))
        missed: dict[str, list[float]] = {}
        for number, label in enumerate(call.labels):
            missed.setdefault(label, []).append(-np.log(scores[number][label]))
        best = [max(scores[number], key=scores[number].__getitem__) for number in range(len(call.labels))]
        return float(np.mean([np.mean(values) for values in missed.values()])), best

    before, emotions = judged()
    assert calibrate(model, extractor, [call]) > 1.2
    after, same_emotions = judged()
    assert after < 0.9 * before and same_emotions == emotions


def test_help_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "superb/wav2vec2-large-superb-er" in capsys.readouterr().out


def test_a_base_needs_a_manifest() -> None:
    with pytest.raises(SystemExit):
        main(["--base", "somewhere"])
