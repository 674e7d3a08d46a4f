"""Parts of a written page that a command writes anew."""

from __future__ import annotations

from pathlib import Path


def replace_between(path: Path, name: str, text: str) -> None:
    """Replaces what stands between ``<!-- NAME -->`` and ``<!-- /NAME -->``.

    Raises:
        ValueError: the page does not have both, each once.
    """
    page = path.read_text(encoding="utf-8")
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    if page.count(first) != 1 or page.count(last) != 1 or page.index(first) > page.index(last):
        raise ValueError(f"{path} needs {first} and, behind it, {last}, each once")
    before, rest = page.split(first)
    _, after = rest.split(last)
    path.write_text(f"{before}{first}\n{text.strip()}\n{last}{after}", encoding="utf-8")
