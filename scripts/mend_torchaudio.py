"""Makes `import torchaudio` work beside a CPU build of torch.

The registry's torchaudio wheel is built against CUDA. Beside a CPU torch its compiled extension cannot load, and
the import fails, although only its Python part (resampling, fbank, mel) is needed: without the extension's files
the import works. Beside a CUDA build of torch nothing is touched.
"""

import importlib.util
from pathlib import Path

import torch


def main() -> None:
    """Removes the extension's files if torch has no CUDA."""
    if torch.version.cuda is not None:
        return
    spec = importlib.util.find_spec("torchaudio")
    if spec is None or spec.origin is None:
        raise SystemExit("torchaudio is not installed")
    for path in (Path(spec.origin).parent / "lib").glob("*.so"):
        path.unlink()


if __name__ == "__main__":
    main()
