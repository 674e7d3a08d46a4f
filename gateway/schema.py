"""The JSON that goes out: snake_case, lower-case words for enums, RFC 3339 times, null for what is not known."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

CallState = Literal["queued", "running", "completed", "partial", "rejected", "cancelled"]
StageState = Literal["queued", "running", "finished", "failed", "skipped"]
StageName = Literal["decode", "diarize", "asr", "turns", "roles", "emotion", "summarize", "topics", "quality"]
Emotion = Literal["neutral", "happy", "sad", "angry"]
Role = Literal["operator", "customer"]
QualityLabel = Literal["good", "poor"]
Order = Literal["newest", "oldest", "longest", "shortest", "most_stars", "fewest_stars", "file_name"]

Count = Annotated[int, Field(ge=0)]
Milliseconds = Annotated[int, Field(ge=0, description="Milliseconds from the start of the call.")]
Share = Annotated[float, Field(ge=0, le=1)]

CALL_ID = "01kxaz5m9q3v7c2h8t4w6y0r1e"


class _Schema(BaseModel):
    """All fields are always there: a null says that something is not known (yet)."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Model(_Schema):
    """The model that made a result: enough to make the same result again."""

    model_config = _example(
        id="mini/asr", revision="", digest="9f2b" + "0" * 60, architecture="Wav2Vec2ForCTC", profile="mini",
        device="cpu", software_version="0.1.0",
    )  # fmt: skip

    id: str = Field(description="Hub id, or name of the model's folder.")
    revision: str = Field(description="Revision on the hub; empty for a folder.")
    digest: str = Field(description="SHA-256 over the model's files.")
    architecture: str = Field(description="Class that the checkpoint was loaded as.")
    profile: str = Field(description="Profile that chose the model.")
    device: str = Field(description="Device that it ran on.")
    software_version: str = Field(description="Version of the platform.")


class Stage(_Schema):
    """A stage of a call's analysis."""

    model_config = _example(
        name="asr", state="running", progress=0.4, reason="", start_time="2026-11-24T08:00:01.250000Z", end_time=None,
        model=None, attempt_count=1, needs=["decode"],
    )  # fmt: skip

    name: StageName
    state: StageState
    progress: Share = Field(description="Share that is done.")
    reason: str = Field(description="Why it failed, was skipped or waits; empty otherwise.")
    start_time: datetime | None = Field(description="When it was started the last time.")
    end_time: datetime | None
    model: Model | None = Field(description="The model that made its result.")
    attempt_count: Count = Field(description="Times that it was tried.")
    needs: list[StageName] = Field(description="Stages whose results it reads.")


class Recording(_Schema):
    """The file that was submitted; what is null is known when it is decoded."""

    model_config = _example(
        file_name="zəng 1.wav", size_bytes=960044, sha256="e3b0" + "0" * 60, media_type="audio/wav", codec="pcm_alaw",
        sample_rate_hz=8000, channel_count=2, duration_ms=60000, party_per_channel=True,
    )  # fmt: skip

    file_name: str
    size_bytes: Count
    sha256: str
    media_type: str | None
    codec: str | None = Field(description="In FFmpeg's spelling.")
    sample_rate_hz: int | None
    channel_count: int | None
    duration_ms: int | None
    party_per_channel: bool = Field(description="Each of the two channels carries one party.")


class Word(_Schema):
    """A word with its time."""

    text: str
    start_ms: Milliseconds
    end_ms: Milliseconds
    probability: Share = Field(description="That the word is right.")
    channel: Count


class EmotionScore(_Schema):
    """The probability of an emotion."""

    emotion: Emotion
    score: Share


