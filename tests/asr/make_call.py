"""Makes the recording in ``data/``: ``python -m tests.asr.make_call`` (needs espeak-ng).

Voices and text are those of the corpus' validation split: no model has learned from them.
"""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from training.corpus import channel, voices
from training.corpus.script import load
from training.corpus.slots import Values
from training.corpus.speak import SAMPLE_RATE, speak

DATA = Path(__file__).parent / "data"
_RATE = 8000
_SEED = 11
_TURNS = 4
_PAUSE_SECONDS = 1.0


def main() -> None:
    """A WAV file at the telephone's own rate, and what is said when in it."""
    rng = np.random.default_rng(_SEED)
    values = Values(rng, "validation")
    first = voices.draw(rng, "validation", sex="female")
    second = voices.draw(rng, "validation", sex="male")
    pause = np.zeros(int(_PAUSE_SECONDS * SAMPLE_RATE), dtype=np.float32)
    parts, turns = [pause], []
    for turn in load("validation").calls[_SEED].turns[:_TURNS]:
        text = values.fill(turn.text)
        spoken = speak(text, first if turn.role == "operator" else second, turn.emotion, rng)
        start = sum(map(len, parts)) / SAMPLE_RATE
        turns.append({"start": round(start, 2), "end": round(start + len(spoken) / SAMPLE_RATE, 2), "text": text})
        parts += [spoken, pause]
    line = channel.Channel(snr_db=25.0, law="a", room_s=None)
    narrow = resample_poly(channel.transmit(np.concatenate(parts), line, rng), 1, SAMPLE_RATE // _RATE)
    DATA.mkdir(exist_ok=True)
    with wave.open(str(DATA / "call.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(np.round(np.clip(narrow, -1, 1) * 32767).astype("<i2").tobytes())
    (DATA / "call.json").write_text(json.dumps(turns, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
