"""Prefix beam search over CTC emissions with a word model (Hannun et al. 2014), which also says where words end."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.asr.lexicon import Lexicon, log

_BEAM = 24
_MARGIN = 11.0
"""Nats under the best at which a hypothesis is dropped."""
_LEAST_LETTER = 0.005
"""Letters less probable than this in a frame are not tried."""


class _Hypothesis:
    """A text so far: letters, cut into words, the last of them perhaps unfinished."""

    __slots__ = (
        "blank", "children", "gap", "language", "letter", "new_blank", "new_letter", "parent", "partial", "previous",
        "prior", "space", "spelt", "starts_word", "token",
    )  # fmt: skip

    def __init__(self, parent: _Hypothesis | None, token: int, starts_word: bool, previous: str, partial: str) -> None:
        self.parent, self.token, self.starts_word = parent, token, starts_word
        self.previous, self.partial = previous, partial
        self.children: dict[tuple[int, bool], _Hypothesis] = {}
        self.language = 0.0  # finished words, weighed
        self.prior = 0.0  # language and the unfinished word's start
        self.spelt = 1.0  # probability of the unfinished word's spelling
        self.space = 0.0  # what was heard between words, weighed
        self.gap = 0.0  # largest probability of a space since the last letter
        self.blank, self.letter = 0.0, 0.0  # probability that the last frame was blank, or the last letter
        self.new_blank, self.new_letter = 0.0, 0.0


class BeamSearch:
    """Finds the most probable words.

    Args:
        lexicon: the word model.
        letters: the letter of each output of the recogniser; empty for outputs that are none.
        blank: output that stands for nothing.
        space: output that stands for a space.
    """

    def __init__(self, lexicon: Lexicon, letters: Sequence[str], blank: int, space: int) -> None:
        self._lexicon, self._letters = lexicon, letters
        self._blank, self._space = blank, space
        self._spoken = np.array([i for i, letter in enumerate(letters) if letter])
        self._weights = lexicon.weights

    def __call__(self, probabilities: npt.NDArray[np.float32]) -> list[list[int]]:
        """Decodes emissions [frames, outputs]; gives each word's letters as outputs."""
        root = _Hypothesis(None, -1, False, "", "")
        root.blank = 1.0
        beam = [root]
        spoken = probabilities[:, self._spoken]
        silent = (probabilities[:, self._blank] + probabilities[:, self._space]).tolist()
        spaces = probabilities[:, self._space].tolist()
        for frame in range(len(probabilities)):
            (found,) = np.nonzero(spoken[frame] >= _LEAST_LETTER)
            heard = [(int(self._spoken[i]), float(spoken[frame, i])) for i in found]
            beam = self._advance(beam, heard, silent[frame], spaces[frame])
        best = max(beam, key=lambda h: math.log(h.blank + h.letter) + h.space + self._finished(h))
        return _words(best)

    def _advance(
        self, beam: list[_Hypothesis], heard: list[tuple[int, float]], silent: float, space: float
    ) -> list[_Hypothesis]:
        if not heard:
            for hypothesis in beam:
                hypothesis.blank, hypothesis.letter = (hypothesis.blank + hypothesis.letter) * silent, 0.0
                hypothesis.gap = max(hypothesis.gap, space)
            return beam
        chances = dict(heard)
        reached: dict[int, _Hypothesis] = {}
        for hypothesis in beam:
            total = hypothesis.blank + hypothesis.letter
            hypothesis.new_blank += total * silent
            hypothesis.new_letter += hypothesis.letter * chances.get(hypothesis.token, 0.0)
            hypothesis.gap = max(hypothesis.gap, space)
            reached[id(hypothesis)] = hypothesis
            for token, chance in heard:
                # A letter twice in a row is two letters only with a blank between.
                weight = (hypothesis.blank if token == hypothesis.token else total) * chance
                if weight <= 0.0:
                    continue
                for starts_word in (True, False) if hypothesis.partial else (True,):
                    child = self._child(hypothesis, token, starts_word)
                    child.new_letter += weight
                    reached[id(child)] = child
        return self._pruned(list(reached.values()))

    def _child(self, parent: _Hypothesis, token: int, starts_word: bool) -> _Hypothesis:
        child = parent.children.get((token, starts_word))
        heard = parent.gap if starts_word else 1.0 - parent.gap
        space = parent.space + (self._weights.space * math.log(heard + 0.01) if parent.partial else 0.0)
        if child is not None:
            child.space = max(child.space, space)
            return child
        letter, lexicon = self._letters[token], self._lexicon
        begins = starts_word and bool(parent.partial)
        previous = parent.partial if begins else parent.previous
        before = "" if starts_word else parent.partial
        child = _Hypothesis(parent, token, starts_word, previous, before + letter)
        child.language = self._finished(parent) if begins else parent.language
        child.spelt = (1.0 if starts_word else parent.spelt) * lexicon.spelling(before, letter)
        child.prior = child.language + self._weights.language * log(lexicon.start(child.partial, child.spelt))
        child.space = space
        parent.children[token, starts_word] = child
        return child

    def _finished(self, hypothesis: _Hypothesis) -> float:
        """The weighed log probability of all words if the last one ends here."""
        if not hypothesis.partial:
            return hypothesis.language
        probability = self._lexicon.word(hypothesis.previous, hypothesis.partial, hypothesis.spelt)
        return hypothesis.language + self._weights.language * log(probability) + self._weights.word

    def _pruned(self, reached: list[_Hypothesis]) -> list[_Hypothesis]:
        """The best, of those that will go on alike only the best one; probabilities are scaled against underflow."""
        alike: dict[tuple[str, str], tuple[float, _Hypothesis]] = {}
        for hypothesis in reached:
            hypothesis.blank, hypothesis.letter = hypothesis.new_blank, hypothesis.new_letter
            hypothesis.new_blank = hypothesis.new_letter = 0.0
            total = hypothesis.blank + hypothesis.letter
            if total <= 0.0:
                continue
            score = math.log(total) + hypothesis.space + hypothesis.prior
            state = (hypothesis.previous, hypothesis.partial)
            if state not in alike or score > alike[state][0]:
                alike[state] = (score, hypothesis)
        ranked = sorted(alike.values(), key=lambda scored: -scored[0])[:_BEAM]
        floor = ranked[0][0] - _MARGIN
        kept = [hypothesis for score, hypothesis in ranked if score >= floor]
        scale = 1.0 / max(hypothesis.blank + hypothesis.letter for hypothesis in kept)
        for hypothesis in kept:
            hypothesis.blank *= scale
            hypothesis.letter *= scale
        return kept


def _words(hypothesis: _Hypothesis) -> list[list[int]]:
    words: list[list[int]] = [[]]
    node: _Hypothesis | None = hypothesis
    while node is not None and node.parent is not None:
        words[-1].append(node.token)
        if node.starts_word:
            words.append([])
        node = node.parent
    return [word[::-1] for word in reversed(words) if word]
