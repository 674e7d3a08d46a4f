"""How recognised text is written and compared."""

from __future__ import annotations

import re

LETTERS = "abcçdeəfgğhxıijkqlmnoöprsştuüvyz"
"""The Azerbaijani alphabet in lower case."""

_NOT_WORD = re.compile(r"[^\w\s]|_")


def lower(text: str) -> str:
    """Lower case as Azerbaijani has it: `İ` becomes `i`, `I` becomes `ı`."""
    return text.replace("İ", "i").replace("I", "ı").lower()


def normalise(text: str) -> str:
    """Lower case without punctuation, single spaces: what recognisers are trained on and measured with."""
    return " ".join(_NOT_WORD.sub(" ", lower(text)).split())
