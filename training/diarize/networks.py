"""The two networks, and their checkpoints as pyannote.audio reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning
import numpy as np
import numpy.typing as npt
import torch
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import XVectorMFCC
from pyannote.audio.models.segmentation import PyanNet

from training.corpus.speak import SAMPLE_RATE
from training.diarize.scenes import MAX_SPEAKERS

CHUNK_SECONDS = 8.0
# Four times the usual hop: 67 ms a frame is fine enough for turns, and the network learns from more audio in its time.
SINCNET_STRIDE = 40
# What a telephone line carries; pyannote.audio's own filters would spend half of their number above it.
_LOW_HZ, _HIGH_HZ = 150.0, 3700.0


def segmentation_network() -> Any:
    """A PyanNet that says for each frame which of three speakers talk, at most two at once (seven classes)."""
    net = PyanNet(
        sincnet={"stride": SINCNET_STRIDE},
        lstm={"hidden_size": 128, "num_layers": 2, "dropout": 0.1},
        linear={"hidden_size": 128, "num_layers": 2},
    )
    net.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=CHUNK_SECONDS,
        classes=[f"speaker#{number}" for number in range(1, MAX_SPEAKERS + 1)],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    net.setup()
    return net


def embedding_network(dimension: int = 64) -> Any:
    """An XVectorMFCC: one vector for the speech of one speaker in a chunk; it hears the telephone's band only."""
    spectrum = {"n_mels": 40, "n_fft": 1024, "win_length": 800, "hop_length": 480, "f_min": 200.0, "f_max": 3600.0}
    net = XVectorMFCC(mfcc={"n_mfcc": 40, "log_mels": True, "melkwargs": spectrum}, dimension=dimension)
    net.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=CHUNK_SECONDS, min_duration=0.5
    )
    net.setup()
    return net


def set_filters(net: Any) -> None:
    """Puts the band-pass filters on a mel scale in the telephone's band, and leaves them there.

    Learning them takes half of the time.
    """
    bank = net.sincnet.conv1d[0].filterbank
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOW_HZ, _HIGH_HZ))
    edges = 700 * (10 ** (np.linspace(low, high, len(bank.low_hz_) + 1) / 2595) - 1)
    with torch.no_grad():
        # Both are kept less a least value: asteroid_filterbanks.ParamSincFB.
        bank.low_hz_[:, 0] = torch.from_numpy(edges[:-1] - bank.min_low_hz)
        bank.band_hz_[:, 0] = torch.from_numpy(np.diff(edges) - bank.min_band_hz).clamp(min=0)
    for module in (net.sincnet.wav_norm1d, net.sincnet.conv1d[0]):
        module.requires_grad_(False)


def frame_times(net: Any, seconds: float) -> npt.NDArray[np.float64]:
    """The middle of each of the network's frames, in seconds."""
    frames = net.num_frames(round(seconds * SAMPLE_RATE))
    return np.array([net.receptive_field_center(frame) for frame in range(frames)]) / SAMPLE_RATE


def save(net: Any, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Writes ``pytorch_model.bin``; half precision halves the file, the networks compute in single all the same."""
    state = {name: value.to(dtype) if value.is_floating_point() else value for name, value in net.state_dict().items()}
    checkpoint: dict[str, Any] = {
        "state_dict": state,
        "hyper_parameters": dict(net.hparams),
        "pytorch-lightning_version": lightning.__version__,
        "epoch": 0,
        "global_step": 0,
    }
    net.on_save_checkpoint(checkpoint)
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(checkpoint, folder / "pytorch_model.bin")
