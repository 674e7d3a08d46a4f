"""Summaries over a real channel: the mini model, its limits, long calls, and the hub's form of mT5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
from callcenter.v1 import summary_pb2, summary_pb2_grpc

from rpc.errors import InvalidInput
from services.serving.profile import StageConfig
from services.serving.transcript import from_proto
from services.summarize.model import SummaryModel
from services.summarize.server import register
from tests.serving.stage import mini, served, turns
from tests.serving.tiny_text import mt5

CALL = """
S1[O]: Salam, Günay Bank, mən Nərmin. Sizə necə kömək edim?
S2[C]: Salam, kartımı itirmişəm, kartı təcili bloklayın, xahiş edirəm.
S1[O]: Narahat olmayın, kartınızı indicə blokladım, yenisi üç günə hazır olacaq.
S2[C]: Çox sağ olun, Allah razı olsun!
"""


@pytest.fixture(scope="module")
def model() -> SummaryModel:
    return SummaryModel(mini("summarize", beams="1"))


async def summarize(config: StageConfig, script: str, **limits: int) -> summary_pb2.SummarizeResponse:
    async with served(SummaryModel, register, config) as channel:
        request = summary_pb2.SummarizeRequest(turns=turns(script), **limits)
        return await summary_pb2_grpc.SummaryServiceStub(channel).Summarize(request)


async def test_writes_sentences_about_customer_and_operator() -> None:
    answer = await summarize(mini("summarize"), CALL)
    assert "üştəri" in answer.summary
    assert "perator" in answer.summary
    assert answer.summary.count(".") >= 2
    assert answer.part_count == 1
    assert answer.model.architecture == "MT5ForConditionalGeneration"


def test_limits_hold(model: SummaryModel) -> None:
    said = from_proto(turns(CALL))
    short, long = model.summarize(said, max_tokens=8), model.summarize(said, max_tokens=64, min_tokens=60)
    tokenizer: Any = model._tokenizer

    def count(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False).input_ids)

    assert count(short.text) <= 8
    assert count(long.text) >= 40, "writing and reading cut words a little differently"


@pytest.mark.parametrize(("most", "fewest"), [(7, 0), (513, 0), (20, 21), (0, -1)])
def test_limits_out_of_range_are_refused(model: SummaryModel, most: int, fewest: int) -> None:
    with pytest.raises(InvalidInput, match="_tokens is"):
        model.summarize(from_proto(turns(CALL)), most, fewest)


async def test_a_call_without_text_is_refused() -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await summarize(mini("summarize"), "S1[O]:\nS2[C]:")
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_the_end_of_a_long_call_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    model = SummaryModel(mini("summarize", max_input_tokens="128", max_tokens="16", beams="1"))
    said = from_proto(turns(CALL * 6 + "S2[C]: Sonda bir sözüm də var: ipoteka."))
    read: list[list[str]] = []
    generate = model._model.generate

    def listening(**inputs: Any) -> Any:
        read.append(model._tokenizer.batch_decode(inputs["input_ids"], skip_special_tokens=True))
        assert inputs["input_ids"].shape[1] <= 128
        return generate(**inputs)

    monkeypatch.setattr(model._model, "generate", listening)
    summary = model.summarize(said)
    first_round = [document for batch in read for document in batch][: summary.part_count]
    assert summary.part_count >= 4
    assert sum("Sonda bir sözüm də var: ipoteka." in document for document in first_round) == 1
    assert sum(document.count("kartımı itirmişəm") for document in first_round) == 6, "nothing is lost in between"
    assert summary.text


def test_summaries_that_do_not_get_shorter_are_an_error_not_a_loop() -> None:
    model = SummaryModel(mini("summarize", max_input_tokens="24", beams="1"))
    with pytest.raises(InvalidInput, match="do not get shorter"):
        model.summarize(from_proto(turns(CALL)), max_tokens=32, min_tokens=30)


async def test_serves_the_hubs_form_of_mt5(tmp_path: Path) -> None:
    config = StageConfig("summarize", "public", str(mt5(tmp_path / "mT5_multilingual_XLSum")), options={"beams": 2})
    answer = await summarize(config, CALL * 12, max_tokens=16, min_tokens=8)
    assert answer.summary
    assert answer.part_count > 1
    assert answer.model.architecture == "MT5ForConditionalGeneration"


def test_the_document_is_what_the_model_was_trained_on() -> None:
    said = from_proto(turns("S1[O]: Salam\nS2: Alo"))
    model = SummaryModel(
        mini(
            "summarize",
            turn_template="<{role}> {text}",
            operator_name="agent",
            prefix="summarize: ",
            beams="1",
            max_tokens="8",
        )
    )
    seen: list[Any] = []
    generate = model._generate
    model._generate = lambda parts, most, fewest: seen.append(parts) or generate(parts, most, fewest)  # type: ignore[method-assign,func-returns-value]
    model.summarize(said)
    assert seen == [[["<agent> Salam", "<S2> Alo"]]]
