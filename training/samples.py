"""The recordings of ``samples/``: three calls of the test split, each in another form a call centre might have.

``python -m training.samples`` writes them again, with a manifest beside them (docs/evaluation.md).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from training.corpus.render import Rendered, manifest, render
from training.corpus.speak import SAMPLE_RATE
from training.corpus.splits import load_apart

OUT = Path(__file__).resolve().parents[1] / "samples"


@dataclass(frozen=True)
class Sample:
    """Which written call becomes which file.

    Attributes:
        file: name of the file; the suffix is the container.
        subtopic: subtopic of the call.
        stars: its rating; the first call of the subtopic with it is taken.
        codec: in FFmpeg's spelling.
        sample_rate_hz: of the file.
        two_channels: one party a channel, else both mixed into one.
        seed: of the voices and the line.
    """

    file: str
    subtopic: str
    stars: int
    codec: str
    sample_rate_hz: int
    two_channels: bool
    seed: int


SAMPLES = (
    Sample("satisfied.mp3", "ATM kept the card", 5, "libmp3lame", 16000, False, 21),
    Sample("angry.wav", "late payment penalty", 1, "pcm_alaw", 8000, False, 24),
    Sample("two_channels.wav", "international transfer", 5, "pcm_mulaw", 8000, True, 21),
)


def make(sample: Sample) -> Rendered:
    """Renders the sample's call with the test split's voices."""
    script = next(
        call for call in load_apart("test").calls if call.subtopic == sample.subtopic and call.stars == sample.stars
    )
    return render(script, "test", np.random.default_rng(sample.seed))


def encode(samples: npt.NDArray[np.float32], path: Path, codec: str, sample_rate_hz: int) -> None:
    """Writes float32 samples of shape (channels, samples) at 16 kHz in any codec of FFmpeg's."""
    layout = "mono" if len(samples) == 1 else "stereo"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=sample_rate_hz, layout=layout)
        resampler = av.AudioResampler(format=stream.format.name, layout=layout, rate=sample_rate_hz)
        pcm = np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = SAMPLE_RATE
        for source in (frame, None):
            for piece in resampler.resample(source):
                container.mux(stream.encode(piece))
        container.mux(stream.encode(None))


def main() -> None:
    """Writes all samples and their manifest."""
    parser = argparse.ArgumentParser(prog="python -m training.samples", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=OUT, help="folder (default: %(default)s)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    lines = []
    for sample in SAMPLES:
        rendered = make(sample)
        audio = rendered.parties if sample.two_channels else rendered.mix[None]
        encode(audio, options.out / sample.file, sample.codec, sample.sample_rate_hz)
        lines.append(json.dumps(manifest(rendered, Path(sample.file).stem, sample.file), ensure_ascii=False))
        print(f"{sample.file}: {rendered.seconds:.0f} s")
    (options.out / "manifest.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
