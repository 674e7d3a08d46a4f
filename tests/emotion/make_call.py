"""Makes ``data/call.wav`` and ``data/call.json``: a short call in validation voices with all four emotions.

``python -m tests.emotion.make_call``; espeak-ng is needed. The wave is at the telephone's 8 kHz.
"""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from training.corpus.render import manifest, render
from training.corpus.script import CallScript, Turn

DATA = Path(__file__).parent / "data"

TURNS = (
    Turn("operator", "neutral", "Salam, mən Aysel, buyurun, sizi dinləyirəm."),
    Turn("customer", "sad", "Salam. Mən pul kisəmi itirmişəm, kartım da içində idi."),
    Turn("operator", "neutral", "Başa düşdüm, kartın son dörd rəqəmini deyə bilərsiniz?"),
    Turn("customer", "neutral", "Bəli, yadımdadır, iki beş yeddi sıfır."),
    Turn("operator", "neutral", "Bir dəqiqə xahiş edirəm, sistem indi bir az gec açılır."),
    Turn("customer", "angry", "Necə yəni gec açılır, kartımdan bu dəqiqə pul çıxıb gedə bilər!"),
    Turn("operator", "neutral", "Narahat olmayın, kartınız artıq bağlandı, pulunuz yerindədir."),
    Turn("customer", "happy", "Vay, çox sağ olun, ürəyim yerinə gəldi, siz olmasaydınız neyləyərdim!"),
)


def main() -> None:
    """Renders the call and writes both files."""
    script = CallScript("cards", "lost or stolen card", 5, "", TURNS, "tests")
    call = render(script, "validation", np.random.default_rng(7))
    DATA.mkdir(exist_ok=True)
    samples = np.clip(resample_poly(call.mix, 1, 2), -1, 1)
    with wave.open(str(DATA / "call.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    entry = manifest(call, "call", "call.wav")
    (DATA / "call.json").write_text(json.dumps(entry, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
