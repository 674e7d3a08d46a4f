"""Calibrates the confidences that the product shows: ``python -m training.calibration --help``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from services.serving.profile import PROJECT_ROOT
from training.calibration import diagram
from training.calibration.keep import keep
from training.calibration.maps import Map, Odds, Temperature
from training.calibration.reliability import Finding, calibration_error, examine
from training.calibration.stages import STAGES, config, hear
from training.common.manifest import read
from training.common.markers import replace_between

DESCRIPTION = """\
Runs the services' own models over labelled calls that none of them was trained on, and fits what makes their
confidences true: a temperature a classifier, two numbers for the recogniser's words. Prints how far confidences are
from what is right, before and, with maps that were fitted on the other half of the calls, after. --keep writes the
maps into the models' own files."""
HEADER = """\
| what is shown | confidences | right | mean confidence | calibration error | calibrated on other calls | by |
|---|---|---|---|---|---|---|"""


def main(argv: Sequence[str] | None = None) -> None:
    """Reads the command line (None: the process' own) and does what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m training.calibration",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)}; none: all")
    parser.add_argument(
        "--manifest",
        type=Path,
        default=PROJECT_ROOT / "data/corpus/validation/manifest.jsonl",
        help="labelled calls (default: %(default)s)",
    )
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="only N calls, from all over the manifest")
    parser.add_argument("--profile", default="mini", help="default: %(default)s")
    parser.add_argument("--keep", action="store_true", help="write the maps that help into the models' files")
    parser.add_argument("--figures", type=Path, help="folder for reliability diagrams, one a stage")
    parser.add_argument("--page", type=Path, help="page whose part between the markers `calibration` is written anew")
    options = parser.parse_args(argv)
    if unknown := [stage for stage in options.stages if stage not in STAGES]:
        parser.error(f"no stage {', '.join(unknown)}; there are {', '.join(STAGES)}")
    torch.set_num_threads(1)
    calls = read(options.manifest, "audio", "speaker", "text")
    if 0 < options.limit < len(calls):
        calls = [calls[i] for i in np.linspace(0, len(calls) - 1, options.limit).astype(int)]
    heard = list(hear(calls, options.profile))
    table = [HEADER]
    print(HEADER)
    for name in options.stages or STAGES:
        finding = examine(STAGES[name](heard, options.profile))
        for row in rows(finding):
            print(row, flush=True)
            table.append(row)
        if options.figures:
            diagram.draw(options.figures / f"reliability-{name}.svg", finding)
        if options.keep and finding.helps:
            stage = config(name, options.profile)
            keep(stage.path(stage.model), finding.map)
    if options.page:
        replace_between(options.page, "calibration", "\n".join([f"{len(calls)} calls.", "", *table]))


def rows(finding: Finding) -> Iterator[str]:
    """A stage's lines of the table."""
    by = described(finding.map) if finding.helps else f"{described(finding.map)}, which does not help other calls"
    for panel in finding.panels:
        right = np.mean([one.right for one in panel.before])
        mean = np.mean([one.confidence for one in panel.before])
        yield (
            f"| {finding.stage}: {panel.name} | {len(panel.before)} | {100 * right:.1f} % | {100 * mean:.1f} % "
            f"| {100 * calibration_error(panel.before):.1f} % | {100 * calibration_error(panel.after):.1f} % | {by} |"
        )


def described(map_: Map) -> str:
    """A map in a few words."""
    match map_:
        case Temperature():
            return f"temperature {map_.value:.2f}"
        case Odds():
            return f"log-odds × {map_.slope:.2f} {'−' if map_.offset < 0 else '+'} {abs(map_.offset):.2f}"
        case _:
            return str(map_)


if __name__ == "__main__":
    main()
