"""The recogniser's recipe: features, batches, labelled windows, resuming, fine-tuning Whisper."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import Wav2Vec2BertConfig, Wav2Vec2BertForCTC, Wav2Vec2BertProcessor, WhisperTokenizer

from services.asr.text import normalise
from services.serving.audio import Audio
from services.serving.profile import load_stage
from tests.asr import tiny_whisper
from tests.asr.serving import DATA, RATE, recording
from training.asr import lexicon, whisper
from training.asr.__main__ import main
from training.asr.batches import Collator
from training.asr.features import Fbank, mask
from training.asr.labelled import LabelledWindows
from training.asr.measure import character_score
from training.asr.recogniser import STRIDE, processor
from training.asr.train import Recipe, Sources, train
from training.asr.windows import LINE_RATE_HZ, Window, Windows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Wav2Vec2BertProcessor:
    return processor(tmp_path_factory.mktemp("processor"))


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    shutil.copy(DATA / "call.wav", tmp_path)
    entry = {"id": "c", "audio": "call.wav", "turns": recording()[1]}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(entry, ensure_ascii=False) + "\n", encoding="utf-8")
    return tmp_path / "manifest.jsonl"


def window(seconds: float, text: str = "salam") -> Window:
    noise = np.random.default_rng(0).normal(0, 0.1, int(16000 * seconds))
    return Window(noise.astype(np.float32), text)


def test_features_are_those_that_the_server_makes(made: Wav2Vec2BertProcessor) -> None:
    pcm = recording()[0][None].astype(np.float32) / np.float32(32768)
    audio = Audio(pcm, RATE).resampled(16000).samples[0, :80000]
    extractor = made.feature_extractor
    served = extractor(audio, sampling_rate=16000, return_tensors="np")["input_features"][0]
    ours = Fbank(extractor)(audio)
    length = min(len(ours) // STRIDE, len(served))
    assert length >= len(served) - 1
    np.testing.assert_allclose(ours[: length * STRIDE].reshape(length, -1), served[:length], atol=0.02)


def test_windows_sound_as_the_server_hears_them() -> None:
    assert load_stage("asr", "mini", {}).option("line_rate_hz", 0) == LINE_RATE_HZ
    windows, rng = Windows("train"), np.random.default_rng(3)
    audio = next(w for w in iter(lambda: windows.draw(rng, 1.0), None) if w.text).audio
    power = np.abs(np.fft.rfft(audio)) ** 2
    above = np.fft.rfftfreq(len(audio), 1 / 16000) > 4200
    assert 0 < power[above].sum() < 1e-5 * power.sum()


def test_batches_hold_what_is_heard_and_what_is_said(made: Wav2Vec2BertProcessor) -> None:
    batch = Collator(made)([window(2.0, "salam kartım"), window(3.0, "")], None)
    assert batch.features.shape == (2, batch.mask.shape[1], 80 * STRIDE)
    assert batch.mask.sum(1).tolist() == [49, 74]
    assert batch.label_lengths.tolist() == [12, 0]
    assert made.tokenizer.decode(batch.labels, group_tokens=False) == "salam kartım"


def test_masks_change_some_of_the_features_alone() -> None:
    features = np.ones((400, 80), dtype=np.float32)
    share = np.mean([(mask(features.copy(), np.random.default_rng(seed)) == 0).mean() for seed in range(50)])
    assert 0.01 < share < 0.3


def test_labelled_windows_are_turns_that_follow_each_other(manifest: Path) -> None:
    source = LabelledWindows(manifest, 20.0)
    texts = [normalise(turn["text"]) for turn in recording()[1]]
    allowed = {" ".join(texts[a:b]) for a in range(4) for b in range(a + 1, 5)}
    drawn = [source.draw(np.random.default_rng(seed), 1.0) for seed in range(30)]
    assert all(one.text in allowed and 0.5 < len(one.audio) / 16000 <= 20.0 for one in drawn)
    assert len({one.text for one in drawn}) > 3
    with pytest.raises(ValueError, match="no turn of at most 1 s"):
        LabelledWindows(manifest, 1.0)


def tiny(made: Wav2Vec2BertProcessor) -> Wav2Vec2BertForCTC:
    torch.manual_seed(0)
    config = Wav2Vec2BertConfig(
        vocab_size=len(made.tokenizer), feature_projection_input_dim=80 * STRIDE, hidden_size=32, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=32, position_embeddings_type="rotary", conv_depthwise_kernel_size=3,
        add_adapter=False, pad_token_id=0, apply_spec_augment=False,
    )  # fmt: skip
    return Wav2Vec2BertForCTC(config)


def test_a_run_is_resumed_where_it_stopped(made: Wav2Vec2BertProcessor, manifest: Path, tmp_path: Path) -> None:
    source = LabelledWindows(manifest, 12.0)
    recipe = Recipe(minutes=0.08, check_every_minutes=0.04, validation_windows=2)
    for minutes in (0.08, 0.16):
        settings = Recipe(minutes=minutes, check_every_minutes=0.04, validation_windows=2)
        train(tiny(made), made, Sources(source, source), settings, tmp_path / "run")
    lines = (tmp_path / "run" / "log.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("step,minutes") and recipe.seed == settings.seed
    steps, minutes_logged = zip(*(map(float, line.split(",")[:2]) for line in lines[1:]), strict=True)
    assert list(steps) == sorted(set(steps)), "a resumed run goes on counting"
    assert minutes_logged[-1] == pytest.approx(0.16, abs=0.15)
    assert (tmp_path / "run" / "state.pt").exists()


class Progresses:
    """Says in its windows how far they have grown."""

    def draw(self, rng: np.random.Generator, progress: float) -> Window:
        assert progress >= 0.9, f"a window for a beginner: {progress}"
        return window(1.0 + rng.random())


def test_who_goes_on_from_other_weights_hears_long_windows_at_once(made: Wav2Vec2BertProcessor, tmp_path: Path) -> None:
    sources = Sources(Progresses(), Progresses())
    train(tiny(made), made, sources, Recipe(minutes=0.02, window_growth=0.9, validation_windows=2), tmp_path / "grown")
    with pytest.raises(AssertionError, match="a window for a beginner"):
        train(tiny(made), made, sources, Recipe(minutes=0.02, validation_windows=2), tmp_path / "beginner")


@pytest.mark.parametrize("arguments", [["--manifest", "calls.jsonl"], ["--base", "{whisper}"]])
def test_what_cannot_be_trained_is_refused(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_whisper.write(tmp_path / "whisper")
    filled = [argument.format(whisper=tmp_path / "whisper") for argument in arguments]
    monkeypatch.setattr("sys.argv", ["training.asr", *filled])
    with pytest.raises(SystemExit):
        main()
    assert "--manifest" in capsys.readouterr().err


def test_a_base_must_write_the_letters_of_the_corpus(
    made: Wav2Vec2BertProcessor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tiny(made)
    base.config.vocab_size += 1
    base.lm_head = torch.nn.Linear(base.lm_head.in_features, base.config.vocab_size)
    base.save_pretrained(tmp_path / "base")
    folders = ["--base", str(tmp_path / "base"), "--folder", str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr("sys.argv", ["training.asr", *folders])
    with pytest.raises(SystemExit):
        main()
    assert "writes other letters" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_fine_tunes_whisper_as_the_hub_serves_it(manifest: Path, tmp_path: Path) -> None:
    tiny_whisper.write(tmp_path / "base")
    source = LabelledWindows(manifest, whisper.LONGEST_SECONDS, written=True)
    whisper.fine_tune(tmp_path / "base", source, Recipe(minutes=0.03, check_every_minutes=1), tmp_path / "run")
    served = {path.name for path in (tmp_path / "run" / "model").iterdir()}
    assert {"config.json", "generation_config.json", "model.safetensors", "preprocessor_config.json"} <= served
    tokenizer = WhisperTokenizer.from_pretrained(tmp_path / "run" / "model")
    tokenizer.set_prefix_tokens(language="azerbaijani", task="transcribe", predict_timestamps=False)
    taught = whisper.labels([window(1.0, "Salam.")], tokenizer)[0]
    assert tokenizer.decode(taught) == "<|az|><|transcribe|><|notimestamps|>Salam.<|endoftext|>"


def test_the_word_model_knows_the_text_it_was_made_from() -> None:
    made_of_text = lexicon.make("validation")
    assert made_of_text.word("", "salam", 1e-9) > 1e-3
    assert made_of_text.word("", "qzzkx", 1e-9) < 1e-8


def test_error_rates_count_letters_with_and_without_spaces() -> None:
    score = character_score([("salam kartım", "salamkartım"), ("bəli", "bəli")])
    assert score.cer == pytest.approx(1 / 16) and score.cer_without_spaces == 0
    assert score.wer == pytest.approx(2 / 3)
