"""espeak-ng called in this process through ctypes, without a child process a sentence.

The library keeps one global state: one thread at a time. A forked process gets its own copy of it.
"""

import ctypes
import ctypes.util
import functools
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 22050

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_UTF8, _SSML = 1, 0x10
_RATE, _VOLUME, _PITCH, _WORD_GAP = 1, 2, 3, 7

_LIBRARY = "libespeak-ng.so.1"
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class EspeakError(RuntimeError):
    """espeak-ng is not installed, does not know a voice, or refused a text."""


class _Engine:
    """The loaded library and the samples of the utterance that it speaks at the moment."""

    def __init__(self) -> None:
        try:
            self.library = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or _LIBRARY)
        except OSError as error:
            raise EspeakError("libespeak-ng1 is not installed (apt-get install espeak-ng)") from error
        self.chunks: list[bytes] = []
        self.voice = ""
        # The library keeps a bare pointer: the callback has to live as long as the engine.
        self.callback = _CALLBACK(self._keep)
        rate = self.library.espeak_Initialize(_SYNCHRONOUS, 0, None, _DONT_EXIT)
        if rate != SAMPLE_RATE:
            raise EspeakError(f"espeak-ng speaks at {rate} Hz, not at {SAMPLE_RATE}")
        self.library.espeak_SetSynthCallback(self.callback)

    def _keep(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self.chunks.append(ctypes.string_at(samples, 2 * count))
        return 0

    def use(self, voice: str) -> None:
        if voice != self.voice:
            if self.library.espeak_SetVoiceByName(voice.encode()):
                raise EspeakError(f"espeak-ng has no voice {voice!r}")
            self.voice = voice


@functools.cache
def _engine() -> _Engine:
    return _Engine()


def synthesise(text: str, variant: str, *, speed: int, pitch: int, gap: int, pitch_range: str) -> npt.NDArray[np.int16]:
    """Azerbaijani speech for `text`, int16 [samples] at SAMPLE_RATE, with espeak's own silence around it.

    `variant` is a file of espeak's `voices/!v`; `speed` in words a minute (80–450); `pitch` 0–99;
    `gap` the pause between words in units of 10 ms; `pitch_range` an SSML value (`x-low` … `x-high`).
    Raises EspeakError.
    """
    engine = _engine()
    engine.use(f"az+{variant}")
    for parameter, value in ((_RATE, speed), (_VOLUME, 100), (_PITCH, pitch), (_WORD_GAP, gap)):
        engine.library.espeak_SetParameter(parameter, value, 0)
    markup = f'<speak><prosody range="{pitch_range}">{escape(text)}</prosody></speak>'.encode()
    engine.chunks.clear()
    if engine.library.espeak_Synth(markup, len(markup) + 1, 0, 0, 0, _UTF8 | _SSML, None, None):
        raise EspeakError(f"espeak-ng did not speak {text!r}")
    return np.frombuffer(b"".join(engine.chunks), dtype=np.int16)
