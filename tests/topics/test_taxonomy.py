"""The list of topics: what is read, what is refused and with which line, and what happens when it changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rpc.errors import InvalidInput
from services.serving.profile import PROJECT_ROOT
from services.topics.taxonomy import TaxonomyFile, parse

GOOD = "topic,subtopic,topic_az,subtopic_az\ncards,lost card,Kartlar,İtmiş kart\nloans,mortgage,,\n"


def test_reads_the_projects_own_list() -> None:
    taxonomy = parse((PROJECT_ROOT / "topics.csv").read_bytes(), "topics.csv")
    assert len(taxonomy.topics) == 10
    assert len(taxonomy.entries) == 38
    assert "lost or stolen card" in taxonomy.subtopics("cards")


def test_azerbaijani_names_are_optional() -> None:
    entries = parse(GOOD.encode(), "t.csv").entries
    assert (entries[0].topic_az, entries[0].subtopic_az) == ("Kartlar", "İtmiş kart")
    assert (entries[1].topic_az, entries[1].subtopic_az) == ("loans", "mortgage")
    assert parse(b"\xef\xbb\xbfsubtopic,topic\nmortgage,loans\n", "t.csv").topics == ["loans"]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "line 1: no column topic and no column subtopic"),
        (b"topic,sub\ncards,lost\n", "line 1: no column subtopic"),
        (b"topic,topic,subtopic\n", "line 1: a column stands twice"),
        (b"topic,subtopic\n", "line 1: no topics"),
        (b"topic,subtopic\ncards,lost\n\ncards, \n", "line 4: no subtopic"),
        (b"topic,subtopic\n,lost\n", "line 2: no topic"),
        (b"topic,subtopic\ncards,lost\ncards,PIN,code\n", "line 3: 3 fields, not 2"),
        (b"topic,subtopic\ncards\n", "line 2: 1 fields, not 2"),
        (b"topic,subtopic\ncards,lost\nloans,x\nCards,Lost\n", "line 4: 'Cards', 'Lost' stands there already"),
        (b"topic,subtopic\ncards,lost\nloans,\xff\n", "line 3: not UTF-8"),
        (b'topic,subtopic\n"cards\n",lost\nloans,"mort"gage\n', "line 4: "),
    ],
)
def test_a_malformed_list_is_refused_with_its_line(data: bytes, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=r"t\.csv, ") as caught:
        parse(data, "t.csv")
    assert complaint in caught.value.message


def test_a_change_is_seen_and_a_bad_one_leaves_the_old_in_force(tmp_path: Path) -> None:
    path = tmp_path / "topics.csv"
    path.write_text(GOOD, encoding="utf-8")
    file = TaxonomyFile(path)
    first, refused = file.current()
    assert (len(first.entries), refused) == (2, "")

    path.write_text(GOOD + "loans,\n", encoding="utf-8")
    held, refused = file.current()
    assert held is first
    assert "line 4: 2 fields, not 4" in refused

    path.unlink()
    assert file.current()[0] is first
    assert "No such file" in file.current()[1]

    path.write_text(GOOD + "deposits,interest,,\n", encoding="utf-8")
    newest, refused = file.current()
    assert (newest.topics, refused) == (["cards", "loans", "deposits"], "")
    assert newest.digest != first.digest


def test_a_change_of_the_same_length_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "topics.csv"
    path.write_text(GOOD, encoding="utf-8")
    file = TaxonomyFile(path)
    before = path.stat()
    path.write_text(GOOD.replace("loans", "Loans"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert file.current()[0].topics == ["cards", "Loans"]


def test_there_is_no_start_without_a_good_list(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        TaxonomyFile(tmp_path / "none.csv")
