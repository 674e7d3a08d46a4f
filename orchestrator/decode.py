"""Decodes a recording to what the models hear: ``python -m orchestrator.decode SOURCE TARGET WAVEFORM MAX_SECONDS``.

A process of its own, because FFmpeg reads what strangers made: a file that crashes it, or makes it hang, must not take
the orchestrator along. It writes lines of JSON to stdout: ``{"progress": 0.5}`` and at the end ``{"media": {...}}`` or
``{"rejected": "why"}``, or ``{"failed": "why"}`` where the disk is at fault. It ends by itself when its
stdin is closed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from orchestrator import channels, containers
from orchestrator.channels import Layout
from orchestrator.graph import SAMPLE_RATE_HZ
from orchestrator.peaks import Peaks

MIN_SECONDS = 1.0
_MAX_DAMAGED_SHARE = 0.1
_LEAST_GAP_SECONDS = 0.5
_GAP_SHARE = 0.02
# A file may name other files or addresses to be read in its place: none of these can be reached.
_OPTIONS = {"protocol_whitelist": "pipe"}
_MEDIA_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "flac": "audio/flac", "amr": "audio/amr",
                "aac": "audio/aac", "asf": "audio/x-ms-wma", "matroska": "audio/webm", "mov": "audio/mp4"}  # fmt: skip


class Rejected(Exception):
    """The recording cannot be analysed; the message says why, for people."""


@dataclass(frozen=True)
class Media:
    """What the file is.

    Attributes:
        media_type: for example "audio/wav".
        codec: in FFmpeg's spelling.
        sample_rate_hz, channel_count: of the file.
        duration_ms: of what was decoded.
        party_per_channel: two channels with one party each; else what was written is mono.
    """

    media_type: str
    codec: str
    sample_rate_hz: int
    channel_count: int
    duration_ms: int
    party_per_channel: bool


def decode(
    source: Path, target: Path, waveform: Path, max_seconds: float, on_progress: Callable[[float], None]
) -> Media:
    """Decodes a file to 16-bit little-endian PCM of 16 kHz, mono or one channel a party, interleaved.

    Args:
        source: any container and codec that FFmpeg reads.
        target: file to write.
        waveform: file to write the peaks of the target's sound to, a serialised ``GetWaveformResponse``.
        max_seconds: longest recording that is taken.
        on_progress: told the share that is done, 0 to 1.

    Raises:
        Rejected: there is nothing in it to analyse.
    """
    size = source.stat().st_size
    if size == 0:
        raise Rejected("the file is empty")
    with source.open("rb") as file:
        try:
            container = av.open(file, options=_OPTIONS)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise Rejected("the file is not a recording that can be read (damaged, cut off, or not audio)") from error
        with container:
            if not container.streams.audio:
                raise Rejected("the file has no sound track")
            stream = container.streams.audio[0]
            promised = _promised_seconds(source, container, stream)
            if promised > max_seconds:
                raise Rejected(_too_long(promised, max_seconds))
            count = 2 if stream.channels == 2 else 1
            with target.open("wb") as output:
                samples, peaks = 0, Peaks(count)
                for block in _pcm(container, stream, count):
                    output.write(block)
                    peaks.add(block)
                    samples += len(block) // (2 * count)
                    if samples > max_seconds * SAMPLE_RATE_HZ:
                        raise Rejected(_too_long(samples / SAMPLE_RATE_HZ, max_seconds))
                    on_progress(min(1.0, file.tell() / size))
            media = Media(
                media_type=_media_type(container.format.name),
                codec=stream.codec_context.name,
                sample_rate_hz=stream.rate or 0,
                channel_count=stream.channels,
                duration_ms=round(1000 * samples / SAMPLE_RATE_HZ),
                party_per_channel=False,
            )
    _check_whole(source, samples / SAMPLE_RATE_HZ, promised)
    media, peaks = _settle_channels(target, media, peaks, count)
    waveform.write_bytes(peaks.message().SerializeToString())
    return media


def _pcm(container: Any, stream: Any, count: int) -> Iterator[bytes]:
    """Decodes and resamples packet by packet; single damaged packets are passed over."""
    resampler = av.AudioResampler(format="s16", layout="stereo" if count == 2 else "mono", rate=SAMPLE_RATE_HZ)
    packets = damaged = 0
    for packet in container.demux(stream):
        packets += 1
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            damaged += 1
            continue
        for frame in frames:
            # Times within the file do not matter: what is there is played on without a pause.
            frame.pts = None
            for resampled in resampler.resample(frame):
                yield resampled.to_ndarray().tobytes()
    if packets - damaged > 1:  # the last packet only flushes the decoder
        for resampled in resampler.resample(None):
            yield resampled.to_ndarray().tobytes()
    if damaged > max(1.0, _MAX_DAMAGED_SHARE * packets):
        raise Rejected(f"the file is damaged: {damaged} of its {packets} packets cannot be decoded")


def _promised_seconds(source: Path, container: Any, stream: Any) -> float:
    """Duration that the container states; 0: it does not."""
    if not containers.tells_duration(source, container.format.name):
        return 0.0
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return float(container.duration or 0) / av.time_base


def _check_whole(source: Path, seconds: float, promised: float) -> None:
    if seconds == 0:
        raise Rejected("there is no sound in the file")
    gap_seconds = promised - seconds
    if containers.cut_off(source) or gap_seconds > max(_LEAST_GAP_SECONDS, _GAP_SHARE * seconds):
        raise Rejected(f"the file is cut off: its sound ends after {seconds:.1f} s, though it should go on")
    if seconds < MIN_SECONDS:
        raise Rejected(f"the recording is too short: {seconds:.2f} s, less than {MIN_SECONDS:.0f} s")


def _too_long(seconds: float, max_seconds: float) -> str:
    return f"the recording is too long: {seconds / 60:.0f} minutes, more than {max_seconds / 60:.0f}"


def _settle_channels(target: Path, media: Media, peaks: Peaks, count: int) -> tuple[Media, Peaks]:
    """Finds out what the channels are; leaves mono, and its peaks, unless each carries one party."""
    samples = np.memmap(target, dtype="<i2", mode="r").reshape(-1, count)
    layout = channels.judge(samples) if count == 2 else Layout.SILENT if channels.silent(samples) else Layout.FIRST
    if layout is Layout.SILENT:
        raise Rejected("the recording is silent")
    if layout is Layout.PARTIES:
        return Media(**(asdict(media) | {"party_per_channel": True})), peaks
    if count == 2:
        mono, peaks = target.with_name(target.name + ".mono"), Peaks(1)
        with mono.open("wb") as output:
            for start in range(0, len(samples), 1 << 20):
                block = samples[start : start + (1 << 20)].astype(np.int32)
                chosen = {Layout.FIRST: block[:, 0], Layout.SECOND: block[:, 1]}.get(layout, block.sum(axis=1) // 2)
                pcm = chosen.astype("<i2").tobytes()
                output.write(pcm)
                peaks.add(pcm)
        mono.replace(target)
    return media, peaks


def _media_type(format_name: str) -> str:
    for name in format_name.split(","):
        if name in _MEDIA_TYPES:
            return _MEDIA_TYPES[name]
    return f"audio/x-{format_name.split(',')[0]}"


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # not through a buffer, whose lock would be in the way at the end
    os._exit(1)


def main(argv: list[str]) -> None:
    """Decodes as the command line says."""
    source, target, waveform, max_seconds = Path(argv[0]), Path(argv[1]), Path(argv[2]), float(argv[3])
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def say(what: dict[str, Any]) -> None:
        print(json.dumps(what), flush=True)

    shown = 0.0

    def on_progress(share: float) -> None:
        nonlocal shown
        if share >= shown + 0.05:
            shown = share
            say({"progress": share})

    try:
        say({"media": asdict(decode(source, target, waveform, max_seconds, on_progress))})
    except Rejected as error:
        say({"rejected": str(error)})
    except OSError as error:  # the disk is full, or gone: not the recording's fault
        say({"failed": str(error)})


if __name__ == "__main__":
    main(sys.argv[1:])
