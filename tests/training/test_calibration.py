"""Calibration: maps, calibration errors, what is kept in the models' files, and the command on one's own calls."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from services.asr.lexicon import Lexicon, Weights, count
from tests.asr.serving import DATA
from training.calibration.__main__ import main
from training.calibration.keep import keep
from training.calibration.maps import (
    Decision,
    Map,
    Odds,
    Temperature,
    binary,
    decision,
    fit_odds,
    fit_temperature,
    losses,
)
from training.calibration.reliability import Shown, Stage, bins, calibration_error, examine, shown


def overconfident(factor: float, calls: int = 40) -> list[Decision]:
    """Choices between three options whose true log probabilities were multiplied."""
    rng = np.random.default_rng(0)
    made = []
    for i in range(20 * calls):
        true = rng.dirichlet((1, 1, 1))
        target = int(rng.choice(3, p=true))
        scores = factor * np.log(true)
        made.append(Decision(i % calls, scores, target, int(scores.argmax())))
    return made


def test_a_temperature_is_found() -> None:
    assert fit_temperature(overconfident(2.5)).value == pytest.approx(2.5, rel=0.1)
    assert fit_temperature(overconfident(0.5)).value == pytest.approx(0.5, rel=0.1)


def test_a_temperature_counts_what_weighs() -> None:
    right, wrong = decision(0, (0.8, 0.2), 0), decision(0, (0.8, 0.2), 1)
    even, mostly_right = fit_temperature([right, wrong]), fit_temperature([right, wrong], [9.0, 1.0])
    assert even.value == pytest.approx(8, abs=0.1) and mostly_right.value < 1


def test_a_line_over_the_odds_is_found() -> None:
    rng = np.random.default_rng(1)
    odds = rng.normal(1, 2, 4000)
    right = rng.random(4000) < 1 / (1 + np.exp(-(0.5 * odds - 0.7)))
    claims = [binary(0, float(1 / (1 + np.exp(-z))), bool(yes)) for z, yes in zip(odds, right, strict=True)]
    line = fit_odds(claims)
    assert (line.slope, line.offset) == pytest.approx((0.5, -0.7), abs=0.1)
    assert losses(line, claims).mean() < losses(Odds(), claims).mean()


def test_what_is_always_right_stays_finite() -> None:
    line = fit_odds([binary(0, 0.9, True), binary(1, 0.8, True)])
    assert np.isfinite([line.slope, line.offset]).all()


def test_the_error_is_the_mean_distance_of_the_bins() -> None:
    half_right = [Shown(0, 0.9, i % 2 == 0) for i in range(100)]
    assert calibration_error(half_right) == pytest.approx(0.4, abs=0.03)
    assert [one.count for one in bins(half_right, 4)] == [25] * 4
    assert len(bins(half_right[:20])) == 2
    assert calibration_error([Shown(0, 1.0, True)]) == 0


def test_a_map_is_measured_on_calls_that_it_was_not_fitted_on() -> None:
    decisions = overconfident(3.0)
    seen: list[list[int]] = []

    def fit(given: list[Decision]) -> Map:
        seen.append(sorted({one.call % 2 for one in given}))
        return fit_temperature(given)

    finding = examine(Stage("any", decisions, fit, Temperature(), {"all": shown(decisions)}))  # type: ignore[arg-type]
    assert seen == [[1], [0], [0, 1]] and finding.helps
    (panel,) = finding.panels
    assert len(panel.before) == len(panel.after) == len(decisions)
    assert calibration_error(panel.after) < 0.06 < 0.15 < calibration_error(panel.before)


def test_a_map_that_does_not_help_other_calls_says_so() -> None:
    decisions = [decision(call, (0.6, 0.4), call % 2) for call in range(20)]
    finding = examine(Stage("any", decisions, fit_temperature, Temperature(), {"nothing": shown([])}))
    assert not finding.helps and not finding.panels


def test_a_temperature_is_folded_into_the_last_layer(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    tensors = {"classifier.weight": torch.ones(2, 3), "classifier.bias": torch.tensor([2.0, 4.0]), "x": torch.ones(1)}
    save_file({name: tensor.half() for name, tensor in tensors.items()}, path, {"format": "pt"})
    keep(tmp_path, Temperature(2.0))
    kept = load_file(path)
    assert kept["classifier.bias"].tolist() == [1, 2] and kept["x"].tolist() == [1]
    assert kept["classifier.weight"].dtype == torch.float16 and path.stat().st_mode & 0o044
    save_file({"x": torch.ones(1)}, path)
    with pytest.raises(ValueError, match="has no classifier"):
        keep(tmp_path, Temperature(2.0))


def test_lines_over_the_odds_add_up_in_the_lexicon(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no lexicon"):
        keep(tmp_path, Odds(0.5, 0.1))
    Lexicon(*count(["salam"])).save(tmp_path)
    keep(tmp_path, Odds(0.5, 0.1))
    keep(tmp_path, Odds(2.0, 0.3))
    loaded = Lexicon.load(tmp_path)
    assert loaded is not None and loaded.weights == Weights(certainty=1.0, assurance=0.5)
    once, twice = Odds(0.5, 0.1).log_probabilities(np.log([0.8, 0.2])), loaded.weights.right(0.8)
    assert twice == pytest.approx(float(np.exp(Odds(2.0, 0.3).log_probabilities(once)[0])))


def test_the_command_on_labelled_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(DATA / "call.wav", tmp_path)
    turns = [{**turn, "speaker": "A"} for turn in json.loads((DATA / "call.json").read_text(encoding="utf-8"))]
    lines = [json.dumps({"id": f"c{i}", "audio": "call.wav", "turns": turns}) for i in range(3)]
    (tmp_path / "calls.jsonl").write_text("\n".join(lines), encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text("Before\n<!-- calibration -->\nold\n<!-- /calibration -->\nafter\n", encoding="utf-8")
    main(["asr", "--manifest", str(tmp_path / "calls.jsonl"), "--limit", "2", "--figures", str(tmp_path / "figures"),
          "--page", str(page)])  # fmt: skip
    table = capsys.readouterr().out
    assert "| asr: words |" in table and "log-odds ×" in table
    written = page.read_text(encoding="utf-8")
    assert table.strip() in written and "2 calls." in written and "old" not in written
    assert written.startswith("Before\n") and written.endswith("after\n")
    figure = (tmp_path / "figures" / "reliability-asr.svg").read_text(encoding="utf-8")
    assert figure.startswith("<svg") and figure.count("<circle") > 10


def test_an_unknown_stage_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "no stage nothing" in capsys.readouterr().err
