"""Makes the recordings in ``data/``: ``python -m tests.diarize.make_call`` (needs espeak-ng).

Voices and text are those of the corpus' validation split: no model has learned from them.
"""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from training.corpus.speak import SAMPLE_RATE
from training.diarize.calls import rendered_calls
from training.diarize.recordings import Recording

DATA = Path(__file__).parent / "data"
_RATE = 8000
_SEED = 2026
_LONGEST_SECONDS = 30.0


def write(name: str, call: Recording) -> None:
    """A WAV file at the telephone's own rate, and who speaks when in it."""
    turns = [turn for turn in call.turns if turn[1] <= _LONGEST_SECONDS]
    seconds = turns[-1][1] + 0.5
    narrow = resample_poly(call.wave[: int(seconds * SAMPLE_RATE)], 1, SAMPLE_RATE // _RATE)
    with wave.open(str(DATA / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(np.round(np.clip(narrow, -1, 1) * 32767).astype("<i2").tobytes())
    reference = [{"start": round(start, 2), "end": round(end, 2), "speaker": who} for start, end, who in turns]
    entry = {"id": name, "audio": f"{name}.wav", "language": "az", "turns": reference}
    (DATA / f"{name}.jsonl").write_text(json.dumps(entry) + "\n", encoding="utf-8")


if __name__ == "__main__":
    # Of four calls the one whose two voices are least alike: what is short and alike, the small model takes for one.
    _, _, _, two, one, _ = rendered_calls("validation", 4, _SEED, others=True)
    DATA.mkdir(exist_ok=True)
    write("two_speakers", two)
    write("one_speaker", one)
