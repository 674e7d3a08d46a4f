"""The text of the corpus as it stands in `text/`, read into values (the format: `text/FORMAT.md`)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from training.corpus.slots import SLOTS, Split

Role = Literal["operator", "customer"]
Emotion = Literal["neutral", "happy", "sad", "angry"]
EMOTIONS: tuple[Emotion, ...] = get_args(Emotion)

TEXT = Path(__file__).parent / "text"
GENERAL = "general"

_SECTION = re.compile(r"\[\s*(.+?)\s*\]\s*(.*)")
_STARS = re.compile(r"\bstars\s*=\s*([1-5])\b")
_CUSTOMER = re.compile(r"\bcustomer\s*=\s*(\w+)\s*>\s*(\w+)")
_TURN = re.compile(r"([OC])\s+(\w+)\s*:\s*(.+)")
_SLOT = re.compile(r"\{([^}]*)\}?")
_NOT_SPOKEN = re.compile(r"[\dwW<>&@#*_/\[\]]")
_ROLES: Mapping[str, Role] = {"O": "operator", "C": "customer"}


class ScriptError(ValueError):
    """The text breaks the format; every complaint is a line that names file and line."""


@dataclass(frozen=True)
class Turn:
    """What one party says at a stretch."""

    role: Role
    emotion: Emotion
    text: str


@dataclass(frozen=True)
class CallScript:
    """A call as it is to be spoken; `source` is `FILE:LINE` or names the grammar."""

    topic: str
    subtopic: str
    stars: int
    summary: str
    turns: tuple[Turn, ...]
    source: str


@dataclass(frozen=True)
class Pools:
    """Lines by the pool's name; `|` between two parties' words is left in."""

    topic: str
    subtopic: str
    lines: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Text:
    """All text of a split. `warnings` are oddities that do not keep a line from being spoken."""

    calls: tuple[CallScript, ...]
    pools: Mapping[str, Pools]
    general: Pools
    warnings: tuple[str, ...] = ()


@dataclass
class _Call:
    line: int
    stars: int
    ends: tuple[str, str] | None
    summary: str = ""
    turns: list[Turn] = field(default_factory=list)


def load(split: Split, root: Path = TEXT) -> Text:
    """Every file of a split. Raises ScriptError with all complaints of all its files, a line each."""
    calls: list[CallScript] = []
    pools: dict[str, Pools] = {}
    errors: list[str] = []
    warnings: list[str] = []
    for path in sorted((root / split).glob("*.txt")):
        parser = _Parser(path)
        parser.read(path.read_text(encoding="utf-8"))
        errors += parser.errors
        warnings += parser.warnings
        calls += parser.calls
        pools[parser.subtopic] = parser.pools()
    if errors:
        raise ScriptError("\n".join(errors))
    general = pools.pop(GENERAL, Pools(GENERAL, GENERAL, {}))
    pools = {name: pool for name, pool in pools.items() if pool.lines}
    return Text(tuple(calls), pools, general, tuple(warnings))


def parse(text: str, path: Path) -> tuple[tuple[CallScript, ...], Pools]:
    """The calls and pools of one file's text; `path` is for the complaints. Raises ScriptError."""
    parser = _Parser(path)
    parser.read(text)
    if parser.errors:
        raise ScriptError("\n".join(parser.errors))
    return tuple(parser.calls), parser.pools()


class _Parser:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._line = 0
        self.topic = self.subtopic = GENERAL if path.stem == GENERAL else ""
        self._pools: dict[str, list[str]] = {}
        self._pool: list[str] | None = None
        self._call: _Call | None = None
        self.calls: list[CallScript] = []
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def read(self, text: str) -> None:
        for self._line, line in _numbered(text):
            self._take(line)
        self._close()
        if not self.subtopic:
            self._error("no `topic:` and `subtopic:` header")
        elif _slug(self.subtopic) != _slug(self._path.stem):
            self._error(f"subtopic {self.subtopic!r} does not go with the file's name")

    def pools(self) -> Pools:
        return Pools(self.topic, self.subtopic, {name: tuple(lines) for name, lines in self._pools.items()})

    def _take(self, line: str) -> None:
        if section := _SECTION.fullmatch(line):
            self._open(section[1].lower(), section[2])
        elif self._pool is not None:
            self._pool.append(self._spoken(line.lstrip("-–—•* ").strip()))
        elif self._call is not None:
            self._take_call(self._call, line)
        elif line.startswith("topic:"):
            self.topic = line.removeprefix("topic:").strip()
        elif line.startswith("subtopic:"):
            self.subtopic = line.removeprefix("subtopic:").strip()
        else:
            self._error(f"neither header, pool nor call: {line!r}")

    def _open(self, name: str, attributes: str) -> None:
        self._close()
        if name.split()[0] != "call":
            self._pool = self._pools.setdefault(" ".join(name.split()), [])
            return
        attributes = f"{name.removeprefix('call')} {attributes}"
        stars, ends = _STARS.search(attributes), _CUSTOMER.search(attributes)
        if not stars:
            self._error("a call needs stars=1 to stars=5")
        self._call = _Call(self._line, int(stars[1]) if stars else 0, (ends[1], ends[2]) if ends else None)

    def _take_call(self, call: _Call, line: str) -> None:
        if line.lower().startswith("summary:"):
            call.summary = self._spoken(line.partition(":")[2].strip())
        elif turn := _TURN.fullmatch(line):
            if turn[2] not in EMOTIONS:
                self._error(f"no such emotion: {turn[2]!r}")
                return
            call.turns.append(Turn(_ROLES[turn[1]], cast(Emotion, turn[2]), self._spoken(turn[3].strip())))
        else:
            self._error(f"neither a summary nor a turn: {line!r}")

    def _close(self) -> None:
        call, self._call, self._pool = self._call, None, None
        if call is None:
            return
        source = f"{self._path}:{call.line}"
        customer = [turn.emotion for turn in call.turns if turn.role == "customer"]
        if not call.summary or not customer:
            self.errors.append(f"{source}: a call needs a summary and a customer")
            return
        if call.ends and call.ends != (customer[0], customer[-1]):
            moods = f"{customer[0]}>{customer[-1]}, not {'>'.join(call.ends)}"
            self.warnings.append(f"{source}: the customer goes {moods}")
        if not 6 <= len(call.turns) <= 40:
            self.warnings.append(f"{source}: {len(call.turns)} turns, not 6 to 40")
        turns = tuple(call.turns)
        self.calls.append(CallScript(self.topic, self.subtopic, call.stars, call.summary, turns, source))

    def _spoken(self, text: str) -> str:
        for slot in _SLOT.finditer(text):
            if slot[1] not in SLOTS or not slot[0].endswith("}"):
                self._error(f"no such slot: {slot[0]!r}")
        if odd := _NOT_SPOKEN.search(_SLOT.sub("", text)):
            self.warnings.append(f"{self._path}:{self._line}: {odd[0]!r} is not written as it is spoken")
        if not text:
            self._error("nothing is said")
        return text

    def _error(self, complaint: str) -> None:
        self.errors.append(f"{self._path}:{self._line}: {complaint}")


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    lines = map(str.strip, text.removeprefix("\ufeff").splitlines())
    for number, line in enumerate(lines, start=1):
        if line and not line.startswith("#"):
            yield number, line


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower())
