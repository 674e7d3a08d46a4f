"""Runs one stage of one call: to its result, or to the reason why there is none."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import grpc
from callcenter.v1 import call_pb2
from sqlalchemy.exc import SQLAlchemyError

from orchestrator import decoder, queries, transitions, turns
from orchestrator.answers import Answer
from orchestrator.clients import CLIENTS, Job
from orchestrator.config import Config
from orchestrator.graph import BY_NAME, SERVED
from orchestrator.recordings import Recordings
from orchestrator.store import Store
from orchestrator.transitions import Run
from orchestrator.trials import Verdict, describe, judge
from rpc import logs
from rpc.errors import InvalidInput

_log = logs.get(__name__)

NO_SPEECH = "no speech was found in the recording"
MAX_TURNS = 5000
"""What the services take."""

ONE_PARTY = "each channel carries one party: the channel is the speaker"

_FIRST_PAUSE_SECONDS = 0.1
_PROGRESS_SECONDS = 0.25
_PROGRESS_STEP = 0.05
_SLOW_PROGRESS_SECONDS = 2.0
_SLOW_PROGRESS_STEP = 0.01
_NEWS_SECONDS = 5.0


class Rejection(Exception):
    """The whole call ends: its recording cannot be analysed.

    Attributes:
        reason: why, for people.
        answer: result of the stage that found it out, if it has one.
    """

    def __init__(self, reason: str, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.answer = answer


class StageFailure(Exception):
    """The stage has failed for good."""


class _Progress:
    """Writes a stage's progress, not too often: each is a transaction, and an event for every follower."""

    def __init__(self, store: Store, run: Run, name: str) -> None:
        self._store, self._run, self._name = store, run, name
        self._shown, self._shown_at, self._reason = 0.0, time.monotonic(), ""

    async def __call__(self, share: float) -> None:
        passed, step = time.monotonic() - self._shown_at, share - self._shown
        worth = (passed >= _PROGRESS_SECONDS and step >= _PROGRESS_STEP) or (
            passed >= _SLOW_PROGRESS_SECONDS and step >= _SLOW_PROGRESS_STEP
        )
        if worth or self._reason:
            await self._show(min(1.0, share), "")

    async def wait(self, reason: str) -> None:
        """Says what the stage waits for: at once, and again when that has changed."""
        if reason != self._reason and (not self._reason or time.monotonic() - self._shown_at >= _NEWS_SECONDS):
            _log.warning("waiting", stage=self._name, reason=reason)
            await self._show(0.0, reason)

    def restart(self) -> None:
        """Counts from zero again."""
        self._shown = 0.0

    async def _show(self, share: float, reason: str) -> None:
        self._shown, self._shown_at, self._reason = share, time.monotonic(), reason
        await self._store.write(transitions.note, self._run, self._name, share, reason)


