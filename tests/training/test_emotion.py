"""The emotion recipe: a few steps from nothing and on a labelled manifest, and what the network starts from."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

from services.emotion.labels import EMOTIONS, emotions_of
from training.corpus.espeak import EspeakError, synthesise
from training.emotion import data, network
from training.emotion.__main__ import main
from training.emotion.frontend import Frontend

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


def test_the_network_hears_the_level() -> None:
    model = network.from_nothing(seed=1).eval()
    rng = np.random.default_rng(0)
    speech = torch.from_numpy(rng.normal(0, 0.07, (1, 16000)).astype(np.float32))
    with torch.inference_mode():
        soft, loud = (model.wav2vec2(speech * gain).extract_features for gain in (0.5, 2.0))
    assert float((soft - loud).norm() / soft.norm()) > 0.1


def test_the_first_layer_tells_frequencies_apart() -> None:
    model = network.from_nothing(seed=1)
    conv = model.wav2vec2.feature_extractor.conv_layers[0].conv
    time = torch.arange(16000) / 16000

    def loudest(hz: float) -> int:
        with torch.inference_mode():
            return int(conv(torch.sin(2 * torch.pi * hz * time)[None, None]).std(-1).argmax())

    bands = [loudest(hz) for hz in (400, 800, 1600, 3000)]
    assert bands == sorted(bands) and len(set(bands)) == 4


def test_the_third_layer_tells_pitches_apart_that_the_line_does_not_carry() -> None:
    layers = network.from_nothing(seed=1).wav2vec2.feature_extractor.conv_layers[:3]

    def strongest(hz: float) -> int:
        time = torch.arange(16000) / 16000
        voice = sum(torch.cos(2 * torch.pi * hz * k * time) for k in range(1, 40) if 300 < k * hz < 3400)
        with torch.inference_mode():
            hidden = 0.01 * torch.as_tensor(voice)[None, None]
            for layer in layers:
                hidden = layer(hidden)
        return int(hidden[0, 28:124].reshape(24, 4, -1).var(dim=(1, 2)).argmax())

    expected = np.geomspace(75, 380, 24)
    for hz in (100.0, 140.0, 220.0):
        assert expected[strongest(hz)] == pytest.approx(hz, rel=0.1)


def test_features_and_the_rest_are_the_whole_network() -> None:
    model, extractor = network.from_nothing(seed=1).eval(), network.feature_extractor()
    frontend = Frontend(model, extractor)
    rng = np.random.default_rng(0)
    clips = [rng.normal(0, 0.07, samples).astype(np.float32) for samples in (20000, 33333, 48000)]
    with torch.inference_mode():
        whole = model(**extractor(clips, sampling_rate=16000, padding=True, return_tensors="pt")).logits
        rest = frontend.logits([frontend.features(clip) for clip in clips])
    assert torch.allclose(whole, rest, atol=2e-3)
    assert not torch.allclose(whole[0], whole[2], atol=2e-3)
    assert frontend.frame_seconds == pytest.approx(0.01)


def test_turns_of_a_manifest(tmp_path: Path) -> None:
    (call,) = data.manifest_calls(manifest(tmp_path, 1))
    assert call.audio.sample_rate_hz == 16000 and set(call.labels) == set(EMOTIONS)
    assert (call.spans[1].start_ms, call.spans[1].end_ms, call.spans[1].customer) == (4940, 10640, True)
    assert call.audio.seconds == pytest.approx(37.7, abs=0.2)


def test_an_unknown_emotion_is_named(tmp_path: Path) -> None:
    path = manifest(tmp_path, 1)
    path.write_text(path.read_text(encoding="utf-8").replace('"angry"', '"furious"'), encoding="utf-8")
    with pytest.raises(ValueError, match="call c0: unknown emotion furious"):
        list(data.manifest_calls(path))


def test_batches_balance_the_emotions(tmp_path: Path) -> None:
    frontend = Frontend(network.from_nothing(seed=1), network.feature_extractor())
    pool = data.Pool(data.manifest_calls(manifest(tmp_path, 1)), frontend)
    assert pool.grow() and not pool.grow()
    batches = pool.batches(np.random.default_rng(0), 16, (1.0, 2.0))
    labels: list[str] = []
    for _ in range(20):
        features, drawn = next(batches)
        assert all(100 <= len(frames) <= 200 for frames in features)
        labels += drawn
    assert all(labels.count(emotion) > 50 for emotion in EMOTIONS)


@pytest.mark.skipif(not has_espeak(), reason="espeak-ng is not installed")
def test_invented_calls_have_all_emotions_and_say_anything() -> None:
    calls = data.invented_calls(np.random.default_rng(0))
    labels = {label for _ in range(4) for label in next(calls).labels}
    assert labels == set(EMOTIONS)


def test_fine_tuning_on_a_manifest_lowers_the_loss_and_is_resumed(tmp_path: Path) -> None:
    base, out, run = tmp_path / "base", tmp_path / "out", tmp_path / "run"
    network.from_nothing(seed=1).save_pretrained(base)
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


def test_help_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "superb/wav2vec2-large-superb-er" in capsys.readouterr().out


def test_a_base_needs_a_manifest() -> None:
    with pytest.raises(SystemExit):
        main(["--base", "somewhere"])
