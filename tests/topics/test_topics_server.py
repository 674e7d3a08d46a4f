"""Topics over a real channel: the mini model, the list that changes under it, and the hub's form of mDeBERTa."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
from callcenter.v1 import topics_pb2, topics_pb2_grpc
from transformers import pipeline

from rpc.errors import InvalidInput
from services.serving.profile import PROJECT_ROOT, StageConfig
from services.serving.transcript import from_proto
from services.topics.model import TopicsModel
from services.topics.server import register
from tests.serving.stage import mini, served, turns
from tests.serving.tiny_text import deberta

LOST_CARD = """
S1[O]: Salam, buyurun, sizi dinləyirəm.
S2[C]: Kartımı itirmişəm, cüzdanım oğurlanıb, kartı təcili bloklayın.
S1[O]: Kartınızı blokladım, yeni kart üç günə hazır olacaq.
S2[C]: Sağ olun, kartım tapılsa xəbər edərəm.
"""
MORTGAGE = """
S1[O]: Salam, eşidirəm sizi.
S2[C]: İpoteka ilə mənzil almaq istəyirəm, ilkin ödəniş neçə faizdir?
S1[O]: İpoteka krediti üçün gəlir arayışı lazımdır.
S2[C]: Ev üçün krediti neçə ilə verirsiniz?
"""


def request(script: str) -> topics_pb2.ClassifyTopicRequest:
    return topics_pb2.ClassifyTopicRequest(turns=turns(script))


async def test_scores_every_candidate_in_two_steps() -> None:
    async with served(TopicsModel, register, mini("topics")) as channel:
        stub = topics_pb2_grpc.TopicServiceStub(channel)
        card, home = await stub.ClassifyTopic(request(LOST_CARD)), await stub.ClassifyTopic(request(MORTGAGE))
        listed = await stub.ListTopics(topics_pb2.ListTopicsRequest())
    assert (card.topic, card.subtopic) == ("cards", "lost or stolen card")
    assert (home.topic, home.subtopic) == ("loans", "mortgage")
    by_topic: dict[str, set[str]] = {}
    for entry in listed.entries:
        by_topic.setdefault(entry.topic, set()).add(entry.subtopic)
    for answer in (card, home):
        assert {score.label for score in answer.topics} == set(by_topic)
        assert {score.label for score in answer.subtopics} == by_topic[answer.topic]
        for scores in (answer.topics, answer.subtopics):
            assert sum(score.score for score in scores) == pytest.approx(1, abs=1e-4)
            assert [s.score for s in scores] == sorted((s.score for s in scores), reverse=True)
        assert answer.topics[0].label == answer.topic
        assert answer.taxonomy_digest == listed.taxonomy_digest
    assert not listed.refused_reason
    assert listed.entries[0].topic_az == "Kartlar"


async def test_the_list_is_read_again_and_a_malformed_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "topics.csv"
    path.write_text("topic,subtopic\ncards,lost or stolen card\ncards,PIN code\n", encoding="utf-8")
    async with served(TopicsModel, register, mini("topics", taxonomy=str(path))) as channel:
        stub = topics_pb2_grpc.TopicServiceStub(channel)
        before = await stub.ClassifyTopic(request(LOST_CARD))
        assert [score.label for score in before.topics] == ["cards"]

        path.write_text("topic,subtopic\ncards,lost or stolen card\nloans\n", encoding="utf-8")
        refused = await stub.ListTopics(topics_pb2.ListTopicsRequest())
        held = await stub.ClassifyTopic(request(LOST_CARD))
        assert "line 3: 1 fields, not 2" in refused.refused_reason
        assert refused.taxonomy_digest == before.taxonomy_digest == held.taxonomy_digest

        path.write_text("topic,subtopic\ncards,lost or stolen card\nloans,mortgage\n", encoding="utf-8")
        after = await stub.ClassifyTopic(request(LOST_CARD))
        assert {score.label for score in after.topics} == {"cards", "loans"}
        assert after.taxonomy_digest != before.taxonomy_digest


async def test_a_call_without_text_is_refused() -> None:
    async with served(TopicsModel, register, mini("topics")) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await topics_pb2_grpc.TopicServiceStub(channel).ClassifyTopic(request("S1:"))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_scores_are_those_of_the_zero_shot_pipeline(tmp_path: Path) -> None:
    """The hub's form of ``mDeBERTa-v3-base-mnli-xnli``, tiny, against transformers' own zero-shot code."""
    folder = deberta(tmp_path / "mDeBERTa-v3-base-mnli-xnli")
    options = {"taxonomy": str(PROJECT_ROOT / "topics.csv")}
    model = TopicsModel(StageConfig("topics", "poc", str(folder), options=options))
    found = model.classify(from_proto(turns(LOST_CARD)))
    reference = pipeline("zero-shot-classification", model=str(folder), tokenizer=str(folder), device="cpu")
    text = "\n".join(turn.text for turn in turns(LOST_CARD))
    expected = reference(text, [label for label, _ in found.topics], hypothesis_template="This text is about {}")
    assert dict(found.topics) == pytest.approx(dict(zip(expected["labels"], expected["scores"], strict=True)), abs=1e-4)


def test_a_call_longer_than_the_model_reads_counts_to_its_end() -> None:
    model = TopicsModel(mini("topics", window_tokens="64"))
    small_talk = "S1[O]: Bir dəqiqə gözləyin.\nS2[C]: Yaxşı, gözləyirəm.\n" * 20
    before, after, without = (
        dict(model.classify(from_proto(turns(script))).topics)
        for script in (MORTGAGE * 3 + small_talk, small_talk + MORTGAGE * 3, small_talk)
    )
    assert min(after["loans"], before["loans"]) > without["loans"] + 0.1


def test_batching_does_not_change_the_scores() -> None:
    said = from_proto(turns(LOST_CARD * 8))
    one_by_one, together = TopicsModel(mini("topics", batch_tokens="1")), TopicsModel(mini("topics"))
    assert dict(one_by_one.classify(said).topics) == pytest.approx(dict(together.classify(said).topics), abs=1e-4)


@pytest.mark.parametrize("option", ["hypothesis", "turn_template"])
def test_templates_without_a_place_are_refused(option: str) -> None:
    with pytest.raises(InvalidInput, match="a text"):
        TopicsModel(mini("topics", **{option: "a text"}))
