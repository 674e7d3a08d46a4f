"""Transitions, events and queries on a database of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from callcenter.v1 import asr_pb2, call_pb2, common_pb2, emotion_pb2, quality_pb2, summary_pb2, topics_pb2

from orchestrator import ids, pages, queries, schema, transitions
from orchestrator.answers import Answer, fold, from_bytes, to_bytes
from orchestrator.events import Followers
from orchestrator.graph import NAMES
from orchestrator.listing import Filter, Place
from orchestrator.store import Store
from orchestrator.transitions import NewCall, OutOfStep, Run, Stopped
from rpc.errors import Busy, InvalidInput, NotPossibleNow, NotReady, OutOfRange


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path / "calls.sqlite3")
    yield opened
    opened.close()


async def create(store: Store, n: int = 0, **fields: str) -> Run:
    new = NewCall(**({"file_name": f"{n}.wav", "size_bytes": 10, "sha256": f"{n:064x}"} | fields))  # type: ignore[arg-type]
    return (await store.write(transitions.create, new, 1000)).run


async def running(store: Store, n: int = 0, **fields: str) -> Run:
    run = await create(store, n, **fields)
    assert await store.write(transitions.begin, run)
    return run


async def settle(store: Store, run: Run, *names: str) -> None:
    """Has stages behind them, without results."""
    for name in names or NAMES:
        await store.write(transitions.skip_stage, run, name, "")


NEUTRAL, HAPPY = common_pb2.EMOTION_NEUTRAL, common_pb2.EMOTION_HAPPY
SAD, ANGRY = common_pb2.EMOTION_SAD, common_pb2.EMOTION_ANGRY


def trend(start: common_pb2.Emotion, end: common_pb2.Emotion) -> emotion_pb2.ClassifyEmotionsResponse:
    result = emotion_pb2.ClassifyEmotionsResult(trend=emotion_pb2.EmotionTrend(start=start, end=end))
    return emotion_pb2.ClassifyEmotionsResponse(result=result)


SUMMARY = Answer(
    [summary_pb2.SummarizeResponse(summary="Kartı İTİRMİŞDİ")], common_pb2.Model(id="m"), text="Kartı İTİRMİŞDİ"
)


async def test_commit_is_durable_and_deleted_content_overwritten(store: Store, tmp_path: Path) -> None:
    def pragmas(c: sa.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return [c.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert await store.read(pragmas) == ["wal", 2, 1, 1]


async def test_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    engine = schema.open_database(tmp_path / "new.sqlite3", None)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA user_version={schema.VERSION + 1}")
    with pytest.raises(NotPossibleNow, match="newer version"):
        Store(tmp_path / "new.sqlite3")


async def test_failed_transaction_leaves_nothing(store: Store) -> None:
    def half(c: sa.Connection) -> None:
        transitions.create(c, NewCall("a.wav", 1, "0" * 64), 10)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(half)
    assert await store.read(queries.last_sequence) == 0
    await create(store)
    events = await store.read(queries.events_after, 0, "", 100)
    assert [event.sequence for event in events] == list(range(1, len(NAMES) + 2))


async def test_same_content_or_key_is_the_same_call(store: Store) -> None:
    first = await store.write(transitions.create, NewCall("a.wav", 1, "a" * 64, "key"), 10)
    again = await store.write(transitions.create, NewCall("b.wav", 1, "a" * 64), 10)
    by_key = await store.write(transitions.create, NewCall("a.wav", 1, "a" * 64, "key"), 10)
    assert not first.known and again.known and by_key.known
    assert first.run == again.run == by_key.run
    with pytest.raises(InvalidInput, match="other content"):
        await store.write(transitions.create, NewCall("a.wav", 1, "b" * 64, "key"), 10)


async def test_queue_is_bounded_but_known_content_is_not_refused(store: Store) -> None:
    await store.write(transitions.create, NewCall("a.wav", 1, "a" * 64), 1)
    with pytest.raises(Busy):
        await store.write(transitions.create, NewCall("b.wav", 1, "b" * 64), 1)
    assert (await store.write(transitions.create, NewCall("a.wav", 1, "a" * 64), 1)).known


async def test_result_is_taken_once_and_finished_stage_not_started_again(store: Store) -> None:
    run = await running(store)
    await settle(store, run, "turns", "roles")
    assert await store.write(transitions.start_stage, run, "summarize") == transitions.STAGE_RUNNING
    await store.write(transitions.finish_stage, run, "summarize", SUMMARY)
    assert await store.write(transitions.start_stage, run, "summarize") == transitions.STAGE_FINISHED
    other = Answer([summary_pb2.SummarizeResponse(summary="other")])
    await store.write(transitions.finish_stage, run, "summarize", other)
    call = await store.read(queries.get_call, run.call_id)
    assert call.summary == "Kartı İTİRMİŞDİ"
    assert next(stage for stage in call.stages if stage.name == "summarize").model.id == "m"


async def test_what_an_older_run_writes_is_refused(store: Store) -> None:
    run = await running(store)
    newer = await store.write(transitions.renew, run)
    for function, args in (
        (transitions.start_stage, ("decode",)),
        (transitions.note, ("asr", 0.5)),
        (transitions.finish_stage, ("summarize", SUMMARY)),
        (transitions.fail_stage, ("asr", "x")),
        (transitions.reject, ("asr", "x")),
    ):
        with pytest.raises(Stopped):
            await store.write(function, run, *args)  # type: ignore[arg-type]
    assert not await store.write(transitions.begin, run)
    await store.write(transitions.end, run)
    assert (await store.read(queries.get_call, run.call_id)).state == transitions.RUNNING
    assert await store.write(transitions.start_stage, newer, "decode") == transitions.STAGE_RUNNING
    with pytest.raises(Stopped):
        await store.write(transitions.renew, run)


async def test_stage_fails_with_what_it_needs(store: Store) -> None:
    run = await running(store)
    with pytest.raises(OutOfStep, match="turns needs diarize"):
        await store.write(transitions.start_stage, run, "turns")
    with pytest.raises(OutOfStep, match="decode has not ended"):
        await store.write(transitions.end, run)
    await settle(store, run, "decode", "diarize")
    await store.write(transitions.fail_stage, run, "asr", "broken")
    assert await store.write(transitions.start_stage, run, "turns") == transitions.STAGE_FAILED
    call = await store.read(queries.get_call, run.call_id)
    assert next(stage for stage in call.stages if stage.name == "turns").reason == "needs asr"


async def test_list_filters(store: Store) -> None:
    topic = topics_pb2.ClassifyTopicResponse(topic="cards", subtopic="lost card")
    good = quality_pb2.RateQualityResponse(label=quality_pb2.QUALITY_LABEL_GOOD, stars=5)
    first = await running(store, 1, file_name="Birinci ZƏNG.wav")
    await store.write(transitions.finish_stage, first, "summarize", SUMMARY)
    await store.write(transitions.finish_stage, first, "topics", Answer([topic]))
    second = await create(store, 2)
    await running(store, 3)
    third = Run((await store.read(queries.list_calls, Filter(), None, 1)).calls[0].id, 1)
    await store.write(transitions.finish_stage, third, "quality", Answer([good]))
    await store.write(transitions.finish_stage, third, "emotion", Answer([trend(HAPPY, ANGRY)]))

    async def found(**fields: object) -> list[str]:
        page = await store.read(queries.list_calls, Filter(**fields), None, 10)  # type: ignore[arg-type]
        assert page.end is None and page.total_count == len(page.calls)
        return [call.id for call in page.calls]

    newest = [third.call_id, second.call_id, first.call_id]
    assert await found() == newest
    assert await found(state=transitions.QUEUED) == [second.call_id]
    assert await found(topic="cards") == await found(subtopic="lost card") == [first.call_id]
    assert await found(topic="cards", subtopic="other") == [] == await found(topic="Cards")
    assert await found(quality=quality_pb2.QUALITY_LABEL_GOOD) == [third.call_id]
    assert await found(min_stars=5) == await found(max_stars=5) == await found(min_stars=1) == [third.call_id]
    assert await found(max_stars=4) == [] == await found(min_stars=5, max_stars=1)
    assert await found(trend_start=HAPPY) == await found(trend_start=HAPPY, trend_end=ANGRY) == [third.call_id]
    assert await found(trend_start=ANGRY) == [] == await found(trend_start=HAPPY, trend_end=HAPPY)
    for text in ("itirmişdi", "KARTI", "kartı", "birinci zəng", "BİRİNCİ"):
        assert await found(text=text) == [first.call_id], text
    assert await found(text="%") == []
    created = (await store.read(queries.get_call, second.call_id)).create_time.ToMilliseconds()
    assert await found(before_ms=created) == [i for i in newest if (await made(store, i)) < created]
    assert await found(from_ms=created + 3_600_000) == []


async def made(store: Store, call_id: str) -> int:
    call = await store.read(queries.get_call, call_id)
    return call.create_time.ToMilliseconds()


async def test_listed_calls_have_no_turns(store: Store) -> None:
    run = await running(store)
    head = call_pb2.Call(language="az", speakers=[call_pb2.Speaker(name="S1")])
    body = call_pb2.Call(turns=[call_pb2.Turn(text="salam")])
    await store.write(transitions.finish_stage, run, "turns", Answer([head, body], text="salam"))
    listed = (await store.read(queries.list_calls, Filter(text="SALAM"), None, 10)).calls[0]
    assert not listed.turns and listed.language == "az" and listed.speakers[0].name == "S1"
    assert (await store.read(queries.get_call, run.call_id)).turns[0].text == "salam"


# Of eight calls, in the order in which they come: duration in seconds, stars, name.
CALLS = (
    (3, 5, "Ə"),
    (1, None, "b"),
    (None, 1, "B"),
    (3, 5, "a"),
    (2, 1, "İ"),
    (None, None, "i"),
    (1, 3, "z"),
    (3, 1, "c"),
)

ORDERS = {
    call_pb2.CALL_ORDER_NEWEST: [7, 6, 5, 4, 3, 2, 1, 0],
    call_pb2.CALL_ORDER_OLDEST: [0, 1, 2, 3, 4, 5, 6, 7],
    call_pb2.CALL_ORDER_LONGEST: [7, 3, 0, 4, 6, 1, 5, 2],
    call_pb2.CALL_ORDER_SHORTEST: [6, 1, 4, 7, 3, 0, 5, 2],
    call_pb2.CALL_ORDER_MOST_STARS: [3, 0, 6, 7, 4, 2, 5, 1],
    call_pb2.CALL_ORDER_FEWEST_STARS: [7, 4, 2, 6, 3, 0, 5, 1],
    call_pb2.CALL_ORDER_FILE_NAME: [3, 2, 1, 7, 5, 4, 6, 0],
}


async def known(store: Store, n: int, seconds: int | None, stars: int | None, name: str) -> str:
    """A call that is under way, with what is known of it so far."""
    run = await running(store, n, file_name=name)
    if seconds:
        await store.write(
            transitions.finish_stage, run, "decode", Answer([call_pb2.Recording(duration_ms=seconds * 1000)])
        )
    if stars:
        rating = quality_pb2.RateQualityResponse(label=quality_pb2.QUALITY_LABEL_GOOD, stars=stars)
        await store.write(transitions.finish_stage, run, "quality", Answer([rating]))
    return run.call_id


def test_every_order_is_tested() -> None:
    assert {call_pb2.CALL_ORDER_UNSPECIFIED, *ORDERS} == set(call_pb2.CallOrder.values())


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 3, 8])
async def test_pages_cover_everything_once_in_order_whatever_comes_in_between(
    store: Store, order: call_pb2.CallOrder, size: int
) -> None:
    calls = [await known(store, n, *facts) for n, facts in enumerate(CALLS)]
    late: set[str] = set()
    seen: list[str] = []
    wanted, end = Filter(order=order), None
    while True:
        page = await store.read(queries.list_calls, wanted, pages.from_token(token_of(end, wanted), wanted), size)
        seen += [call.id for call in page.calls]
        assert page.total_count == len(CALLS) + len(late)
        for facts in CALLS[: 2 if len(late) < 8 else 0]:
            late.add(await known(store, 100 + len(late), *facts))
        end = page.end
        if end is None:
            break
    assert [call_id for call_id in seen if call_id not in late] == [calls[n] for n in ORDERS[order]]
    assert len(seen) == len(set(seen))


def token_of(end: Place | None, wanted: Filter) -> str:
    return pages.to_token(end, wanted) if end is not None else ""


async def test_page_ends_before_it_grows_too_large(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_LIST_BYTES", 1)
    for n in range(3):
        await create(store, n)
    page = await store.read(queries.list_calls, Filter(), None, 50)
    assert len(page.calls) == 1 and page.end == (page.calls[0].id, page.calls[0].id) and page.total_count == 3


def test_page_token_is_good_for_its_list_only() -> None:
    for place in (Place("ə.wav", "01abc"), Place(5, "01abc"), Place(None, "01abc")):
        token = pages.to_token(place, Filter(topic="cards"))
        assert pages.from_token(token, Filter(topic="cards")) == place
    assert pages.from_token("", Filter()) is None
    other_order = Filter(topic="cards", order=call_pb2.CALL_ORDER_OLDEST)
    for bad, wanted in (
        (token, Filter()),
        (token, other_order),
        (token[:-2], Filter(topic="cards")),
        ("x", Filter()),
        ("ə", Filter()),
    ):
        with pytest.raises(InvalidInput, match="page token"):
            pages.from_token(bad, wanted)


async def test_followers_miss_and_repeat_nothing(store: Store) -> None:
    followers = Followers(store, poll_seconds=30)  # long: what wakes them are the writes
    total = 40 * (len(NAMES) + 1)

    async def follow(pause: float, after: int) -> list[int]:
        seen: list[int] = []
        async for event in followers.follow(after_sequence=after):
            seen.append(event.sequence)
            await asyncio.sleep(pause)
            if event.sequence == total:
                break
        return seen

    await create(store, 0)
    await create(store, 1)
    readers = [asyncio.create_task(follow(pause, after)) for pause, after in ((0, 0), (0.001, 0), (0, 17))]
    for start in range(2, 40, 19):
        await asyncio.gather(*(create(store, n) for n in range(start, start + 19)))
    for reader, first in zip(readers, (1, 1, 18), strict=True):
        assert await asyncio.wait_for(reader, 20) == list(range(first, total + 1))


async def test_follower_that_stands_still_holds_nobody_up(store: Store) -> None:
    followers = Followers(store, poll_seconds=30)
    slow = followers.follow()
    await create(store, 0)
    assert (await anext(slow)).sequence == 1
    await asyncio.wait_for(asyncio.gather(*(create(store, n) for n in range(1, 20))), 20)
    assert (await anext(slow)).sequence == 2


async def test_following_one_call_to_its_end(store: Store) -> None:
    followers = Followers(store, poll_seconds=30)
    run = await running(store)
    other = await running(store, 1)
    await settle(store, run)
    await settle(store, other)
    following = asyncio.create_task(collect(followers, run.call_id))
    await asyncio.sleep(0.05)
    await store.write(transitions.end, other)
    assert not following.done()
    await store.write(transitions.end, run)
    events = await asyncio.wait_for(following, 5)
    assert {event.call_id for event in events} == {run.call_id}
    assert events[-1].call_state == transitions.COMPLETED
    assert await collect(followers, run.call_id) == events


async def collect(followers: Followers, call_id: str, after: int = 0) -> list[call_pb2.CallEvent]:
    return [event async for event in followers.follow(call_id, after, until_end=True)]


async def test_only_new_events(store: Store) -> None:
    followers = Followers(store, poll_seconds=30)
    await create(store)
    last = await store.read(queries.last_sequence)
    news = followers.follow(after_sequence=-1)
    first = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0.05)
    await create(store, 1)
    assert (await asyncio.wait_for(first, 5)).sequence == last + 1


async def test_what_cannot_be_followed(store: Store) -> None:
    followers = Followers(store)
    with pytest.raises(InvalidInput, match="needs a call"):
        await anext(followers.follow(until_end=True))
    with pytest.raises(InvalidInput, match="-2"):
        await anext(followers.follow(after_sequence=-2))
    with pytest.raises(OutOfRange):
        await anext(followers.follow(after_sequence=5))
    waiting = asyncio.ensure_future(anext(followers.follow()))
    await asyncio.sleep(0.05)
    followers.close()
    with pytest.raises(NotReady, match="stopping"):
        await asyncio.wait_for(waiting, 5)


def test_ids_are_in_the_order_in_which_they_were_given() -> None:
    made = [ids.new_id() for _ in range(1000)]
    assert made == sorted(set(made)) and all(len(call_id) == 26 for call_id in made)


def test_case_is_folded_in_both_languages() -> None:
    assert fold("KREDİT Itirdi") == fold("kredit ıtirdi") == "kredit itirdi"


def test_answers_come_back_as_they_were() -> None:
    word = common_pb2.Word(text="salam")
    messages = [
        asr_pb2.RecognizeResponse(phrase=asr_pb2.Phrase(words=[word])),
        asr_pb2.RecognizeResponse(result=asr_pb2.RecognizeResult(language="az")),
    ]
    assert from_bytes("asr", to_bytes(messages)) == messages
    assert from_bytes("asr", to_bytes(messages), limit=1) == messages[:1]
    assert from_bytes("asr", b"") == []
