"""The document of the API: complete, and kept by whatever is sent (https://schemathesis.readthedocs.io)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.app import create_app
from gateway.config import Config
from tests.gateway.conftest import Gateway, Serve

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
"""Of each operation, kind of data and kind of id."""


def test_every_operation_is_described() -> None:
    document = create_app(Config()).openapi()
    assert document["info"]["description"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"] and operation["description"] and operation["tags"], where
            assert all(parameter.get("description") for parameter in operation.get("parameters", [])), where
            for status, response in operation["responses"].items():
                kinds = set(response.get("content", {}))
                assert status[0] in "23" or path == "/readyz" or kinds == {"application/problem+json"}, (where, status)
            assert "422" not in operation["responses"], where
    schemas = document["components"]["schemas"]
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert named <= set(schemas) and not any(name.startswith("HTTPVal") for name in schemas)
    for name in ("Call", "ListedCall", "Recording", "Stage", "Turn", "Overview", "Waveform", "Problem", "CallEvent"):
        assert schemas[name]["description"], name
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"]) or name == "Problem", name


# schemathesis' own strategies draw from the random module.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
async def test_nothing_that_is_sent_breaks_it(gateway: Gateway, serve: Serve) -> None:
    call_id = await gateway.analysed("a.wav", 4.0)
    await asyncio.to_thread(try_all, str(gateway.http.base_url), call_id, "^(?!.*/events$)")
    # Streams without end, unless the gateway is stopping: then they say what they have to and end.
    http = await serve(gateway.caller.address)
    serve.servers[-1].app.state.hub.close()
    await asyncio.to_thread(try_all, str(http.base_url), call_id, "/events$")


def try_all(address: str, call_id: str, paths: str) -> None:
    """Sends what fits the document and what does not, for ids that are unknown and for one that is known."""
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json").include(path_regex=paths)
    # Deletion last: what was deleted cannot be asked for.
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert operations
    for operation in sorted(operations, key=lambda operation: operation.method == "delete"):
        parameters = {parameter.name for parameter in operation.iter_parameters()}
        try_one(operation, GenerationMode.POSITIVE, "")
        if "call_id" in parameters:
            try_one(operation, GenerationMode.POSITIVE, call_id)
        if parameters - {"call_id", "if-none-match"}:  # these can be any text: there is no wrong one
            try_one(operation, GenerationMode.NEGATIVE, call_id)


def try_one(operation: Any, mode: GenerationMode, call_id: str) -> None:
    """Sends some examples of an operation."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        if call_id and "call_id" in (case.path_parameters or {}):
            case.path_parameters["call_id"] = call_id
        case.call_and_validate(checks=CHECKS)

    send()
