"""Azerbaijani words as they stand on the web, without their frequencies.

What 130 000 written words of calls lack: a fifth of a new call's words. The list is the dictionary of Tesseract's
recogniser of printed Azerbaijani (Debian: `tesseract-ocr-aze`, Apache License 2.0), in lower case, without what is not
spelt in Azerbaijani letters. `python -m training.asr.wordlist` makes it anew (it needs `tesseract-ocr` too).
"""

import gzip
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from services.asr.text import LETTERS, normalise

_FILE = Path(__file__).with_name("wordlist.txt.gz")
_MODEL = "/usr/share/tesseract-ocr"
_SHORTEST, _LONGEST = 3, 18
_VOWELS = frozenset("aeəıioöuü")


@cache
def words() -> tuple[str, ...]:
    """All words, in order of the alphabet."""
    return tuple(gzip.decompress(_FILE.read_bytes()).decode().split())


def _extracted() -> list[str]:
    (model,) = Path(_MODEL).rglob("aze.traineddata")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["combine_tessdata", "-u", model, f"{folder}/aze."], check=True, capture_output=True)
        parts = [f"{folder}/aze.{name}" for name in ("lstm-unicharset", "lstm-word-dawg", "txt")]
        subprocess.run(["dawg2wordlist", *parts], check=True, capture_output=True)
        lines = Path(parts[-1]).read_text(encoding="utf-8", errors="ignore").splitlines()
    found = {normalise(line) for line in lines}
    return sorted(word for word in found if _SHORTEST <= len(word) <= _LONGEST and _spelt(word))


def _spelt(word: str) -> bool:
    return set(word) <= set(LETTERS) and not _VOWELS.isdisjoint(word)


if __name__ == "__main__":
    made = _extracted()
    _FILE.write_bytes(gzip.compress("\n".join(made).encode(), mtime=0))
    print(f"{len(made)} words")
