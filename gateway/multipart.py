"""Reads a multipart upload piece by piece: nothing of it is held longer than it takes to pass it on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.problems import ProblemError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_MAX_HEADERS = 8192
"""Of one part, in bytes."""


@dataclass(frozen=True)
class Part:
    """A part begins.

    Attributes:
        field: name of the form's field.
        file_name: as the sender gave it, None where the part is no file; for people only, and never trusted.
    """

    field: str
    file_name: str | None


@dataclass(frozen=True)
class PartEnd:
    """The part that was last begun has come completely."""


class Body:
    """The bytes of a request as they come.

    Attributes:
        ended: all have come.
    """

    def __init__(self, receive: Receive) -> None:
        self.ended = False
        self._receive = receive

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yields what is still to come; raises ClientDisconnect if the sender goes away."""
        while not self.ended:
            message = await self._receive()
            if message["type"] != "http.request":
                self.ended = True
                raise ClientDisconnect
            self.ended = not message.get("more_body", False)
            yield message.get("body", b"")


async def parts(content_type: str, body: Body) -> AsyncIterator[Part | bytes | PartEnd]:
    """Yields each part's beginning, its bytes as they come, and its end.

    Raises:
        ProblemError: 415 for a request that is no multipart form; 400 for one that breaks the format or breaks off.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "the request is no multipart form",
            "send multipart/form-data with the recording in the field 'file'",
        )
    reader = _Reader()
    try:
        parser = MultipartParser(options[b"boundary"], reader.callbacks(), max_header_size=_MAX_HEADERS)
        async for chunk in body:
            parser.write(chunk)
            for found in reader.take():
                yield found
        parser.finalize()
    except FormParserError as error:
        raise _broken(str(error)) from error
    if not reader.ended:
        raise _broken("it breaks off")


def _broken(reason: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.BAD_REQUEST, f"the multipart form is not as it must be: {reason}", "send it again as a whole"
    )


class _Reader:
    """Collects what the parser finds in one chunk."""

    def __init__(self) -> None:
        self.ended = False
        self._found: list[Part | bytes | PartEnd] = []
        self._name = self._value = b""
        self._disposition = b""

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": lambda: self._found.append(PartEnd()),
            "on_end": self._end,
        }

    def take(self) -> list[Part | bytes | PartEnd]:
        """What was found since the last time."""
        found, self._found = self._found, []
        return found

    def _begin(self) -> None:
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        file_name = options.get(b"filename")
        self._found.append(
            Part(
                field=options.get(b"name", b"").decode("utf-8", "replace"),
                file_name=None if file_name is None else file_name.decode("utf-8", "replace"),
            )
        )

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._found.append(data[start:end])

    def _end(self) -> None:
        self.ended = True