class Turn(_Schema):
    """What one party said at a stretch."""

    model_config = _example(
        index=0, speaker="S1", start_ms=300, end_ms=1450, text="Salam, Paşa Bank.",
        words=[{"text": "Salam,", "start_ms": 300, "end_ms": 700, "probability": 0.97, "channel": 0}],
        role="operator", emotion="neutral", emotion_scores=[{"emotion": "neutral", "score": 0.9}], channel=0,
    )  # fmt: skip

    index: Count
    speaker: str = Field(description="Anonymous name within the call.")
    start_ms: Milliseconds
    end_ms: Milliseconds
    text: str = Field(description="Empty: speech that was not understood.")
    words: list[Word]
    role: Role | None
    emotion: Emotion | None
    emotion_scores: list[EmotionScore] = Field(description="Most probable first.")
    channel: Count


class Speaker(_Schema):
    """A party of the call."""

    name: str = Field(description="Anonymous name within the call.")
    role: Role | None
    role_confidence: Share | None
    speech_ms: Count = Field(description="Time that the party speaks.")


class TrendPoint(_Schema):
    """The customer's mood at one of the customer's turns."""

    time_ms: Milliseconds
    emotion: Emotion
    valence: Annotated[float, Field(ge=-1, le=1, description="-1 angry or sad, 0 neutral, 1 happy.")]


class Trend(_Schema):
    """How the customer's mood moved."""

    model_config = _example(
        start="angry", end="neutral", description="Customer started Angry and finished Neutral",
        points=[{"time_ms": 2100, "emotion": "angry", "valence": -0.8}],
    )  # fmt: skip

    start: Emotion | None = Field(description="Null where no customer speaks.")
    end: Emotion | None = Field(description="Null where no customer speaks.")
    description: str
    points: list[TrendPoint]


class LabelScore(_Schema):
    """A candidate with its score."""

    label: str
    score: Share


class Topic(_Schema):
    """What the call was about."""

    model_config = _example(
        topic="cards", subtopic="lost or stolen card", topics=[{"label": "cards", "score": 0.8}],
        subtopics=[{"label": "lost or stolen card", "score": 0.7}],
    )  # fmt: skip

    topic: str
    subtopic: str
    topics: list[LabelScore] = Field(description="Highest score first.")
    subtopics: list[LabelScore] = Field(description="Those of the topic, highest score first.")


class Quality(_Schema):
    """How good the service was."""

    model_config = _example(label="good", stars=4, distribution=[0.01, 0.04, 0.15, 0.6, 0.2])

    label: QualityLabel = Field(description="Good from three stars on.")
    stars: Annotated[int, Field(ge=1, le=5)]
    distribution: list[Share] = Field(description="Probability of 1, 2, 3, 4 and 5 stars.")


class ListedCall(_Schema):
    """A call as it stands in a list, with everything that is known about it so far but its turns."""

    id: str = Field(examples=[CALL_ID])
    state: CallState
    error: str = Field(description="Why it was rejected, or which stages failed; empty otherwise.")
    recording: Recording
    create_time: datetime = Field(description="When it was accepted.")
    end_time: datetime | None = Field(description="When its analysis ended.")
    stages: list[Stage] = Field(description="In the order of the graph.")
    speakers: list[Speaker]
    trend: Trend | None
    summary: str | None
    topic: Topic | None
    quality: Quality | None
    sequence: Count = Field(description="Number of its newest event: where following goes on from.")
    language: str | None = Field(description="ISO 639-1.")


class Call(ListedCall):
    """A call with everything that is known about it so far."""

    turns: list[Turn]


class CallPage(_Schema):
    """A page of a list."""

    calls: list[ListedCall]
    next_page_token: str | None = Field(description="Asks for the next page; null: this is the last one.")
    total_count: Count = Field(description="Calls of all pages together, as of now.")


class Submitted(_Schema):
    """A recording that was taken."""

    model_config = _example(
        file_name="zəng 1.wav", call_id=CALL_ID, already_known=False, location=f"/api/calls/{CALL_ID}"
    )

    file_name: str
    call_id: str
    already_known: bool = Field(description="The same recording, or the same key, was submitted before.")
    location: str = Field(description="Address of the call.")


class Submission(_Schema):
    """All recordings of an upload."""

    submitted: list[Submitted]


