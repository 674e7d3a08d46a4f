"""Ways from the tables of older versions to the present ones. Each is kept as it was, whatever the tables become."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from orchestrator.answers import from_bytes
from orchestrator.facts import facts_of


def _from_1(c: sa.Connection) -> None:
    """Facts move from ``results`` to ``calls``, where lists and overviews find them without a join."""
    columns = {
        "duration_ms": "INTEGER",
        "topic": "TEXT",
        "subtopic": "TEXT",
        "quality": "INTEGER",
        "stars": "INTEGER",
        "trend_start": "INTEGER",
        "trend_end": "INTEGER",
    }
    for name, kind in columns.items():
        c.exec_driver_sql(f"ALTER TABLE calls ADD COLUMN {name} {kind}")
    # One after the other: an answer may be large, and there may be very many.
    known = c.exec_driver_sql(
        "SELECT call_id, stage FROM results WHERE stage IN ('decode', 'emotion', 'topics', 'quality')"
    ).all()
    for call_id, stage in known:
        answer = c.exec_driver_sql(
            "SELECT answer FROM results WHERE call_id = ? AND stage = ?", (call_id, stage)
        ).scalar_one()
        facts = facts_of(stage, from_bytes(stage, answer))
        places = ", ".join(f"{name} = ?" for name in facts)
        c.exec_driver_sql(f"UPDATE calls SET {places} WHERE id = ?", (*facts.values(), call_id))
    for index in ("results_by_topic", "results_by_quality"):
        c.exec_driver_sql(f"DROP INDEX {index}")
    for name in ("topic", "subtopic", "quality"):
        c.exec_driver_sql(f"ALTER TABLE results DROP COLUMN {name}")


STEPS: Mapping[int, Callable[[sa.Connection], None]] = {1: _from_1}
"""By version, what brings its tables to the next one. Indexes that are new are made with the missing tables."""
