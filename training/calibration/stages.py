"""What the product's confidences are on labelled calls, as the service's own classes give them.

Roles, topics and quality are read as the product reads them: out of what the recogniser heard, and of the summary that
was made of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import jiwer
import numpy as np

from services.asr.model import Phrase, Recogniser, Word
from services.asr.text import normalise
from services.emotion.clips import Span
from services.emotion.labels import EMOTIONS
from services.emotion.model import EmotionModel
from services.quality.model import GOOD_FROM_STARS, QualityModel
from services.roles.decision import decide
from services.roles.model import RolesModel
from services.serving.audio import Audio
from services.serving.profile import StageConfig, load_stage
from services.serving.transcript import Turn
from services.summarize.model import SummaryModel
from services.topics.model import TopicsModel
from training.calibration.maps import (
    Decision,
    Map,
    Odds,
    Temperature,
    binary,
    decision,
    fit_odds,
    fit_temperature,
)
from training.calibration.reliability import Shown, Stage, shown
from training.common.audio import read
from training.common.manifest import Call
from training.corpus.speak import SAMPLE_RATE


@dataclass(frozen=True)
class Heard:
    """A labelled call as the recogniser heard it.

    Attributes:
        number: of the call.
        call: its labels.
        words: in order of time.
        turns: those of the labels in which words were heard, speakers by their names there, without roles.
    """

    number: int
    call: Call
    words: tuple[Word, ...]
    turns: tuple[Turn, ...]


def config(stage: str, profile: str) -> StageConfig:
    """The stage as a profile serves it."""
    return load_stage(stage, profile, os.environ)


def hear(calls: Sequence[Call], profile: str) -> Iterator[Heard]:
    """Recognises the calls."""
    recogniser = Recogniser(config("asr", profile))
    for number, call in enumerate(calls):
        words: list[Word] = []

        def take(part: Phrase | float, words: list[Word] = words) -> None:
            if isinstance(part, Phrase):
                words += part.words

        recogniser.recognise(_audio(call), call.language, take)
        ordered = tuple(sorted(words, key=lambda word: word.start_ms))
        yield Heard(number, call, ordered, _turns(call, ordered))


def _audio(call: Call) -> Audio:
    return Audio(read(call.audio)[None], SAMPLE_RATE)


def _turns(call: Call, words: Sequence[Word]) -> tuple[Turn, ...]:
    """Gives each word to the turn that its middle is in, or nearest to."""
    texts: dict[int, list[str]] = {}
    for word in words:
        middle = (word.start_ms + word.end_ms) / 2000
        distances = [max(turn.start - middle, middle - turn.end, 0.0) for turn in call.turns]
        texts.setdefault(int(np.argmin(distances)), []).append(word.text)
    return tuple(Turn(i, call.turns[i].speaker, "", " ".join(texts[i])) for i in sorted(texts))


def words(heard: Sequence[Heard], profile: str) -> Stage:
    """Words: right where the best alignment with what was said has the same word."""
    found: list[Decision] = []
    for one in heard:
        said = normalise(one.call.text)
        texts = [normalise(word.text) for word in one.words]
        right = np.zeros(len(texts), dtype=bool)
        if texts and said:
            # A recogniser that writes punctuation alone as a word would shift the rest.
            aligned = jiwer.process_words(said, " ".join(text or "-" for text in texts)).alignments[0]
            for chunk in aligned:
                if chunk.type == "equal":
                    right[chunk.hyp_start_idx : chunk.hyp_end_idx] = True
        found += [
            binary(one.number, word.probability, bool(is_right))
            for word, is_right in zip(one.words, right, strict=True)
        ]
    return Stage("asr", found, fit_odds, Odds(), {"words": shown(found)})


def roles(heard: Sequence[Heard], profile: str) -> Stage:
    """Roles: the map is that of single turns, which are many; what is shown is the speakers'."""
    model = RolesModel(config("roles", profile))
    turns: list[Decision] = []
    speakers: list[tuple[int, list[tuple[str, float]], Mapping[str, str]]] = []
    for one in heard:
        known = {turn.speaker: turn.role for turn in one.call.turns if turn.role}
        if not one.turns or not known:
            continue
        judged = {turn.index: turn.operator_probability for turn in model.classify(one.turns).turns}
        odds = []
        for turn in one.turns:
            operator = judged[turn.index]
            if turn.speaker in known:
                target = int(known[turn.speaker] != "operator")
                turns.append(decision(one.number, (operator, 1 - operator), target))
                odds.append((turn.speaker, float(turns[-1].scores[0] - turns[-1].scores[1])))
        speakers.append((one.number, odds, known))

    def shown_speakers(map_: Map) -> list[Shown]:
        assert isinstance(map_, Temperature)
        return [
            Shown(number, role.confidence, role.role == known[role.speaker])
            for number, odds, known in speakers
            for role in decide([(speaker, value / map_.value) for speaker, value in odds])
        ]

    panels: dict[str, Callable[[Map], list[Shown]]] = {"speakers": shown_speakers, "single turns": shown(turns)}
    return Stage("roles", turns, fit_temperature, Temperature(), panels)


