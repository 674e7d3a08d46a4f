"""Draws the learning curves of the embedded models: ``python -m training.figures``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from services.serving.profile import PROJECT_ROOT
from training.common.markers import replace_between
from training.figures.curves import curves, logs
from training.figures.svg import write


def main(argv: Sequence[str] | None = None) -> None:
    """Reads the command line (None: the process' own) and draws."""
    parser = argparse.ArgumentParser(prog="python -m training.figures", description=__doc__)
    parser.add_argument("--root", type=Path, default=PROJECT_ROOT, help="checkout whose logs are read")
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT / "docs/models", help="default: %(default)s")
    parser.add_argument("--page", type=Path, help="page whose part between the markers `curves` is written anew")
    options = parser.parse_args(argv)
    shown = ["| training | minutes | log | curve |", "|---|---|---|---|"]
    for path in logs(options.root):
        for curve in curves(path):
            figure = options.out / f"curve-{curve.name}.svg"
            write(figure, curve.charts)
            log = path.relative_to(options.root)
            print(f"{figure}: {log}, {curve.minutes:.1f} minutes")
            shown.append(f"| {curve.name} | {curve.minutes:.0f} | `{log}` | ![{curve.name}](models/{figure.name}) |")
    if options.page:
        replace_between(options.page, "curves", "\n".join(shown))


if __name__ == "__main__":
    main()
