"""Roles over a real channel: the mini model on calls, and the hub's forms of full-size models."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
from callcenter.v1 import common_pb2, roles_pb2, roles_pb2_grpc

from rpc.errors import InvalidInput
from services.roles.model import RolesModel
from services.roles.server import register
from services.serving.profile import StageConfig
from tests.serving.stage import mini, served, turns
from tests.serving.tiny_text import bert, deberta

OPERATOR, CUSTOMER = common_pb2.ROLE_OPERATOR, common_pb2.ROLE_CUSTOMER

CALL = """
S1: Salam, Günay Bankın çağrı mərkəzi, mən Nərminəm. Sizə necə kömək edim?
S2: Salam, kartım dünən bazarda itib, neynim bilmirəm, qorxuram pulumu çıxarsınlar.
S1: Narahat olmayın, indi baxaram. Ad və soyadınızı deyin, zəhmət olmasa.
S2: Səbinə Quliyeva.
S1: Təşəkkür edirəm. Kartınızı blokladım, yenisi üç günə hazır olacaq.
S2: Çox sağ olun, ürəyim yerinə gəldi.
"""


async def classify(config: StageConfig, script: str) -> roles_pb2.ClassifyRolesResponse:
    async with served(RolesModel, register, config) as channel:
        request = roles_pb2.ClassifyRolesRequest(turns=turns(script))
        return await roles_pb2_grpc.RoleServiceStub(channel).ClassifyRoles(request)


async def test_finds_the_operator_of_a_call() -> None:
    answer = await classify(mini("roles"), CALL + "S2:")
    assert [(s.speaker, s.role) for s in answer.speakers] == [("S1", OPERATOR), ("S2", CUSTOMER)]
    assert all(0.5 <= s.confidence <= 1 for s in answer.speakers)
    assert [t.index for t in answer.turns] == [0, 1, 2, 3, 4, 5], "a turn without text is left out"
    assert answer.turns[0].operator_probability > 0.5 > answer.turns[1].operator_probability
    assert answer.model.architecture == "BertForSequenceClassification"


async def test_recognised_text_of_a_customer_who_speaks_first() -> None:
    lines = """
    S1: alo salam mənim kartım bankomatda qaldı neynim
    S2: salam sizi dinləyirəm ad soyadınızı deyin zəhmət olmasa
    S1: rəşad əliyev mən işə gecikirəm axı
    S2: anladım rəşad bəy kartınızı blokladım sabah filialdan götürə bilərsiniz
    """
    answer = await classify(mini("roles"), lines)
    assert {s.speaker: s.role for s in answer.speakers} == {"S1": CUSTOMER, "S2": OPERATOR}


async def test_one_and_three_speakers() -> None:
    alone = await classify(mini("roles"), "S1: Salam, kartım itib, pulumu oğurlayıblar, mənə kömək edin")
    assert [s.role for s in alone.speakers] == [CUSTOMER]
    with_third = await classify(mini("roles"), CALL + "S3: ana kim idi zəng edən nə istəyirdi")
    assert [s.role for s in with_third.speakers] == [OPERATOR, CUSTOMER, CUSTOMER]


async def test_a_call_without_text_is_refused() -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await classify(mini("roles"), "S1:\nS2:")
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_serves_the_hubs_form_of_a_full_size_classifier(tmp_path: Path) -> None:
    config = StageConfig("roles", "poc", str(bert(tmp_path / "roles", ["customer", "operator"])))
    answer = await classify(config, CALL)
    assert sorted(s.role for s in answer.speakers) == [OPERATOR, CUSTOMER]
    assert len(answer.turns) == 6


async def test_an_inference_model_serves_roles_zero_shot(tmp_path: Path) -> None:
    answer = await classify(StageConfig("roles", "public", str(deberta(tmp_path / "mDeBERTa"))), CALL)
    assert sorted(s.role for s in answer.speakers) == [OPERATOR, CUSTOMER]
    assert answer.model.architecture == "DebertaV2ForSequenceClassification"


def test_labels_without_names_need_the_option(tmp_path: Path) -> None:
    folder = str(bert(tmp_path / "roles", ["LABEL_0", "LABEL_1"]))
    with pytest.raises(InvalidInput, match="LABEL_0") as caught:
        RolesModel(StageConfig("roles", "poc", folder))
    assert "operator_label" in caught.value.action
    said = {"operator_label": "label_1"}
    assert RolesModel(StageConfig("roles", "poc", folder, options=said)).info.architecture


def test_batching_does_not_change_the_answers() -> None:
    from services.serving.transcript import from_proto

    said = from_proto(turns(CALL))
    one_by_one = RolesModel(mini("roles", batch_tokens="1")).classify(said)
    together = RolesModel(mini("roles")).classify(said)
    for alone, batched in zip(one_by_one.turns, together.turns, strict=True):
        assert alone.operator_probability == pytest.approx(batched.operator_probability, abs=1e-4)
