"""The command against a small hub: what it fetches, how it goes on, and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from services.serving.checkpoint import locate
from services.serving.profile import PROJECT_ROOT, load_stage
from tests.fetch.hub import COMMIT, TOKEN, Hub, serve

WEIGHTS = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve(Hub({"bank/whisper": {"config.json": b"{}", "model.safetensors": WEIGHTS, "tf_model.h5": b"x"}})) as hub:
        yield hub


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "bank.toml"
    path.write_text('[asr]\nmodel = "bank/whisper"\n')
    return path


def start(hub_url: str, profile: Path, *arguments: str, token: str = "") -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CALLCENTER_", "HF_"))}
    # A machine's own sign-in must not decide a test: an empty home holds none.
    environment |= {"HF_ENDPOINT": hub_url, "HOME": str(profile.parent), "HF_HOME": str(profile.parent / "hf")}
    environment |= {"HF_TOKEN": token} if token else {}
    command = [sys.executable, "-m", "services.fetch", "--profile", str(profile), "--stage", *(arguments or ["asr"])]
    return subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def fetch(hub_url: str, profile: Path, *arguments: str, token: str = "") -> tuple[int, str]:
    """Runs the command; gives its exit code and what it said."""
    with start(hub_url, profile, *arguments, token=token) as process:
        _, said = process.communicate(timeout=120)
        return process.returncode, said


def cache(profile: Path, repository: str = "bank/whisper") -> Path:
    return profile.parent / "hf" / "hub" / f"models--{repository.replace('/', '--')}"


def test_a_model_server_finds_what_was_fetched_and_only_the_needed_files(
    hub: Hub, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = fetch(hub.url, profile)
    assert code == 0, said
    assert "all models are on this machine" in said
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(profile.parent / "hf" / "hub"))
    checkpoint = locate(load_stage("asr", str(profile), {}))
    assert checkpoint.revision == COMMIT
    assert sorted(path.name for path in checkpoint.folder.iterdir()) == ["config.json", "model.safetensors"]
    assert (checkpoint.folder / "model.safetensors").read_bytes() == WEIGHTS
    hub.requests.clear()
    assert fetch(hub.url, profile)[0] == 0
    assert hub.downloads() == [], "a second run has nothing to do"


def test_a_broken_transfer_goes_on_within_a_run(hub: Hub, profile: Path) -> None:
    hub.break_after = [300_000]
    code, said = fetch(hub.url, profile)
    assert code == 0, said
    first, second = (line for line in hub.downloads() if line.startswith("model"))
    assert first == "model.safetensors@0"
    assert 0 < int(second.removeprefix("model.safetensors@")) <= 300_000


def test_a_later_run_goes_on_where_a_killed_one_was(hub: Hub, profile: Path) -> None:
    hub.stall_after = [300_000]
    with start(hub.url, profile) as process:
        deadline = time.monotonic() + 60
        while not any(path.stat().st_size > 100_000 for path in cache(profile).glob("parts/*")):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
    assert not (cache(profile) / "snapshots").exists(), "half a model must not look like a model"
    hub.requests.clear()
    assert fetch(hub.url, profile)[0] == 0
    (first_byte,) = (int(line.partition("@")[2]) for line in hub.downloads())
    assert 100_000 < first_byte <= 300_000
    assert (cache(profile) / "snapshots" / COMMIT / "model.safetensors").read_bytes() == WEIGHTS


def test_a_damaged_file_is_thrown_away(hub: Hub, profile: Path) -> None:
    hub.damaged = {"model.safetensors"}
    code, said = fetch(hub.url, profile)
    assert code == 1
    assert "arrived damaged" in said
    hub.damaged.clear()
    assert fetch(hub.url, profile)[0] == 0


def test_a_gated_model_says_where_to_accept_and_what_to_set(hub: Hub, profile: Path) -> None:
    hub.gated = {"bank/whisper"}
    code, said = fetch(hub.url, profile)
    assert code == 1
    assert f"accept its conditions on {hub.url}/bank/whisper" in said
    assert "HF_TOKEN is not set" in said
    code, said = fetch(hub.url, profile, token="hf_other")
    assert code == 1
    assert "refused with the token in HF_TOKEN" in said
    code, said = fetch(hub.url, profile, token=TOKEN)
    assert code == 0, said


def test_the_models_that_a_pipeline_names_come_with_it(hub: Hub, profile: Path) -> None:
    config = b"""
version: 3.1.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: AgglomerativeClustering
    embedding: pyannote/wespeaker-voxceleb-resnet34-LM
    embedding_batch_size: 32
    segmentation: pyannote/segmentation-3.0
"""
    hub.repositories |= {
        "pyannote/speaker-diarization-3.1": {"config.yaml": config},
        "pyannote/segmentation-3.0": {"config.yaml": b"task: x", "pytorch_model.bin": b"segmentation"},
        "pyannote/wespeaker-voxceleb-resnet34-LM": {"config.yaml": b"a: b", "pytorch_model.bin": b"embedding"},
    }
    profile.write_text('[diarize]\nmodel = "pyannote/speaker-diarization-3.1"\n')
    code, said = fetch(hub.url, profile, "diarize")
    assert code == 0, said
    for repository in ("pyannote/segmentation-3.0", "pyannote/wespeaker-voxceleb-resnet34-LM"):
        assert (cache(profile, repository) / "snapshots" / COMMIT / "pytorch_model.bin").is_file()


def test_one_missing_model_does_not_keep_the_others_away(hub: Hub, profile: Path) -> None:
    profile.write_text('[asr]\nmodel = "bank/whisper"\n[roles]\nmodel = "bank/none"\n[topics]\nmodel = "no-folder"\n')
    code, said = fetch(hub.url, profile, "roles", "topics", "asr")
    assert code == 1
    assert "bank/none does not exist, or is private" in said
    assert f"{PROJECT_ROOT / 'no-folder'} does not exist" in said
    assert "2 of the models" in said
    assert (cache(profile) / "refs" / "main").read_text() == COMMIT


def test_a_revision_that_does_not_exist_is_named(hub: Hub, profile: Path) -> None:
    profile.write_text('[asr]\nmodel = "bank/whisper"\nrevision = "v9"\n')
    code, said = fetch(hub.url, profile)
    assert code == 1
    assert "no revision 'v9'" in said


def test_a_pinned_commit_is_found_by_the_model_server(hub: Hub, profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile.write_text(f'[asr]\nmodel = "bank/whisper"\nrevision = "{COMMIT}"\n')
    code, said = fetch(hub.url, profile)
    assert code == 0, said
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(profile.parent / "hf" / "hub"))
    assert locate(load_stage("asr", str(profile), {})).revision == COMMIT


def test_without_a_network_it_says_so(profile: Path) -> None:
    code, said = fetch("http://127.0.0.1:9", profile)  # the discard port: nobody listens
    assert code == 1
    assert "cannot be reached" in said
    assert "Traceback" not in said


def test_a_profile_of_folders_needs_no_hub(profile: Path) -> None:
    (profile.parent / "folder").mkdir()
    profile.write_text(f'[asr]\nmodel = "{profile.parent / "folder"}"\n')
    code, said = fetch("http://127.0.0.1:9", profile)
    assert code == 0, said
