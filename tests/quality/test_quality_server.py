"""Quality over a real channel: the mini model's judgement, and the hub's form of the full-size model."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
from callcenter.v1 import quality_pb2, quality_pb2_grpc

from rpc.errors import InvalidInput
from services.quality.model import QualityModel
from services.quality.server import register
from services.serving.profile import StageConfig
from tests.serving.stage import mini, served
from tests.serving.tiny_text import bert

STARS = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
GOOD = (
    "Müştəri kartının bloklandığını bildirdi. Operator səbirlə dinlədi, kartı dərhal açdı və hər şeyi izah etdi. "
    "Müştəri çox razı qaldı və təşəkkür etdi."
)
BAD = (
    "Müştəri pulunun itdiyini dedi. Operator ona qışqırdı, kömək etməkdən imtina etdi və telefonu qapatdı. "
    "Müştəri qəzəblə şikayət edəcəyini bildirdi."
)


@pytest.fixture(scope="module")
def model() -> QualityModel:
    return QualityModel(mini("quality"))


async def rate(config: StageConfig, summary: str) -> quality_pb2.RateQualityResponse:
    async with served(QualityModel, register, config) as channel:
        stub = quality_pb2_grpc.QualityServiceStub(channel)
        return await stub.RateQuality(quality_pb2.RateQualityRequest(summary=summary))


async def test_tells_good_service_from_bad() -> None:
    good, bad = await rate(mini("quality"), GOOD), await rate(mini("quality"), BAD)
    assert (good.label, bad.label) == (quality_pb2.QUALITY_LABEL_GOOD, quality_pb2.QUALITY_LABEL_POOR)
    assert good.stars >= 4
    assert bad.stars == 1
    assert sum(good.distribution) == pytest.approx(1, abs=1e-5)
    assert good.model.id == "models/mini/quality"
    assert good.model.architecture == "BertForSequenceClassification"
    assert len(good.model.digest) == 64


async def test_blank_summary_is_refused() -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rate(mini("quality"), " \n")
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_case_and_punctuation_do_not_matter(model: QualityModel) -> None:
    spoken = GOOD.replace("İ", "i").replace("I", "ı").lower().replace(",", "").replace(".", "")
    assert model.rate(GOOD) == model.rate(spoken)


def test_the_end_of_a_long_summary_is_what_is_read(model: QualityModel) -> None:
    long = "Müştəri hesabın qalığını soruşdu. " * 100
    with_end = model.rate(long + BAD).distribution
    assert with_end == pytest.approx(model.rate(long * 2 + BAD).distribution)
    assert with_end != pytest.approx(model.rate(long).distribution)


async def test_serves_the_hubs_form_of_a_full_size_model(tmp_path: Path) -> None:
    folder = bert(tmp_path / "bert-base-multilingual-uncased-sentiment", STARS)
    answer = await rate(StageConfig("quality", "poc", str(folder)), GOOD * 40)
    assert 1 <= answer.stars <= 5
    assert len(answer.distribution) == 5


def test_other_labels_are_refused(tmp_path: Path) -> None:
    folder = bert(tmp_path / "sentiment", ["negative", "positive"])
    with pytest.raises(InvalidInput, match="negative"):
        QualityModel(StageConfig("quality", "poc", str(folder)))


def test_stars_are_read_from_the_labels_whatever_their_order(tmp_path: Path) -> None:
    config = StageConfig("quality", "poc", str(bert(tmp_path / "up", STARS)))
    turned = StageConfig("quality", "poc", str(bert(tmp_path / "down", STARS[::-1])))
    up, down = QualityModel(config).rate("salam"), QualityModel(turned).rate("salam")
    assert up.distribution == pytest.approx(down.distribution[::-1])
