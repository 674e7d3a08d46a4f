"""Transactions of the database, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from orchestrator import schema

P = ParamSpec("P")
R = TypeVar("R")

# SQLite writes one transaction at a time; the other threads read meanwhile.
_THREADS = 4


class Store:
    """Runs functions of a connection, each in one transaction of its own.

    The functions are in ``transitions`` (writing) and ``queries`` (reading); what they raise is raised here, and the
    transaction is rolled back.
    """

    def __init__(self, path: Path) -> None:
        self._engine = schema.open_database(path, None)
        schema.create_tables(self._engine)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Has a function called, on the event loop, after each transaction that wrote."""
        self._listeners.append(listener)

    async def read(self, function: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs a function that sees one state of the database throughout."""
        return await self._run("BEGIN", lambda connection: function(connection, *args, **kwargs))

    async def write(self, function: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs a function that writes; when this returns, what it wrote is safely on the disk."""
        # Shielded: a caller that goes away must not leave it unknown to followers that something was written.
        return await asyncio.shield(self._write(lambda connection: function(connection, *args, **kwargs)))

    async def _write(self, function: Callable[[sa.Connection], R]) -> R:
        result = await self._run("BEGIN IMMEDIATE", function)
        for listener in self._listeners:
            listener()
        return result

    async def _run(self, begin: str, function: Callable[[sa.Connection], R]) -> R:
        def run() -> R:
            with self._transaction(begin) as connection:
                return function(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection, connection.begin():
            # sqlite3 would begin only before the first INSERT: what was read before would not belong to it.
            connection.exec_driver_sql(begin)
            yield connection

    def close(self) -> None:
        """Waits for running transactions and closes the file."""
        self._threads.shutdown()
        self._engine.dispose()
