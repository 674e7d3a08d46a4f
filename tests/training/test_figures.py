"""Figures: learning curves out of logs, and the charts that they are drawn as."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from training.common.log import CsvLog, keep
from training.common.markers import replace_between
from training.figures.__main__ import main
from training.figures.curves import curves, logs
from training.figures.svg import Chart, ticks, write


def log(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "stage,step,seconds,loss,accuracy,error\n"
        "embedding,1,60,2.0,0.1,0.4\nembedding,2,120,1.0,0.5,0.2\nsegmentation,1,30,0.7,,\ntuning,,,,,\n",
        encoding="utf-8",
    )
    return path


def test_a_log_of_several_parts_has_a_curve_each(tmp_path: Path) -> None:
    first, second = curves(log(tmp_path / "models/mini/diarize/log.csv"))
    assert (first.name, first.minutes, len(first.charts)) == ("diarize-embedding", 2, 2)
    assert (second.name, second.minutes, len(second.charts)) == ("diarize-segmentation", 0.5, 1)
    assert first.charts[0].y[1] == pytest.approx(2.1) and first.charts[1].y == (0, 1)


def test_every_log_of_a_checkout_is_drawn(tmp_path: Path) -> None:
    log(tmp_path / "models/mini/diarize/log.csv")
    steps = CsvLog(tmp_path / "run/log.csv", ("minutes", "loss"))
    for minutes in (1.0, 2.0):
        steps.write(minutes=minutes, loss=1 / minutes)
    (tmp_path / "training/asr/log").mkdir(parents=True)
    keep(tmp_path / "run/log.csv", tmp_path / "training/asr/log")
    keep(tmp_path / "run/nothing.csv", tmp_path / "training/asr/log")
    (tmp_path / "training/asr/log/log.csv").rename(tmp_path / "training/asr/log/mini_2.csv")
    assert len(logs(tmp_path)) == 2
    page = tmp_path / "page.md"
    page.write_text("<!-- curves -->\n<!-- /curves -->\n", encoding="utf-8")
    main(["--root", str(tmp_path), "--out", str(tmp_path / "figures"), "--page", str(page)])
    drawn = {path.name for path in (tmp_path / "figures").iterdir()}
    assert drawn == {"curve-asr-mini-2.svg", "curve-diarize-embedding.svg", "curve-diarize-segmentation.svg"}
    assert "| asr-mini-2 | 2 | `training/asr/log/mini_2.csv` |" in page.read_text(encoding="utf-8")


def test_charts_are_xml_side_by_side_with_names(tmp_path: Path) -> None:
    chart = Chart("a < b", "x", (0, 10), (0, 1), percent=True)
    chart.line([(0, 0), (10, 1)], "#000", "up")
    chart.dots([(5, 0.5), (50, 2)], "#000")
    write(tmp_path / "two.svg", [chart, Chart("c", "x", (0, 1), (0, 3))])
    root = ET.parse(tmp_path / "two.svg").getroot()
    assert root.get("width") == "600" and int(root.get("height") or 0) == chart.full_height > chart.height
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "100 %", "up", "c"} <= set(texts)
    # What is outside of the axes lies on their edge.
    assert chart.place(50, 2) == chart.place(10, 1)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 0.0037), (0, 60), (3, 17)])
def test_ticks_are_few_and_round(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= 6 and low <= found[0] and found[-1] <= high * 1.001


def test_a_page_without_the_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- /curves -->\n<!-- curves -->\n", encoding="utf-8")
    with pytest.raises(ValueError, match="each once"):
        replace_between(page, "curves", "new")
