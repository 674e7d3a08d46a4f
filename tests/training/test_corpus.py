"""The corpus generator: the text it reads, the splits it keeps apart, the audio it makes."""

import hashlib
import json
import wave
from pathlib import Path

import numpy as np
import pytest

from training.corpus import text_stream, utterance, voices
from training.corpus.channel import telephone
from training.corpus.generate import MANIFEST, generate
from training.corpus.grammar import compose
from training.corpus.render import render
from training.corpus.script import EMOTIONS, ScriptError, load, parse
from training.corpus.slots import SLOTS, SPLITS, Split, Values, owner
from training.corpus.speak import SAMPLE_RATE
from training.corpus.splits import load_apart, shared
from training.corpus.words import lower, normalise, spell

PATH = Path("card_limit.txt")
HEADER = "topic: cards\nsubtopic: card limit\n"
CALL = "[call] stars=2\nsummary: Müştəri zəng etdi.\nO neutral: Salam.\nC sad: Limit.\n"


def test_a_call_is_read_without_its_customer_attribute() -> None:
    (call,), pools = parse(f"# a comment\n{HEADER}\n[problem]\n  -  Limit azdır. \n\n{CALL}", PATH)
    assert (call.topic, call.stars, [turn.emotion for turn in call.turns]) == ("cards", 2, ["neutral", "sad"])
    assert pools.lines == {"problem": ("Limit azdır.",)}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"{HEADER}nothing", "card_limit.txt:3: neither header"),
        (f"{HEADER}[call] stars=6\n", "card_limit.txt:3: a call needs stars"),
        (f"{HEADER}{CALL}C glad: Hə.", "card_limit.txt:7: no such emotion"),
        (f"{HEADER}{CALL}X sad: Hə.", "card_limit.txt:7: neither a summary nor a turn"),
        (f"{HEADER}[problem]\n- {{nmae}} itib.", "card_limit.txt:4: no such slot"),
        (f"{HEADER}[call] stars=3\nO neutral: Salam.", "card_limit.txt:3: a call needs a summary"),
        ("[problem]\n- Hə.", "no `topic:`"),
        ("topic: cards\nsubtopic: PIN code\n", "does not go with the file's name"),
    ],
)
def test_a_fault_in_the_text_names_file_and_line(text: str, complaint: str) -> None:
    with pytest.raises(ScriptError, match=complaint.replace("[", r"\[")):
        parse(text, PATH)


def test_numbers_and_letters_are_azerbaijani() -> None:
    assert spell(0) == "sıfır"
    assert spell(1985) == "min doqquz yüz səksən beş"
    assert spell(2_340_001) == "iki milyon üç yüz qırx min bir"
    assert lower("IŞIQ İtib") == "ışıq itib"
    assert normalise("Salam, {bank}! Mən {operator}...") == "salam {} mən {}"


@pytest.mark.parametrize("split", SPLITS)
def test_slots_leave_no_brace_and_keep_their_value(split: Split) -> None:
    slots = Values(np.random.default_rng(1), split)
    filled = {slot: slots.fill(f"{{{slot}}} və {{{slot}}}") for slot in SLOTS}
    for text in filled.values():
        first, _, second = text.partition(" və ")
        assert not set("{}0123456789") & set(text)
        assert lower(first) == lower(second)


def test_a_value_belongs_to_one_split() -> None:
    owners = [owner(index) for index in range(240)]
    assert {split: owners.count(split) for split in SPLITS} == {"train": 200, "validation": 20, "test": 20}


def test_no_long_sentence_stands_in_two_splits() -> None:
    assert shared(load("validation"), load("test")) == []
    assert shared(load_apart("train"), load("test")) == []
    assert shared(load_apart("train"), load("validation")) == []


