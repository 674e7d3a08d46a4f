"""What the topics model knows of untrained subjects: a bilingual glossary, and other subjects to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_GLOSSARY, _SUBJECTS = (Path(__file__).parent / name for name in ("glossary.txt", "subjects.txt"))


@dataclass(frozen=True)
class Concept:
    """English words and the Azerbaijani stems that speak of the same."""

    english: tuple[str, ...]
    stems: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """A subject outside the taxonomy: its English names and what is said about it."""

    names: tuple[str, ...]
    lines: tuple[str, ...]


def read_glossary(path: Path = _GLOSSARY) -> list[Concept]:
    """The concepts, in the order of the file. Raises ValueError for a line without ``=``."""
    concepts = []
    for line in _lines(path):
        english, equals, stems = line.partition("=")
        if not equals:
            raise ValueError(f"{path}: no '=' in {line!r}")
        concepts.append(Concept(tuple(word.strip() for word in english.split(",")), tuple(stems.split())))
    return concepts


def read_subjects(path: Path = _SUBJECTS) -> list[Subject]:
    """The subjects, in the order of the file. Raises ValueError for a line before the first ``[name]``."""
    subjects: list[tuple[Sequence[str], list[str]]] = []
    for line in _lines(path):
        if line.startswith("["):
            subjects.append(([name.strip() for name in line.strip("[]").split("|")], []))
        elif subjects:
            subjects[-1][1].append(line)
        else:
            raise ValueError(f"{path}: {line!r} stands before the first [name]")
    return [Subject(tuple(names), tuple(lines)) for names, lines in subjects]


def _lines(path: Path) -> list[str]:
    lines = map(str.strip, path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
