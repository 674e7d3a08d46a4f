"""The log of a run: one CSV line an event, kept with the model so that its card can be checked."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path


class CsvLog:
    """Appends lines to a CSV file and prints them.

    Args:
        path: the file; it is continued when it exists.
        fields: names of the columns; a value that is not given stays empty.
    """

    def __init__(self, path: Path, fields: Sequence[str]) -> None:
        self._path, self._fields = path, list(fields)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            self._append(self._fields)

    def write(self, **values: float | str) -> None:
        """Writes one line; floats with five significant digits."""
        texts = {name: f"{v:.5g}" if isinstance(v, float) else str(v) for name, v in values.items()}
        self._append([texts.get(name, "") for name in self._fields])
        print(" ".join(f"{name}={text}" for name, text in texts.items()), flush=True)

    def _append(self, row: Sequence[str]) -> None:
        with self._path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(row)


def keep(log: Path, model: Path) -> None:
    """Copies a run's log into the model's folder; nothing where the run has none, because nothing was trained."""
    if log.exists():
        shutil.copyfile(log, model / log.name)
