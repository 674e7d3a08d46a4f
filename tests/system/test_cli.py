"""The ``callcenter`` command against the real system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from client.cli import EXIT_NOT_COMPLETE, EXIT_UNREACHABLE, EXIT_USAGE, main
from evaluation.manifest import ReferenceCall
from evaluation.system import System


class Command:
    """Runs the command and gives its exit code and output."""

    def __init__(self, address: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._address = address
        self._capsys = capsys

    def __call__(self, *words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--address", self._address, *map(str, words)])
        output = self._capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    def json(self, *words: object) -> list[dict[str, Any]]:
        _, out, _ = self(*words, "--json")
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def callcenter(system: System, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(system.address(), capsys)


def test_submit_follow_show_list_delete(callcenter: Command, samples: dict[str, ReferenceCall], tmp_path: Path) -> None:
    copy = tmp_path / "for the command.wav"
    copy.write_bytes(samples["angry"].audio.read_bytes() + b"\xd5" * 1600)

    code, out, _ = callcenter("submit", copy, "--follow")
    assert code == 0
    assert "for the command.wav" in out and "Topic" in out and "Customer started" in out

    (known,) = callcenter.json("submit", copy)
    assert known["alreadyKnown"]
    call_id = known["callId"]
    (shown,) = callcenter.json("show", call_id)
    assert shown["state"] == "CALL_STATE_COMPLETED"
    assert call_id in {call["id"] for call in callcenter.json("list", "--state", "completed", "--text", "for the comm")}
    stars = str(shown["quality"]["stars"])
    quality = shown["quality"]["label"].removeprefix("QUALITY_LABEL_").lower()
    rated = callcenter.json("list", "--stars-min", stars, "--stars-max", stars, "--quality", quality)
    assert call_id in {call["id"] for call in rated}
    lengths = [int(call["recording"].get("durationMs", 0)) for call in callcenter.json("list", "--order", "longest")]
    assert lengths == sorted(lengths, reverse=True)
    events = callcenter.json("watch", call_id)
    assert [event["callId"] for event in events] == [call_id] * len(events)
    assert events[-1]["callState"] == "CALL_STATE_COMPLETED"

    code, _, err = callcenter("retry", call_id)
    assert code == EXIT_USAGE and "callcenter: " in err
    assert callcenter("delete", call_id)[0] == 0
    assert callcenter("show", call_id)[0] == EXIT_USAGE


def test_bad_file_ends_with_its_reason(callcenter: Command, tmp_path: Path) -> None:
    path = tmp_path / "letter.wav"
    path.write_text("Hörmətli müştəri, bu səs yazısı deyil.")
    code, out, _ = callcenter("submit", path, "--follow")
    assert code == EXIT_NOT_COMPLETE
    assert "rejected" in out


def test_models(callcenter: Command) -> None:
    code, out, _ = callcenter("models")
    assert code == 0
    assert out.count("serving") == 7


def test_missing_file_is_named(callcenter: Command) -> None:
    code, _, err = callcenter("submit", "no-such.wav")
    assert code == EXIT_USAGE and "no-such.wav" in err


def test_no_orchestrator_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = Command("127.0.0.1:1", capsys)("list")
    assert code == EXIT_UNREACHABLE
    assert "no orchestrator answers at 127.0.0.1:1" in err
