"""Lines of a chat completion's event stream in, its words out. Pure.

Source: OpenAI, Chat Completions, "stream": server-sent events `data: {…}`, the last `data: [DONE]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from models.errors import EngineFailed

_DONE: Final = "[DONE]"


class _Delta(Struct):
    content: str | None = None


class _Choice(Struct):
    delta: _Delta
    finish_reason: str | None = None


class _Trouble(Struct):
    message: str = ""


class _Chunk(Struct):
    choices: list[_Choice] = []
    error: _Trouble | str | None = None


_chunks: Final = msgspec.json.Decoder(_Chunk)


def words(lines: Iterable[str]) -> Iterator[str | None]:
    """Yield the words of the first choice; None for a line without any.

    Raises EngineFailed where the stream ends before the answer does, tells of an error, or is no
    such stream.
    """
    finished = False
    for line in lines:
        field, _, value = line.partition(":")
        data = value.strip()
        if field != "data" or not data:
            yield None  # comments, names of events, ends of events
        elif data == _DONE:
            return
        else:
            chunk = _decoded(data)
            if chunk.choices:
                finished |= chunk.choices[0].finish_reason is not None
                yield chunk.choices[0].delta.content
    if not finished:
        raise EngineFailed("the answer broke off")


def _decoded(data: str) -> _Chunk:
    try:
        chunk = _chunks.decode(data)
    except msgspec.DecodeError as error:
        raise EngineFailed(f"this is no answer of an OpenAI-compatible server: {error}") from error
    if chunk.error is not None:
        told = chunk.error if isinstance(chunk.error, str) else chunk.error.message
        raise EngineFailed(f"the server says: {told or 'error'}")
    return chunk
