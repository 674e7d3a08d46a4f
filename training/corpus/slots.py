"""The slots of the text, filled with values in words; one call keeps one value a slot."""

import re
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from training.corpus import values
from training.corpus.draw import chance, pick
from training.corpus.words import capitalise, spell, spell_digits

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

_SLOT = re.compile(r"\{(\w+)\}")
# Three dots are a hesitation, the sentence goes on.
_NEW_SENTENCE = re.compile(r"(?<!\.\.)[.!?]\s+$")
_PREFIXES = ("50", "51", "55", "70", "77", "99", "10")
# Two of each dozen values are held out: the second for validation, the eighth for test.
_CYCLE, _VALIDATION, _TEST = 12, 1, 7


def share(items: Sequence[str], split: Split) -> list[str]:
    """The part of the items that belongs to a split; the three parts are disjoint."""
    return [item for i, item in enumerate(items) if owner(i) == split]


def owner(index: int) -> Split:
    """The split that the value with this index belongs to."""
    place = index % _CYCLE
    return "validation" if place == _VALIDATION else "test" if place == _TEST else "train"


class Values:
    """The values of one call: drawn when a slot is first met, then always the same.

    Parameters
    ----------
    rng: draws the values.
    split: whose values; names, places, sums and dates are disjoint between splits.
    """

    def __init__(self, rng: np.random.Generator, split: Split) -> None:
        self._rng, self._split = rng, split
        self._drawn: dict[str, str] = {}
        self.operator_female = chance(rng, 0.6)
        self.customer_female = chance(rng, 0.5)

    def fill(self, text: str) -> str:
        """The text with its slots in words; KeyError for a slot that is not in SLOTS."""
        return capitalise(_SLOT.sub(self._filled, text))

    def _filled(self, slot: re.Match[str]) -> str:
        value = self._value(slot[1])
        return capitalise(value) if _NEW_SENTENCE.search(slot.string, 0, slot.start()) else value

    def _value(self, slot: str) -> str:
        if slot not in self._drawn:
            self._drawn[slot] = SLOTS[slot](self)
        return self._drawn[slot]

    def _pick(self, items: Sequence[str]) -> str:
        return pick(self._rng, share(items, self._split))

    def _count(self, low: int, high: int) -> int:
        return int(self._rng.integers(low, high + 1))

    def _held_apart(self, low: int, high: int) -> int:
        while owner(number := self._count(low, high)) != self._split:
            pass
        return number

    def _name(self, female: bool) -> str:
        return self._pick(values.FEMALE if female else values.MALE)

    def _surname(self) -> str:
        return self._pick(values.SURNAMES) + ("a" if self.customer_female else "")

    def _amount(self) -> str:
        sizes = ((1, 99), (5, 100), (10, 99), (50, 60), (100, 99), (500, 40), (1000, 60))
        step, high = pick(self._rng, sizes)
        manats = f"{spell(step * self._held_apart(1, high))} manat"
        if step > 1 or chance(self._rng, 0.7):
            return manats
        return f"{manats} {spell(5 * self._count(1, 19))} qəpik"

    def _fee(self) -> str:
        coins = f"{spell(5 * self._count(2, 19))} qəpik"
        manats = f"{spell(self._count(1, 25))} manat"
        return pick(self._rng, (coins, manats, manats, f"{manats} {coins}"))

    def _foreign(self) -> str:
        step, high = pick(self._rng, ((1, 99), (10, 99), (50, 40), (100, 99)))
        return f"{spell(step * self._held_apart(1, high))} {pick(self._rng, values.CURRENCIES)}"

    def _percent(self) -> str:
        whole = spell(self._count(1, 29))
        return f"{whole} {pick(self._rng, ('faiz', 'faiz', 'faiz', 'tam onda beş faiz'))}"

    def _phone(self) -> str:
        prefix, digits = pick(self._rng, _PREFIXES), f"{self._count(2000000, 9999999)}"
        # A pair that starts with zero is read digit by digit.
        ends = (digits[3:5], digits[5:])
        pairs = [spell_digits(pair) if pair[0] == "0" else spell(int(pair)) for pair in ends]
        return " ".join(["sıfır", spell(int(prefix)), spell(int(digits[:3])), *pairs])

    def _date(self) -> str:
        day = self._held_apart(0, 335)
        # Two of twelve days are held out, in a different month each time.
        return f"{spell(day // 12 + 1)} {values.MONTHS[(day + 5 * (day // 12)) % 12]}"

    def _digits(self, count: int) -> str:
        return spell_digits("".join(str(self._count(0, 9)) for _ in range(count)))


SLOTS: dict[str, Callable[[Values], str]] = {
    "bank": lambda v: v._pick(values.BANKS),
    "operator": lambda v: v._name(v.operator_female),
    "name": lambda v: v._name(v.customer_female),
    "surname": Values._surname,
    "amount": Values._amount,
    "fee": Values._fee,
    "foreign": Values._foreign,
    "percent": Values._percent,
    "digits4": lambda v: v._digits(4),
    "phone": Values._phone,
    "code": lambda v: v._digits(6),
    "date": Values._date,
    "weekday": lambda v: pick(v._rng, values.WEEKDAYS),
    "time": lambda v: pick(v._rng, values.HOURS),
    "days": lambda v: spell(v._count(1, 15)),
    "months": lambda v: spell(v._count(2, 48)),
    "minutes": lambda v: spell(v._count(2, 60)),
    "district": lambda v: v._pick(values.DISTRICTS),
    "city": lambda v: v._pick(values.CITIES),
    "street": lambda v: v._pick(values.STREETS),
    "merchant": lambda v: v._pick(values.MERCHANTS),
}


def numbers(rng: np.random.Generator, split: Split) -> str:
    """A phrase that is mostly a number: a sum, a telephone, a date, digits."""
    slots = ("amount", "amount", "foreign", "fee", "percent", "digits4", "phone", "code", "date", "time")
    return Values(rng, split).fill(f"{{{pick(rng, slots)}}}")
