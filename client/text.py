"""Calls as text for people: names of states, times, the readable analysis."""

from __future__ import annotations

from callcenter.v1 import call_pb2, common_pb2, quality_pb2
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_STATES = {
    call_pb2.CALL_STATE_QUEUED: ("queued", "dim"),
    call_pb2.CALL_STATE_RUNNING: ("running", "cyan"),
    call_pb2.CALL_STATE_COMPLETED: ("completed", "green"),
    call_pb2.CALL_STATE_PARTIAL: ("partial", "yellow"),
    call_pb2.CALL_STATE_REJECTED: ("rejected", "red"),
    call_pb2.CALL_STATE_CANCELLED: ("cancelled", "dim"),
}
_STAGE_MARKS = {
    call_pb2.STAGE_STATE_QUEUED: ("·", "dim"),
    call_pb2.STAGE_STATE_RUNNING: ("▸", "cyan"),
    call_pb2.STAGE_STATE_FINISHED: ("✓", "green"),
    call_pb2.STAGE_STATE_FAILED: ("✗", "red"),
    call_pb2.STAGE_STATE_SKIPPED: ("–", "dim"),
}
_ORDERS = {
    "newest": call_pb2.CALL_ORDER_NEWEST,
    "oldest": call_pb2.CALL_ORDER_OLDEST,
    "longest": call_pb2.CALL_ORDER_LONGEST,
    "shortest": call_pb2.CALL_ORDER_SHORTEST,
    "most-stars": call_pb2.CALL_ORDER_MOST_STARS,
    "fewest-stars": call_pb2.CALL_ORDER_FEWEST_STARS,
    "file-name": call_pb2.CALL_ORDER_FILE_NAME,
}
_QUALITIES = {"good": quality_pb2.QUALITY_LABEL_GOOD, "poor": quality_pb2.QUALITY_LABEL_POOR}
_ROLES = {common_pb2.ROLE_OPERATOR: ("Operator", "blue"), common_pb2.ROLE_CUSTOMER: ("Customer", "magenta")}
_EMOTIONS = {
    common_pb2.EMOTION_NEUTRAL: ("neutral", "dim"),
    common_pb2.EMOTION_HAPPY: ("happy", "green"),
    common_pb2.EMOTION_SAD: ("sad", "blue"),
    common_pb2.EMOTION_ANGRY: ("angry", "red"),
}


def state_name(state: call_pb2.CallState) -> str:
    """The state's name as the command line takes and prints it."""
    return _STATES.get(state, ("unknown", ""))[0]


def state_of_name(name: str) -> call_pb2.CallState:
    """The state of a name that ``state_name`` gives; KeyError for any other."""
    return {text: state for state, (text, _) in _STATES.items()}[name]


def state_names() -> list[str]:
    """All names of states."""
    return [text for text, _ in _STATES.values()]


def order_names() -> list[str]:
    """All orders of a list as the command line takes them: "newest", "most-stars"."""
    return list(_ORDERS)


def order_of_name(name: str) -> call_pb2.CallOrder:
    """The order of a name of ``order_names``; KeyError for any other."""
    return _ORDERS[name]


def quality_names() -> list[str]:
    """Both names of a quality."""
    return list(_QUALITIES)


def quality_of_name(name: str) -> quality_pb2.QualityLabel:
    """The quality of a name of ``quality_names``; KeyError for any other."""
    return _QUALITIES[name]


def clock(time_ms: int) -> str:
    """Minutes and seconds with a tenth, ``03:07.4``."""
    tenths = round(time_ms / 100)
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


def stars(count: int) -> str:
    """Five stars, so many of them full."""
    return "★" * count + "☆" * (5 - count)


def state_text(state: call_pb2.CallState) -> Text:
    """The state's name in its colour."""
    name, style = _STATES.get(state, ("unknown", ""))
    return Text(name, style)


def stage_line(stages: list[call_pb2.Stage]) -> Text:
    """All stages of a call on one line: a mark, the name, the progress while it runs."""
    line = Text()
    for stage in stages:
        mark, style = _STAGE_MARKS.get(stage.state, ("?", ""))
        running = stage.state == call_pb2.STAGE_STATE_RUNNING
        line.append(f"{mark} {stage.name}{f' {stage.progress:.0%}' if running else ''}  ", style)
    return line


def analysis(call: call_pb2.Call) -> RenderableType:
    """The whole analysis of a call, readable in a terminal of 80 columns or more."""
    parts: list[RenderableType] = [_facts(call)]
    if call.error:
        parts.append(Text(call.error, "red"))
    if call.turns:
        parts += [Text(), _transcript(call)]
    if call.summary:
        parts += [Text(), Text.assemble(("Summary  ", "bold"), call.summary)]
    parts.append(_findings(call))
    name, style = _STATES.get(call.state, ("unknown", ""))
    title = f"[bold]{escape(call.recording.file_name)}[/]  [{style or 'default'}]{name}[/]"
    return Panel(Group(*parts), title=title, subtitle=f"[dim]{call.id}[/]", title_align="left", subtitle_align="right")


def _facts(call: call_pb2.Call) -> Text:
    recording = call.recording
    facts = [clock(recording.duration_ms)]
    if recording.codec:
        facts += [recording.codec, f"{recording.sample_rate_hz} Hz"]
        facts.append("one party a channel" if recording.party_per_channel else f"{recording.channel_count} channel(s)")
    return Text("  ·  ".join(facts), "dim")


def _transcript(call: call_pb2.Call) -> Table:
    table = Table.grid(padding=(0, 2))
    for ratio in (None, None, None, 1):
        table.add_column(ratio=ratio, overflow="fold")
    for turn in call.turns:
        role, style = _ROLES.get(turn.role, (turn.speaker, ""))
        emotion, emotion_style = _EMOTIONS.get(turn.emotion, ("", ""))
        table.add_row(Text(clock(turn.start_ms), "dim"), Text(role, style), Text(emotion, emotion_style), turn.text)
    return table


def _findings(call: call_pb2.Call) -> Table:
    table = Table.grid(padding=(0, 2))
    if call.HasField("topic"):
        table.add_row(Text("Topic", "bold"), f"{call.topic.topic} › {call.topic.subtopic}{_score(call.topic)}")
    if call.HasField("quality"):
        good = call.quality.label == quality_pb2.QUALITY_LABEL_GOOD
        label = Text("Good" if good else "Poor", "green" if good else "red")
        table.add_row(Text("Quality", "bold"), Text.assemble(label, f"  {stars(call.quality.stars)}"))
    if call.trend.description:
        table.add_row(Text("Trend", "bold"), call.trend.description)
    failed = [f"{stage.name}: {stage.reason}" for stage in call.stages if stage.state == call_pb2.STAGE_STATE_FAILED]
    for line in failed:
        table.add_row(Text("Failed", "red"), line)
    return table


def _score(topic: call_pb2.CallTopic) -> str:
    if not topic.topics or not topic.subtopics:
        return ""
    return f"  ({topic.topics[0].score:.0%}, {topic.subtopics[0].score:.0%})"