def test_no_voice_speaks_in_two_splits() -> None:
    train, validation, test = (set(voices.variants(split)) for split in SPLITS)
    assert test == {"f5", "m7", "Andrea", "linda", "paul", "marcelo"}
    assert not (train & test or train & validation or validation & test)
    assert not [name for name in train | validation if "whisper" in name or "robo" in name.lower()]
    assert len(train) > 40
    drawn = {voices.draw(np.random.default_rng(i), "train").variant for i in range(300)}
    assert drawn <= train


def test_the_grammar_makes_whole_calls_of_every_kind() -> None:
    calls = [compose(load_apart("train"), np.random.default_rng(i)) for i in range(300)]
    assert {call.stars for call in calls} == {1, 2, 3, 4, 5}
    assert all(6 <= len(call.turns) <= 40 and call.summary for call in calls)
    customers = [turn.emotion for call in calls for turn in call.turns if turn.role == "customer"]
    shares = {emotion: customers.count(emotion) / len(customers) for emotion in EMOTIONS}
    assert 0.35 < shares.pop("neutral") < 0.55
    assert all(0.12 < share < 0.25 for share in shares.values())


def test_turns_stand_where_the_voices_are() -> None:
    call = render(load("test").calls[0], "test", np.random.default_rng(3))
    assert call.mix.dtype == np.float32
    assert call.parties.shape == (2, len(call.mix))
    assert {speaker.variant for speaker in call.speakers} <= set(voices.TEST)
    assert call.speakers[0].variant != call.speakers[1].variant
    assert {(turn.speaker, turn.turn.role) for turn in call.turns} == {("A", "operator"), ("B", "customer")}
    for turn in call.turns:
        assert 0 <= turn.start < turn.end <= call.seconds
        party = call.parties[0 if turn.turn.role == "operator" else 1]
        voice = party[int(turn.start * SAMPLE_RATE) : int(turn.end * SAMPLE_RATE)]
        assert np.sqrt(np.mean(np.square(voice))) > 1e-3
    starts = [turn.start for turn in call.turns]
    assert starts == sorted(starts)


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_jobs(tmp_path: Path) -> None:
    digests = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        made = list(generate(folder, "validation", seed=7, calls=3, jobs=jobs))
        files = [folder / "validation" / name for name in (MANIFEST, *(call.entry["audio"] for call in made))]
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]


def test_a_written_split_is_a_manifest_and_its_audio(tmp_path: Path) -> None:
    (made,) = generate(tmp_path, "test", seed=1, calls=1)
    (line,) = (tmp_path / "test" / MANIFEST).read_text("utf-8").splitlines()
    entry = json.loads(line)
    assert entry == made.entry
    assert (entry["id"], entry["language"], entry["audio"]) == ("c0001", "az", "audio/c0001.wav")
    with wave.open(str(tmp_path / "test" / entry["audio"])) as audio:
        assert (audio.getframerate(), audio.getnchannels(), audio.getsampwidth()) == (16000, 1, 2)
        assert audio.getnframes() / 16000 == pytest.approx(made.seconds)
    with pytest.raises(ValueError, match="no pools"):
        next(generate(tmp_path, "test", seed=1, calls=10_000))


def test_training_audio_and_text_come_without_end() -> None:
    rng = np.random.default_rng(5)
    stream = text_stream(rng)
    for text in (next(stream) for _ in range(200)):
        assert text.strip()
        assert not set("{}|") & set(text)
    neutral, speaker = utterance(rng, "Salam, kartımı itirmişəm.", "neutral", telephone=False)
    assert speaker.variant in voices.variants("train")
    assert (neutral.dtype.name, neutral.ndim) == ("float32", 1)
    assert 1 < len(neutral) / SAMPLE_RATE < 5


@pytest.mark.parametrize("law", ["mu", "a", None])
def test_the_line_passes_speech_and_nothing_else(law: str | None) -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE

    def level(frequency_hz: float) -> float:
        tone = (0.3 * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32)
        return float(np.std(telephone(tone, law)) / np.std(tone))  # type: ignore[arg-type]

    assert level(1000) == pytest.approx(1, abs=0.05)
    assert level(80) < 0.02
    assert level(5000) < 0.02
