"""The bank's list of topics: a CSV file that may change while the server runs."""

from __future__ import annotations

import csv
import hashlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rpc import logs
from rpc.errors import InvalidInput

_log = logs.get(__name__)

REQUIRED = ("topic", "subtopic")
OPTIONAL = ("topic_az", "subtopic_az")


@dataclass(frozen=True)
class Entry:
    """One subtopic: its English names, which the model reads, and its Azerbaijani ones, for people."""

    topic: str
    subtopic: str
    topic_az: str
    subtopic_az: str


@dataclass(frozen=True)
class Taxonomy:
    """A list of topics.

    Attributes:
        entries: one for each subtopic, in the order of the file.
        digest: SHA-256 of the file, 64 hexadecimal digits.
    """

    entries: tuple[Entry, ...]
    digest: str

    @property
    def topics(self) -> list[str]:
        """Topics in order of first appearance."""
        return list(dict.fromkeys(entry.topic for entry in self.entries))

    def subtopics(self, topic: str) -> list[str]:
        """Subtopics of a topic, in the order of the file."""
        return [entry.subtopic for entry in self.entries if entry.topic == topic]


class TaxonomyFile:
    """Reads the file again whenever it has changed; while a newer one is malformed, the last good one holds.

    Args:
        path: the file.

    Raises:
        InvalidInput: the file is malformed to begin with, or not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen = self._state()
        self._taxonomy = parse(self._read(), str(path))
        self._refused = ""

    def current(self) -> tuple[Taxonomy, str]:
        """The list in force, and why a newer one was refused (empty: the newest is in force)."""
        with self._lock:
            if (state := self._state()) != self._seen:
                self._seen = state
                self._reload()
            return self._taxonomy, self._refused

    def _reload(self) -> None:
        try:
            self._taxonomy = parse(self._read(), str(self._path))
        except InvalidInput as error:
            self._refused = error.message
            _log.error("list of topics refused, the last one stays in force", reason=error.message)
        else:
            self._refused = ""
            _log.info("list of topics read", entries=len(self._taxonomy.entries), digest=self._taxonomy.digest)

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{self._path}: {error.strerror}", "put the list of topics there") from error


def parse(data: bytes, name: str) -> Taxonomy:
    """Reads a list of topics.

    Args:
        data: UTF-8 CSV with the columns ``topic`` and ``subtopic`` and, for people, ``topic_az`` and
            ``subtopic_az`` (by default the English names); other columns are left alone.
        name: the file's name, for complaints.

    Raises:
        InvalidInput: names the line that is wrong.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed(name, data[: error.start].count(b"\n") + 1, "not UTF-8") from error
    rows = _rows(text, name)
    header_line, columns = next(rows, (1, []))
    if missing := [column for column in REQUIRED if column not in columns]:
        raise _malformed(name, header_line, f"no column {' and no column '.join(missing)}")
    if len(set(columns)) != len(columns):
        raise _malformed(name, header_line, "a column stands twice")
    entries: dict[tuple[str, str], Entry] = {}
    for line, row in rows:
        if len(row) != len(columns):
            raise _malformed(name, line, f"{len(row)} fields, not {len(columns)}")
        values = dict(zip(columns, row, strict=True))
        topic, subtopic = (values[column] for column in REQUIRED)
        if not topic or not subtopic:
            raise _malformed(name, line, f"no {'subtopic' if topic else 'topic'}")
        key = (topic.casefold(), subtopic.casefold())
        if key in entries:
            raise _malformed(name, line, f"{topic!r}, {subtopic!r} stands there already")
        az = [values.get(column) or english for column, english in zip(OPTIONAL, (topic, subtopic), strict=True)]
        entries[key] = Entry(topic, subtopic, *az)
    if not entries:
        raise _malformed(name, header_line, "no topics")
    return Taxonomy(tuple(entries.values()), hashlib.sha256(data).hexdigest())


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the number of its first line: a quoted field may span lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, [value.strip() for value in row]
            line = reader.line_num + 1
    except csv.Error as error:
        raise _malformed(name, line, str(error)) from error


def _malformed(name: str, line: int, reason: str) -> InvalidInput:
    return InvalidInput(f"{name}, line {line}: {reason}", "mend the line; the list that was in force stays so")
