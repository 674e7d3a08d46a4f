"""Whether a recording's file is whole: what FFmpeg passes over in silence."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_OPEN_ENDED = (0, 0xFFFFFFFF)
"""Sizes that programs write which cannot go back to the header: the data goes on to the end of the file."""

_FEW_BYTES, _SMALL_SHARE = 4000, 0.02
"""Half a second of telephone audio, or so much of a long file, is no loss."""

_TAIL_BYTES = 256 * 1024  # four times the largest page of Ogg


def cut_off(path: Path) -> bool:
    """Says whether the file's own structure promises more than is there; False for kinds that do not tell.

    Reads RIFF/WAVE (chunk sizes, https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html) and Ogg (page
    sizes, RFC 3533).
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            return _wave_cut_off(file, size)
        if head[:4] == b"OggS":
            file.seek(max(0, size - _TAIL_BYTES))
            return _last_page_cut_off(file.read())
    return False


def _wave_cut_off(file: BinaryIO, size: int) -> bool:
    position = 12
    while position + 8 <= size:
        file.seek(position)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            missing = position + 8 + length - size
            return length not in _OPEN_ENDED and missing > max(_FEW_BYTES, _SMALL_SHARE * length)
        position += 8 + length + length % 2
    return False


def _last_page_cut_off(tail: bytes) -> bool:
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) < page + 27:
        return True
    segments = tail[page + 26]
    table = tail[page + 27 : page + 27 + segments]
    return len(table) < segments or page + 27 + segments + sum(table) > len(tail)


def tells_duration(path: Path, format_name: str) -> bool:
    """Says whether the container states its duration itself; of others FFmpeg estimates it from the file's size."""
    if format_name in ("flac", "wav", "w64", "aiff", "au", "caf") or "mp4" in format_name:
        return True
    if format_name == "mp3":  # only with a header frame of the encoder
        with path.open("rb") as file:
            head = file.read(64 * 1024)
        return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))
    return False
