"""Every kind of file that comes in, good and bad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from callcenter.v1 import call_pb2

from orchestrator import decoder
from orchestrator.channels import Layout, judge
from orchestrator.decode import Media, Rejected, decode
from orchestrator.peaks import MAX_POINTS
from rpc.errors import InvalidInput
from tests.orchestrator.sounds import Samples, conversation, speech, write


def run(path: Path, max_seconds: float = 60.0) -> tuple[Media, Samples]:
    target = path.with_suffix(".pcm")
    shares: list[float] = []
    media = decode(path, target, path.with_suffix(".peaks"), max_seconds, shares.append)
    assert shares == sorted(shares) and all(0 <= share <= 1 for share in shares)
    pcm = np.fromfile(target, dtype="<i2").reshape(-1, 2 if media.party_per_channel else 1)
    check_waveform(call_pb2.GetWaveformResponse.FromString(path.with_suffix(".peaks").read_bytes()), pcm)
    assert abs(len(pcm) / 16.0 - media.duration_ms) < 1
    return media, pcm


def check_waveform(waveform: call_pb2.GetWaveformResponse, pcm: Samples) -> None:
    """The peaks are those of the samples, each of its own stretch of time."""
    assert waveform.duration_ms == round(len(pcm) / 16)
    stretch = round(16_000 / waveform.points_per_second)
    assert len(waveform.channels) == pcm.shape[1]
    for channel, samples in zip(waveform.channels, pcm.T.astype(int), strict=True):
        expected = [abs(samples[start : start + stretch]).max() for start in range(0, len(samples), stretch)]
        assert len(channel.peaks) <= MAX_POINTS
        assert list(channel.peaks) == [round(float(peak) / 32768 * 255) for peak in expected]


@pytest.mark.parametrize(
    ("name", "container", "codec", "rate", "media_type"),
    [
        ("a.wav", "wav", "pcm_s16le", 8000, "audio/wav"),
        ("a.wav", "wav", "pcm_s16le", 44100, "audio/wav"),
        ("a.wav", "wav", "pcm_mulaw", 8000, "audio/wav"),
        ("a.wav", "wav", "pcm_alaw", 8000, "audio/wav"),
        ("a.mp3", "mp3", "libmp3lame", 16000, "audio/mpeg"),
        ("a.ogg", "ogg", "libopus", 48000, "audio/ogg"),
        ("a.m4a", "ipod", "aac", 44100, "audio/mp4"),
        ("a.flac", "flac", "flac", 16000, "audio/flac"),
    ],
)
@pytest.mark.parametrize("stereo", [False, True])
def test_kinds(tmp_path: Path, name: str, container: str, codec: str, rate: int, media_type: str, stereo: bool) -> None:
    samples = conversation(6.0, rate) if stereo else speech(6.0, rate)
    media, pcm = run(write(tmp_path / name, samples, rate, codec, container))
    assert media.media_type == media_type
    assert media.sample_rate_hz == rate
    assert media.channel_count == (2 if stereo else 1)
    assert media.party_per_channel == stereo
    assert media.codec in (codec, {"libmp3lame": "mp3float", "libopus": "opus"}.get(codec))
    assert abs(media.duration_ms - 6000) < 120  # lossy codecs pad to whole frames
    level = np.sqrt((samples.astype(float) ** 2).mean())
    assert np.sqrt((pcm.astype(float) ** 2).mean()) > level / 3


def test_waveform_of_a_long_recording_has_few_points(tmp_path: Path) -> None:
    run(write(tmp_path / "a.wav", conversation(81.7)), max_seconds=100)  # more than 8000 hundredths of a second


def test_dual_mono_becomes_mono(tmp_path: Path) -> None:
    one = speech(4.0)
    media, pcm = run(write(tmp_path / "a.wav", np.stack([one, one // 2], axis=1), codec="pcm_mulaw"))
    assert not media.party_per_channel and media.channel_count == 2
    assert pcm.shape[1] == 1 and np.abs(pcm).max() > 1000


def test_only_channel_with_sound_is_taken_at_its_full_level(tmp_path: Path) -> None:
    one = speech(4.0)
    for channel in (0, 1):
        both = np.zeros((len(one), 2), np.int16)
        both[:, channel] = one
        media, pcm = run(write(tmp_path / f"{channel}.wav", both))
        assert not media.party_per_channel
        assert np.abs(pcm).max() > 0.8 * np.abs(one).max()


def test_both_parties_on_both_channels_is_a_mixture() -> None:
    first, second = conversation(8.0, 16000).T.astype(float)
    mixture = np.stack([first + 0.6 * second, 0.6 * first + second], axis=1).astype(np.int16)
    assert judge(mixture) is Layout.MIX


def test_line_noise_and_talking_at_once_do_not_hide_the_parties() -> None:
    samples = conversation(20.0, 16000).astype(float)
    noise = np.random.default_rng(1).standard_normal(samples.shape) * [120, 20]
    overlap = np.zeros_like(samples)
    overlap[:32000, 1] = speech(2.0, 16000, 5)  # two of twenty seconds
    assert judge((samples + noise + overlap).astype(np.int16)) is Layout.PARTIES


def cut(path: Path, share: float = 0.5) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (lambda p: (p.write_bytes(b""), p)[1], "empty"),
    "text": (lambda p: (p.write_text("this is not a recording\n" * 100), p)[1], "cannot|can be read"),
    "noise": (lambda p: (p.write_bytes(np.random.default_rng(0).bytes(50_000)), p)[1], "read|damaged|no sound|cut off"),
    "header only": (lambda p: cut(write(p, speech(4.0)), 0.001), "read|no sound"),
    "silent": (lambda p: write(p, np.zeros(32000, np.int16)), "silent"),
    "silent A-law": (lambda p: write(p, np.zeros(32000, np.int16), codec="pcm_alaw"), "silent"),
    "silent stereo": (lambda p: write(p, np.zeros((32000, 2), np.int16)), "silent"),
    "short": (lambda p: write(p, speech(0.5)), "too short"),
    "long": (lambda p: write(p, speech(61.0)), "too long"),
    "cut wav": (lambda p: cut(write(p, speech(6.0))), "cut off"),
    "cut mu-law": (lambda p: cut(write(p, speech(6.0), codec="pcm_mulaw")), "cut off"),
    "cut mp3": (lambda p: cut(write(p, speech(6.0, 16000), 16000, "libmp3lame", "mp3")), "cut off"),
    "cut ogg": (lambda p: cut(write(p, speech(20.0, 48000), 48000, "libopus", "ogg")), "cut off"),
    "cut m4a": (lambda p: cut(write(p, speech(6.0, 44100), 44100, "aac", "ipod")), "can be read"),
    "cut flac": (lambda p: cut(write(p, speech(6.0, 16000), 16000, "flac", "flac")), "cut off"),
    "playlist": (lambda p: (p.write_text("ffconcat version 1.0\nfile '/etc/hostname'\n"), p)[1], "can be read"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_rejected_with_the_reason(tmp_path: Path, kind: str) -> None:
    make, reason = BAD[kind]
    with pytest.raises(Rejected, match=reason):
        run(make(tmp_path / "recording"))


def test_picture_has_no_sound_track(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    import av

    with av.open(str(path), "w", format="image2") as output:
        stream = output.add_stream("png", rate=1)
        stream.width = stream.height = 16
        stream.pix_fmt = "rgb24"
        output.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))))
        output.mux(stream.encode(None))
    with pytest.raises(Rejected, match="no sound track"):
        run(path)


def test_header_without_a_size_is_not_cut_off(tmp_path: Path) -> None:
    path = write(tmp_path / "piped.wav", speech(4.0))
    data = bytearray(path.read_bytes())
    start = data.index(b"data") + 4
    data[start : start + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert run(path)[0].duration_ms == 4000


def test_few_lost_bytes_at_the_end_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", speech(6.0))
    path.write_bytes(path.read_bytes()[:-1001])
    assert run(path)[0].duration_ms > 5900


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def unheard(share: float) -> None:
    pass


async def test_process_leaves_only_the_complete_file(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.wav", conversation(6.0)), tmp_path / "audio.pcm"
    waveform = tmp_path / "waveform"
    shares: list[float] = []

    async def hear(share: float) -> None:
        shares.append(share)

    recording = await decoder.decode(source, target, waveform, 60.0, hear)
    assert recording.party_per_channel and recording.duration_ms == 6000
    assert target.stat().st_size == 6 * 16000 * 2 * 2
    assert shares and files(tmp_path) == [source, target, waveform]
    cut(source)
    with pytest.raises(InvalidInput, match="cut off"):
        await decoder.decode(source, tmp_path / "b.pcm", tmp_path / "b", 60.0, unheard)
    assert files(tmp_path) == [source, target, waveform]


async def test_process_that_dies_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(decoder.DecoderDied, match="exit status 1"):
        await decoder.decode(write(tmp_path / "a.wav", speech()), tmp_path / "a.pcm", tmp_path / "a", 60.0, unheard)


async def test_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hang = tmp_path / "hang"
    hang.write_text("#!/bin/sh\nexec sleep 60\n")
    hang.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(hang))
    with pytest.raises(InvalidInput, match="could not be decoded within"):
        await decoder.decode(
            write(tmp_path / "a.wav", speech()), tmp_path / "a.pcm", tmp_path / "a", 60.0, unheard, 0.3
        )
    assert files(tmp_path) == [tmp_path / "a.wav", hang]