class Retried(_Schema):
    """A call that runs again."""

    model_config = _example(stages=["summarize", "quality"])

    stages: list[StageName] = Field(description="The stages that run again.")


class Waveform(_Schema):
    """The peaks of a recording, to be drawn."""

    model_config = _example(points_per_second=100.0, duration_ms=40, channels=[[0.0, 0.25, 0.731, 0.1]])

    points_per_second: Annotated[float, Field(gt=0)]
    duration_ms: Count
    channels: list[list[Share]] = Field(
        description="A row a party where each channel carries one, else one row; at most 8000 points, 1 the loudest."
    )


class SubtopicCount(_Schema):
    """Calls of a subtopic."""

    subtopic: str
    call_count: Count
    poor_count: Count = Field(description="Those of poor quality.")


class TopicCount(_Schema):
    """Calls of a topic."""

    topic: str
    call_count: Count
    poor_count: Count = Field(description="Those of poor quality.")
    subtopics: list[SubtopicCount] = Field(description="Most calls first.")


class TrendCount(_Schema):
    """Calls whose customer's mood moved so."""

    start: Emotion
    end: Emotion
    call_count: Count


class DayCount(_Schema):
    """Calls that were accepted on a day."""

    date: str = Field(examples=["2026-11-24"])
    call_count: Count
    poor_count: Count
    duration_ms: Count


class StateCounts(_Schema):
    """Calls in each state."""

    queued: Count
    running: Count
    completed: Count
    partial: Count
    rejected: Count
    cancelled: Count


class Overview(_Schema):
    """What the calls of a period were like. A result counts as soon as it is there."""

    call_count: Count
    duration_ms: Count
    rated_count: Count = Field(description="Calls with stars.")
    poor_count: Count = Field(description="Calls of poor quality.")
    states: StateCounts
    stars: list[Count] = Field(description="Calls with 1, 2, 3, 4 and 5 stars.", min_length=5, max_length=5)
    topics: list[TopicCount] = Field(description="Most calls first.")
    trends: list[TrendCount] = Field(description="Most calls first.")
    days: list[DayCount] = Field(description="Days with calls, in order of time.")


class StageModel(_Schema):
    """A stage's server."""

    stage: StageName
    serving: bool
    model: Model | None = Field(description="Null where the server does not answer.")
    reason: str = Field(description="Why it does not serve; empty where it does.")


class Models(_Schema):
    """All stages' servers."""

    models: list[StageModel]


class Readiness(Models):
    """Whether everything that an analysis needs is up."""

    ready: bool = Field(description="The orchestrator and all stages' servers serve.")
    orchestrator: bool = Field(description="The orchestrator answers.")


class Alive(_Schema):
    """The process answers."""

    status: Literal["ok"] = "ok"


class CallEvent(_Schema):
    """Something that happened to a call: the data of an event."""

    sequence: Count = Field(description="Rising over all calls.")
    call_id: str
    time: datetime
    call_state: CallState = Field(description="State of the call after the event.")
    stage: Stage | None = Field(description="The stage that moved, as it is now; null: the call as a whole.")
    deleted: bool
    file_name: str


class Transcript(_Schema):
    """Who said what."""

    call_id: str
    file_name: str
    create_time: datetime
    duration_ms: int | None
    language: str | None
    speakers: list[Speaker]
    turns: list[Turn]
    trend: Trend | None


class Mistake(_Schema):
    """One thing that is wrong with a request."""

    where: str = Field(description="The parameter, header or part.", examples=["query page_size"])
    what: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    model_config = _example(
        type="about:blank", title="Not Found", status=404, detail="there is no call 'x'",
        action="list the calls to find its id",
    )  # fmt: skip

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    action: str | None = Field(default=None, description="What to do about it.")
    errors: list[Mistake] | None = Field(default=None, description="What is wrong with the request, one by one.")
    submitted: list[Submitted] | None = Field(default=None, description="What was taken before the one that failed.")
