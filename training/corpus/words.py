"""Azerbaijani words: casing, sentences, and numbers as they are spoken."""

import re

_UNITS = ("sıfır", "bir", "iki", "üç", "dörd", "beş", "altı", "yeddi", "səkkiz", "doqquz")
_TENS = ("", "on", "iyirmi", "otuz", "qırx", "əlli", "altmış", "yetmiş", "səksən", "doxsan")

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_SLOT = re.compile(r"\{\w*\}")
_NOT_WORD = re.compile(r"[^\w{} ]+")


def lower(text: str) -> str:
    """Lower case as Azerbaijani has it: `İ` becomes `i`, `I` becomes `ı`."""
    return text.replace("İ", "i").replace("I", "ı").lower()


def capitalise(text: str) -> str:
    """The first letter in upper case as Azerbaijani has it: `i` becomes `İ`."""
    head = text[:1]
    return {"i": "İ", "ı": "I"}.get(head, head.upper()) + text[1:]


def normalise(text: str) -> str:
    """Lower case, no punctuation, single spaces; any slot reads `{}`, whatever it is filled with."""
    return " ".join(_NOT_WORD.sub(" ", _SLOT.sub("{}", lower(text))).split())


def sentences(text: str) -> list[str]:
    """The text cut after `.`, `!`, `?` and `…`."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def spell(number: int) -> str:
    """A whole number in words, from 0 up to 999 999 999; ValueError beyond."""
    if not 0 <= number < 10**9:
        raise ValueError(f"cannot spell {number}")
    if number == 0:
        return _UNITS[0]
    millions, rest = divmod(number, 10**6)
    thousands, rest = divmod(rest, 1000)
    parts = [f"{_below_thousand(millions)} milyon"] if millions else []
    if thousands:
        # One thousand is plain "min"; one million is "bir milyon".
        parts.append("min" if thousands == 1 else f"{_below_thousand(thousands)} min")
    return " ".join([*parts, _below_thousand(rest)] if rest else parts)


def spell_digits(digits: str) -> str:
    """Each digit in words, one after the other."""
    return " ".join(_UNITS[int(digit)] for digit in digits)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, units = divmod(rest, 10)
    words = [_UNITS[hundreds]] if hundreds > 1 else []
    words += ["yüz"] if hundreds else []
    words += [_TENS[tens]] if tens else []
    words += [_UNITS[units]] if units else []
    return " ".join(words)
