"""The word model and the search with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from services.asr.beam import BeamSearch
from services.asr.lexicon import Lexicon, Weights, count
from services.asr.text import LETTERS, normalise

BLANK, SPACE = 0, 1
OUTPUTS = ["", "", *LETTERS]
SENTENCES = ["kartım itib", "kartım işləmir", "kartı bloklayın", "pulum itib", "kartım itib", "salam kartım harada"]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(*count(SENTENCES), weights=Weights(language=0.6, space=0.5, word=1.0))


def emission(text: str, doubt: dict[int, tuple[str, float]] | None = None) -> npt.NDArray[np.float32]:
    """Probabilities that spell a text without its spaces; ``doubt`` gives a letter's place a rival and its share."""
    rows = []
    for place, letter in enumerate(text.replace(" ", "")):
        row = np.full(len(OUTPUTS), 1e-4)
        rival, share = (doubt or {}).get(place, (letter, 0.0))
        row[OUTPUTS.index(rival)] += share
        row[OUTPUTS.index(letter)] += 1 - share
        blank = np.full(len(OUTPUTS), 1e-4)
        blank[BLANK] = 1
        rows += [row, blank]
    stacked = np.array(rows, dtype=np.float32)
    return stacked / stacked.sum(axis=1, keepdims=True)


def decoded(lexicon: Lexicon, probabilities: npt.NDArray[np.float32]) -> str:
    words = BeamSearch(lexicon, OUTPUTS, BLANK, SPACE)(probabilities)
    return " ".join("".join(OUTPUTS[token] for token in word) for word in words)


def test_cuts_words_that_nobody_heard_apart(lexicon: Lexicon) -> None:
    assert decoded(lexicon, emission("salam kartım itib pulum itib")) == "salam kartım itib pulum itib"


def test_words_decide_between_letters(lexicon: Lexicon) -> None:
    assert decoded(lexicon, emission("kardım itib", {3: ("t", 0.4)})) == "kartım itib"


def test_unknown_words_come_out_as_they_are_spelt(lexicon: Lexicon) -> None:
    assert decoded(lexicon, emission("salam bloklaydım")).replace(" ", "") == "salambloklaydım"
    assert decoded(lexicon, emission("qvx")).replace(" ", "") == "qvx"


def test_a_space_that_was_heard_counts(lexicon: Lexicon) -> None:
    heard = emission("zzgüzzgü")
    heard[7] = 1e-4
    heard[7, SPACE] = 1
    assert decoded(lexicon, heard) == "zzgü zzgü"


def test_double_letters_need_a_blank_between(lexicon: Lexicon) -> None:
    assert decoded(lexicon, emission("salam")) == "salam"
    assert decoded(lexicon, np.repeat(emission("salam"), 2, axis=0)) == "salam"


def test_silence_has_no_words(lexicon: Lexicon) -> None:
    silent = np.full((50, len(OUTPUTS)), 1e-5, dtype=np.float32)
    silent[:, BLANK] = 1
    assert decoded(lexicon, silent) == ""


def test_probabilities_of_what_may_follow_add_up(lexicon: Lexicon) -> None:
    starts = sum(lexicon.start(letter, lexicon.spelling("", letter)) for letter in LETTERS)
    assert 0.8 < starts <= 1.0001


def test_a_word_is_likelier_after_what_it_follows(lexicon: Lexicon) -> None:
    assert lexicon.word("kartım", "itib", 1e-6) > lexicon.word("kartı", "itib", 1e-6)


def test_is_the_same_after_it_was_written_and_read(lexicon: Lexicon, tmp_path: Path) -> None:
    lexicon.save(tmp_path)
    loaded = Lexicon.load(tmp_path)
    assert loaded is not None
    assert loaded.weights == lexicon.weights
    assert loaded.word("kartım", "itib", 1e-6) == pytest.approx(lexicon.word("kartım", "itib", 1e-6))
    assert loaded.start("kar", 0.1) == pytest.approx(lexicon.start("kar", 0.1))


def test_a_folder_may_have_none(tmp_path: Path) -> None:
    assert Lexicon.load(tmp_path) is None


def test_text_is_lowered_as_azerbaijani_has_it() -> None:
    assert normalise("İTKİ, Işıq…  «Şəki»?") == "itki ışıq şəki"
