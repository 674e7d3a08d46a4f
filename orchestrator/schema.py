"""The database: tables and how a connection is set up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from orchestrator.migrations import STEPS
from rpc.errors import NotPossibleNow

VERSION = 2
"""Of the tables. One more, and a step in ``migrations``, whenever they change."""

metadata = sa.MetaData()

calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    # Rises with each retry: what an older attempt still writes is refused.
    Column("attempt", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_text", Text, nullable=False),  # the name, folded for search
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False, unique=True),
    Column("create_ms", Integer, nullable=False),
    Column("end_ms", Integer),
    # What lists are sorted and filtered by and overviews count; NULL: not known (yet). See facts.py.
    Column("duration_ms", Integer),
    Column("topic", Text),
    Column("subtopic", Text),
    Column("quality", Integer),
    Column("stars", Integer),
    Column("trend_start", Integer),
    Column("trend_end", Integer),
    Index("calls_by_state", "state"),
    Index("calls_by_time", "create_ms"),
    Index("calls_by_topic", "topic", "subtopic"),
    Index("calls_by_duration", "duration_ms", "id"),
    Index("calls_by_stars", "stars", "id"),
    Index("calls_by_name", "file_text", "id"),
)

stages = Table(
    "stages",
    metadata,
    Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("state", Integer, nullable=False),
    Column("progress", sa.Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("start_ms", Integer),
    Column("end_ms", Integer),
    Column("attempt_count", Integer, nullable=False),
)

results = Table(
    "results",
    metadata,
    Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("stage", String, primary_key=True),
    Column("model", LargeBinary, nullable=False),  # callcenter.v1.Model; empty: no model
    # What a search looks through. Before the answer: what stands behind a large column is slow to reach.
    Column("text", Text, nullable=False),
    Column("answer", LargeBinary, nullable=False),  # length-prefixed messages, see answers.py
)

# No foreign key: the event that tells of a call's deletion outlives it.
events = Table(
    "events",
    metadata,
    # SQLite has one writer at a time, so numbers become visible in their order; AUTOINCREMENT never gives one twice.
    Column("sequence", Integer, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("body", LargeBinary, nullable=False),  # callcenter.v1.CallEvent without its sequence
    Index("events_by_call", "call_id", "sequence"),
    sqlite_autoincrement=True,
)

keys = Table(
    "keys",
    metadata,
    Column("key", String, primary_key=True),
    Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
)

# Files of the watched folder that have been taken: as long as size and time stay, they are not read again.
watched = Table(
    "watched",
    metadata,
    Column("name", Text, primary_key=True),
    Column("size_bytes", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("call_id", ForeignKey("calls.id", ondelete="SET NULL")),
)

# Files of deleted calls that are still to be removed: written with the deletion, so that no crash leaves them behind.
removals = Table("removals", metadata, Column("path", Text, primary_key=True))


def open_database(path: Path, isolation_level: str | None) -> sa.Engine:
    """Opens an SQLite file so that what is committed survives a power cut, and deleted content is overwritten.

    Args:
        path: the file; made if it is not there.
        isolation_level: of Python's sqlite3; None leaves BEGIN to the caller.
    """
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = isolation_level
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=30000",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def create_tables(engine: sa.Engine) -> None:
    """Makes the tables in a new database, and brings those of an older version up to date: all of it or nothing.

    Raises:
        NotPossibleNow: the database was made by a newer version.
    """
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # sqlite3 would not begin before changes of tables
        found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if found > VERSION:
            raise NotPossibleNow(
                f"the data folder was written by a newer version (tables {found}, known {VERSION})",
                "start the newer version, or choose another data folder",
            )
        for version in range(found or VERSION, VERSION):
            STEPS[version](connection)
        metadata.create_all(connection)
        for table in metadata.sorted_tables:
            for index in table.indexes:
                index.create(connection, checkfirst=True)
        connection.exec_driver_sql(f"PRAGMA user_version={VERSION}")
