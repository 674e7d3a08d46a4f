"""Recordings as the recipes hear them: rates, channels, and what cannot be read."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from training.common.audio import read

# 16-bit samples of a tone at 440 Hz.
TONE = {rate: np.round(8000 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype("<i2") for rate in (8000, 16000)}


def write(path: Path, *channels: np.ndarray, rate: int = 16000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.stack(channels, axis=1).tobytes())
    return path


def test_samples_are_as_they_are_written(tmp_path: Path) -> None:
    heard = read(write(tmp_path / "mono.wav", TONE[16000]))
    assert heard.dtype == np.float32
    np.testing.assert_array_equal(heard, TONE[16000] / 32768)


def test_channels_are_averaged(tmp_path: Path) -> None:
    silence = np.zeros_like(TONE[16000])
    np.testing.assert_allclose(read(write(tmp_path / "two.wav", TONE[16000], silence)), TONE[16000] / 65536, atol=1e-7)


def test_other_rates_become_16_khz(tmp_path: Path) -> None:
    heard = read(write(tmp_path / "narrow.wav", TONE[8000], rate=8000))
    assert heard.shape == (16000,)
    np.testing.assert_allclose(heard[500:-500], TONE[16000][500:-500] / 32768, atol=1e-3)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_bytes(b"no sound at all")
    write(tmp_path / "empty.wav", TONE[16000][:0])
    for name in ("text.wav", "empty.wav", "none.wav"):
        with pytest.raises(ValueError, match=f"{name} is not a recording"):
            read(tmp_path / name)