def emotion(heard: Sequence[Heard], profile: str) -> Stage:
    """Emotions of the turns as they are labelled."""
    model = EmotionModel(config("emotion", profile))
    found: list[Decision] = []
    for one in heard:
        audio = _audio(one.call)
        spans = [
            Span(i, round(1000 * turn.start), round(1000 * turn.end), turn.role == "customer", 0, turn.speaker)
            for i, turn in enumerate(one.call.turns)
        ]
        for judged in model.classify(audio, spans):
            label = one.call.turns[judged.span.index].emotion
            if label:
                scores = [judged.scores[emotion] for emotion in EMOTIONS]
                found.append(decision(one.number, scores, EMOTIONS.index(label)))
    return Stage("emotion", found, fit_temperature, Temperature(), {"turns": shown(found)})


def topics(heard: Sequence[Heard], profile: str) -> Stage:
    """The topic, and of those that are right the subtopic within it."""
    model = TopicsModel(config("topics", profile))
    first: list[Decision] = []
    second: list[Decision] = []
    for one in heard:
        if not one.turns or not one.call.topic:
            continue
        found = model.classify(one.turns)
        for decisions, scores, label in (
            (first, found.topics, one.call.topic),
            (second, found.subtopics if found.topic == one.call.topic else (), one.call.subtopic),
        ):
            names = [name for name, _ in scores]
            if label in names:
                decisions.append(decision(one.number, [score for _, score in scores], names.index(label)))
    panels = {"topic": shown(first), "subtopic of a right topic": shown(second)}
    return Stage("topics", [*first, *second], fit_temperature, Temperature(), panels)


def quality(heard: Sequence[Heard], profile: str) -> Stage:
    """The stars, and whether the service was good, out of the summary that the product writes."""
    writer, model = SummaryModel(config("summarize", profile)), QualityModel(config("quality", profile))
    found: list[Decision] = []
    for one in heard:
        if one.turns and one.call.stars:
            roles_ = {turn.speaker: turn.role for turn in one.call.turns}
            turns = [Turn(turn.index, turn.speaker, roles_[turn.speaker], turn.text) for turn in one.turns]
            rating = model.rate(writer.summarize(turns).text)
            found.append(decision(one.number, rating.distribution, one.call.stars - 1))

    def good(map_: Map) -> list[Shown]:
        made = []
        for one in found:
            probability = float(np.exp(map_.log_probabilities(one.scores)[GOOD_FROM_STARS - 1 :]).sum())
            is_good, said_good = one.target + 1 >= GOOD_FROM_STARS, one.chosen + 1 >= GOOD_FROM_STARS
            made.append(Shown(one.call, probability if said_good else 1 - probability, is_good == said_good))
        return made

    return Stage("quality", found, fit_temperature, Temperature(), {"stars": shown(found), "good or poor": good})


STAGES: Mapping[str, Callable[[Sequence[Heard], str], Stage]] = {
    "asr": words,
    "roles": roles,
    "emotion": emotion,
    "topics": topics,
    "quality": quality,
}
