"""Profiles: the file, the environment, the command line, and plain errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from rpc.errors import InvalidInput
from services.serving.profile import PROJECT_ROOT, load_stage


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "bank.toml").write_text('[asr]\nmodel = "folder"\ndevice = "cuda:0"\nlanguage = "az"\n')
    return tmp_path


def test_reads_fields_and_options(root: Path) -> None:
    config = load_stage("asr", "bank", {}, root=root)
    assert (config.model, config.device, config.precision, config.profile) == ("folder", "cuda:0", "fp32", "bank")
    assert config.option("language", "") == "az"
    assert config.path(config.model) == root / "folder"


def test_environment_overrides_one_field_and_the_command_line_overrides_it(root: Path) -> None:
    environment = {"CALLCENTER_ASR_DEVICE": "cpu", "CALLCENTER_ASR_BEAMS": "3", "CALLCENTER_ROLES_DEVICE": "cuda:7"}
    config = load_stage("asr", "bank", environment, root=root)
    assert config.device == "cpu"
    assert config.option("beams", 5) == 3
    assert load_stage("asr", "bank", environment, {"device": "cuda:1"}, root=root).device == "cuda:1"


def test_option_of_a_wrong_type_is_named(root: Path) -> None:
    config = load_stage("asr", "bank", {"CALLCENTER_ASR_BEAMS": "many"}, root=root)
    with pytest.raises(InvalidInput, match=r"asr\.beams must be a int"):
        config.option("beams", 5)


def test_unknown_profile_lists_the_known_ones(root: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_stage("asr", "nothing", {}, root=root)
    assert caught.value.action == "profiles: bank"


def test_stage_without_a_model_is_named(root: Path) -> None:
    with pytest.raises(InvalidInput, match="names no model for roles"):
        load_stage("roles", "bank", {}, root=root)


@pytest.mark.parametrize("profile", ["mini", "public", "poc"])
@pytest.mark.parametrize("stage", ["diarize", "asr", "roles", "emotion", "summarize", "topics", "quality"])
def test_every_profile_serves_every_stage(profile: str, stage: str) -> None:
    assert load_stage(stage, profile, {}, root=PROJECT_ROOT).model


def test_topics_of_the_original_system_run_on_the_cpu() -> None:
    assert load_stage("topics", "poc", {}).device == "cpu"