class StageRunner:
    """Does the work of stages.

    Args:
        store, recordings: where calls and their audio are.
        channels: by name of the stage that is served.
        config: limits.
    """

    def __init__(
        self, store: Store, recordings: Recordings, channels: Mapping[str, grpc.aio.Channel], config: Config
    ) -> None:
        self._store = store
        self._recordings = recordings
        self._channels = channels
        self._config = config
        self._places = {name: asyncio.Semaphore(config.per_stage) for name in ("decode", *(s.name for s in SERVED))}
        self._decoding: dict[str, asyncio.Lock] = {}

    async def run(self, run: Run, name: str) -> Answer | str:
        """Runs a stage.

        Returns:
            Its result, or why it is not needed for this recording.

        Raises:
            Rejection, StageFailure, Stopped: see there.
        """
        progress = _Progress(self._store, run, name)
        if name == "decode":
            recording = await self._decode(run, progress)
            return Answer([recording])
        answers = await self._store.read(queries.get_answers, run.call_id, {"decode", *BY_NAME[name].needs})
        recording = answers["decode"][0]
        if name == "turns":
            return _make_turns(recording, answers)
        if name == "diarize" and recording.party_per_channel:
            return ONE_PARTY
        answer = await self._ask(run, name, recording, answers, progress)
        if name == "asr" and not any(part.phrase.words for part in answer.messages):
            raise Rejection(NO_SPEECH, answer)
        return answer

    async def _ask(
        self, run: Run, name: str, recording: call_pb2.Recording, answers: Mapping[str, list[Any]],
        progress: _Progress,
    ) -> Answer:  # fmt: skip
        """Has the stage's server make the result, through outages and a few failures."""
        timeout = self._config.base_timeout_seconds + BY_NAME[name].seconds_per_second * recording.duration_ms / 1000
        failures = lost = 0
        pause = _FIRST_PAUSE_SECONDS
        while True:
            pcm = await self._pcm(run) if BY_NAME[name].hears else None
            job = Job(run.call_id, recording, pcm, answers, self._config.language, timeout, progress)
            try:
                async with self._places[name]:
                    return await CLIENTS[name](self._channels[name], job)
            except (transitions.Stopped, SQLAlchemyError):
                raise
            except Exception as error:  # whatever a try raises, the call must end well
                verdict, why = judge(error, job.under_way), describe(error)
            failures += verdict is Verdict.RETRY
            lost += verdict is Verdict.LOST
            if verdict is Verdict.GIVE_UP:
                raise StageFailure(why)
            if failures >= self._config.max_failures:
                raise StageFailure(f"{why} (tried {failures} times)")
            if lost >= self._config.max_lost:
                raise StageFailure(f"the server went away {lost} times while it worked on this call; last: {why}")
            if verdict is Verdict.RETRY:
                _log.warning("trying again", stage=name, failures=failures, reason=why)
                await self._store.write(transitions.try_again, run, name, why)
                progress.restart()
            else:
                await progress.wait(f"waiting for {name} at {self._config.addresses[name]}: {why}")
            await asyncio.sleep(pause * random.uniform(0.8, 1.0))
            pause = min(2 * pause, self._config.max_wait_seconds)

    async def _decode(self, run: Run, progress: Callable[[float], Awaitable[None]]) -> call_pb2.Recording:
        """Decodes the call's recording, whether that was done before or not."""
        known = await self._store.read(queries.get_recording, run.call_id)
        source, target = self._recordings.original(known.sha256), self._recordings.pcm(known.sha256)
        waveform = self._recordings.waveform(known.sha256)
        if not source.exists():
            raise StageFailure("the recording is gone from the data folder")
        died = 0
        while True:
            try:
                async with self._places["decode"]:
                    return await decoder.decode(source, target, waveform, self._config.max_seconds, progress)
            except InvalidInput as error:
                raise Rejection(error.message) from error
            except decoder.DecoderDied as error:
                died += 1
                _log.error("decoder died", failures=died, reason=error.message)
                if died >= self._config.max_failures:
                    raise Rejection(f"the file cannot be decoded: {error.message}") from error

    async def _pcm(self, run: Run) -> Path:
        """The decoded audio; made anew where it was dropped after an earlier run."""
        recording = await self._store.read(queries.get_recording, run.call_id)
        path = self._recordings.pcm(recording.sha256)
        async with self._decoding.setdefault(run.call_id, asyncio.Lock()):
            if not path.exists():
                await self._decode(run, _unheard)
        return path

    async def set_aside(self, run: Run, reason: str) -> None:
        """Puts a copy of the recording where people look for rejected ones."""
        recording = await self._store.read(queries.get_recording, run.call_id)
        await asyncio.get_running_loop().run_in_executor(
            None, self._recordings.set_aside, recording.sha256, run.call_id, recording.file_name, reason
        )

    async def forget(self, call_id: str) -> None:
        """Drops what is kept for a call that has ended and can be made anew."""
        self._decoding.pop(call_id, None)
        recording = await self._store.read(queries.get_recording, call_id)
        self._recordings.drop_pcm(recording.sha256)


async def _unheard(share: float) -> None:
    """Progress of a decoding that belongs to no running stage."""


def _make_turns(recording: call_pb2.Recording, answers: Mapping[str, list[Any]]) -> Answer:
    """Puts words and segments together."""
    words = [
        turns.Word(word.text, word.start_ms, max(word.start_ms, word.end_ms), word.probability, part.phrase.channel)
        for part in answers["asr"]
        for word in part.phrase.words
    ]
    if recording.party_per_channel:
        made = turns.by_channels(words, recording.duration_ms)
    else:
        exclusive = [
            turns.Segment(segment.speaker, segment.start_ms, segment.end_ms)
            for part in answers.get("diarize", ())
            for segment in part.result.exclusive_segments
        ]
        made = turns.by_segments(words, exclusive, recording.duration_ms)
    if len(made) > MAX_TURNS:
        raise StageFailure(f"the call has {len(made)} turns, more than {MAX_TURNS}")
    head, body = call_pb2.Call(language=answers["asr"][-1].result.language), call_pb2.Call()
    speech_ms: dict[str, int] = {}
    for index, turn in enumerate(made):
        speech_ms[turn.speaker] = speech_ms.get(turn.speaker, 0) + turn.end_ms - turn.start_ms
        message = body.turns.add(
            index=index,
            speaker=turn.speaker,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            text=turn.text,
            channel=turn.words[0].channel,
        )
        for word in turn.words:
            message.words.add(
                text=word.text,
                start_ms=word.start_ms,
                end_ms=word.end_ms,
                probability=word.probability,
                channel=word.channel,
            )
    for name, total_ms in speech_ms.items():
        head.speakers.add(name=name, speech_ms=total_ms)
    return Answer([head, body], text="\n".join(turn.text for turn in made))
