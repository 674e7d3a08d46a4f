"""The text recipes: their calls, their noise, their tokenizers, and a few steps of training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from services.roles.model import RolesModel
from services.serving.profile import StageConfig
from services.serving.transcript import Turn
from services.summarize.model import SummaryModel
from tests.serving.tiny_text import bert, deberta, mt5
from training.text import names, quality, roles, summarize
from training.text.__main__ import main
from training.text.calls import CorpusSource, held_out, read_phrases
from training.text.noise import Noise, plain
from training.text.vocabulary import pairs_text, wordpiece

SAID = Turn(0, "S1", "customer", "Kartımı itirmişəm.")


@pytest.fixture(scope="module")
def corpus() -> CorpusSource:
    return CorpusSource()


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    call = {
        "id": "c1",
        "turns": [
            {"start": 0, "end": 2, "speaker": "A", "role": "operator", "text": "Salam, buyurun."},
            {"start": 2, "end": 5, "speaker": "B", "role": "customer", "text": "Kartımı itirmişəm."},
        ],
        "summary": "Müştəri kartını itirdiyini bildirdi. Operator kartı blokladı.",
        "topic": "cards",
        "subtopic": "lost or stolen card",
        "quality": {"label": "Good", "stars": 4},
    }
    other = call | {"id": "c2", "topic": "loans", "subtopic": "mortgage"}
    path = tmp_path / "calls.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (call, other)), encoding="utf-8")
    return path


def test_the_corpus_source_draws_the_same_calls_from_the_same_seed(corpus: CorpusSource) -> None:
    first, again = (corpus.draw_many(np.random.default_rng(7), 12) for _ in range(2))
    assert first == again
    assert all(call.summary and 1 <= call.stars <= 5 and len(call.turns) >= 2 for call in first)
    assert not any("{" in turn.text for call in first for turn in call.turns)


def test_calls_that_were_heard_are_as_the_recogniser_wrote_them(corpus: CorpusSource) -> None:
    heard = [call for call in corpus.draw_many(np.random.default_rng(1), 200) if call.heard]
    assert 4 <= len(heard) <= 40
    noise, rng = Noise(corpus.spoken()), np.random.default_rng(0)
    for call in heard:
        texts = [turn.text for turn in call.turns]
        assert texts == [plain(text) for text in texts] == noise.call(rng, texts, call.heard)
        assert call.summary and call.stars and {turn.role for turn in call.turns} == {"operator", "customer"}


def test_every_subject_has_names_and_phrases(corpus: CorpusSource) -> None:
    subjects = corpus.subjects()
    subtopics = {subtopic for group in subjects.values() for subtopic in group}
    assert set(names.PARAPHRASES) == set(subjects) | subtopics
    assert set(read_phrases()) == subtopics


def test_training_never_sees_what_is_held_out(corpus: CorpusSource) -> None:
    seen = set(corpus.spoken()) | set(corpus.summaries())
    assert not seen & {call.summary for call in held_out()}


def test_noise_damages_about_as_many_words_as_it_is_told() -> None:
    text = " ".join(["kartımı", "itirmişəm", "bloklayın", "zəhmət", "olmasa"] * 40)
    noise, rng = Noise([text]), np.random.default_rng(0)
    assert noise.damage(rng, text, 0.0) == text
    kept = set(noise.damage(rng, text, 1.0).split()) & set(text.split())
    assert len(kept) <= 5
    untouched = sum(word in set(text.split()) for word in noise.damage(rng, text, 0.2).split())
    assert 0.65 < untouched / 200 < 0.9


def test_tokenizers_read_written_and_recognised_text_alike() -> None:
    written = ["İtmiş kartım. Işıq pulu!", "Kartımı ITIRMIŞƏM, bloklayın?"] * 10
    tokens = wordpiece(written, 100, 64)
    for text in written:
        assert tokens(text).input_ids == tokens(plain(text)).input_ids
    kept = pairs_text(written, 100, 64)
    assert kept.decode(kept(written[0]).input_ids, skip_special_tokens=True) == written[0]


def test_a_banks_manifest_fine_tunes_a_base_model(manifest: Path, tmp_path: Path) -> None:
    base, out = bert(tmp_path / "base", ["customer", "operator"]), tmp_path / "tuned"
    where = ["--base", str(base), "--manifest", str(manifest), "--out", str(out), "--run", str(tmp_path / "run")]
    main(["roles", *where, "--max-steps", "30", "--learning-rate", "0.01"])
    tuned = RolesModel(StageConfig("roles", "bank", str(out)))
    operator, customer = Turn(0, "S1", "", "Salam, buyurun."), Turn(1, "S2", "", "Kartımı itirmişəm.")
    told = tuned.classify([operator, customer])
    assert told.turns[0].operator_probability > 0.6 > 0.4 > told.turns[1].operator_probability


@pytest.mark.parametrize(("stage", "labels"), [("roles", roles.LABELS), ("quality", quality.LABELS)])
def test_a_base_without_the_stages_labels_gets_a_head_with_them(
    manifest: Path, tmp_path: Path, stage: str, labels: tuple[str, ...]
) -> None:
    base = bert(tmp_path / "base", ["LABEL_0", "LABEL_1", "LABEL_2"])
    where = ["--out", str(tmp_path / "tuned"), "--run", str(tmp_path / "run"), "--max-steps", "2"]
    main([stage, "--base", str(base), "--manifest", str(manifest), *where])
    config = json.loads((tmp_path / "tuned" / "config.json").read_text(encoding="utf-8"))
    assert tuple(config["id2label"].values()) == labels


@pytest.mark.parametrize(("stage", "make"), [("topics", deberta), ("summarize", mt5)])
def test_the_other_recipes_take_a_base_model_too(manifest: Path, tmp_path: Path, stage: str, make: object) -> None:
    base = make(tmp_path / "base")  # type: ignore[operator]
    where = ["--out", str(tmp_path / "tuned"), "--run", str(tmp_path / "run"), "--max-steps", "2"]
    main([stage, "--base", str(base), "--manifest", str(manifest), *where])
    assert (tmp_path / "tuned" / "model.safetensors").stat().st_size > 0


def test_a_model_can_be_made_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summarize, "_FITTED_CALLS", 60)
    out = tmp_path / "summarize"
    main(["summarize", "--out", str(out), "--run", str(tmp_path / "run"), "--max-steps", "2"])
    summary = SummaryModel(StageConfig("summarize", "mini", str(out))).summarize([SAID], max_tokens=8, min_tokens=4)
    assert summary.part_count == 1
    assert not (tmp_path / "run" / "state.pt").exists()


def test_evidence_that_embeddings_begin_with_stays_as_it_is(
    corpus: CorpusSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summarize, "_FITTED_CALLS", 60)
    tokens = summarize.tokenizer(corpus)
    model, noise = summarize.network(tokens), Noise(corpus.summaries())
    summarize.prepare(model, tokens, corpus, noise, seed=0)
    torch.autograd.backward(summarize.objective(model, tokens, corpus, noise)(np.random.default_rng(0)))
    gradient = model.shared.weight.grad
    assert gradient is not None
    moving = gradient.abs().sum(0) > 0
    assert not moving[:43].any()  # 38 subtopics and five numbers of stars
    assert moving[43:].all()


def test_help_says_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--manifest" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["speech"])
    assert "no stage speech" in capsys.readouterr().err
