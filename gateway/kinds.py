"""What is plainly no recording, by its first bytes. Everything else is for the decoder to judge, not for a list."""

from __future__ import annotations

HEAD_BYTES = 16

# https://www.garykessler.net/library/file_sigs.html; what FFmpeg reads sound from is not among them.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF87a", "a picture"),
    (b"GIF89a", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
)


def no_recording(head: bytes) -> str | None:
    """Says what a file is whose first bytes say that it is no recording; None: it may be one.

    Args:
        head: its first bytes, ``HEAD_BYTES`` of them if it has so many.
    """
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), None)
