"""Bytes and frames: frames go in and message parts come out, and the other way round.

A frame is one MessagePack map; the sound of AudioChunk and SpeechChunk travels as a second part,
so that it is never copied into a document. Decoding is strict: whatever is not a frame raises a
WireError, and nothing else is ever raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import force_setattr, replace

from bus.errors import MalformedFrame, OddSamples, OversizedPart, UnknownFrame, WrongParts
from bus.frames import CONTROL, MAX_PCM_BYTES, AnyFrame, AudioChunk, SpeechChunk

MAX_PART_BYTES: Final = MAX_PCM_BYTES
"""Longest part of a message."""

FRAME_OVERHEAD_BYTES: Final = 128
"""What a queued message costs beside its bytes: two zmq_msg_t of 64 bytes."""

_CONTROL: Final = frozenset(CONTROL)
_SOUND: Final = (AudioChunk, SpeechChunk)
_SAMPLE_BYTES: Final = 2
_WORDS: Final = frozenset(("text", "stable_prefix", "clause_text"))
"""Fields that hold what people said or heard."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final[msgspec.msgpack.Decoder[AnyFrame]] = msgspec.msgpack.Decoder(AnyFrame)


def encode(frame: AnyFrame) -> list[bytes]:
    """Return the parts of `frame`: its header, and for sound the PCM."""
    if isinstance(frame, _SOUND):
        return [_encoder.encode(replace(frame, pcm=b"")), frame.pcm]
    return [_encoder.encode(frame)]


def encode_whole(frame: AnyFrame) -> bytes:
    """Return `frame` as one MessagePack map, sound included, as the frame log keeps it."""
    return _encoder.encode(frame)


def decode(parts: Sequence[bytes]) -> AnyFrame:
    """Return the frame that `parts` hold.

    Raises UnknownFrame, MalformedFrame, WrongParts, OddSamples or OversizedPart.
    """
    if not 1 <= len(parts) <= 2:
        raise WrongParts(f"a message of {len(parts)} parts: 1 or 2 expected; dropped")
    if (longest := max(map(len, parts))) > MAX_PART_BYTES:
        raise OversizedPart(f"a part of {longest} bytes: at most {MAX_PART_BYTES}; dropped")
    frame = _decode_header(parts[0])
    if not isinstance(frame, _SOUND):
        if len(parts) == 2:
            raise WrongParts(f"{type(frame).__name__} with a second part; dropped")
        return frame
    if len(parts) == 1 or frame.pcm:
        raise WrongParts(f"{type(frame).__name__} without its sound in a second part; dropped")
    if len(parts[1]) % _SAMPLE_BYTES:
        raise OddSamples(f"sound of {len(parts[1])} bytes: whole 16-bit samples wanted; dropped")
    # Nobody else holds this frame yet, so filling in its sound breaks no promise.
    force_setattr(frame, "pcm", parts[1])
    return frame


def decode_whole(document: object) -> AnyFrame:
    """Return the frame that a decoded MessagePack map holds, sound included.

    Raises MalformedFrame.
    """
    try:
        frame: AnyFrame = msgspec.convert(document, AnyFrame)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise MalformedFrame(f"not a frame: {error}") from error
    return frame


def is_control(frame: AnyFrame) -> bool:
    """Return whether `frame` travels on the control socket."""
    return type(frame) in _CONTROL


def cost_bytes(parts: Sequence[bytes]) -> int:
    """Return what a message counts for in credit and backlog."""
    return FRAME_OVERHEAD_BYTES + sum(map(len, parts))


def printable(frame: AnyFrame) -> str:
    """Return `frame` in short, without sound, words and vectors: what was said stays private."""
    fields = ", ".join(
        f"{name}={_elided(name, getattr(frame, name))}"
        for name in frame.__struct_fields__
        if name not in ("seq", "at_ns")
    )
    return f"{frame.seq} {type(frame).__name__}({fields})"


def _decode_header(header: bytes) -> AnyFrame:
    try:
        return _decoder.decode(header)
    except msgspec.ValidationError as error:
        if "Invalid value" in str(error) and "$.frame" in str(error):
            raise UnknownFrame(f"no such frame: {error}; dropped") from error
        raise MalformedFrame(f"not a frame: {error}; dropped") from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedFrame(f"not a frame: {error}; dropped") from error


def _elided(name: str, value: object) -> str:
    match value:
        case bytes():
            return f"<{len(value)} bytes>"
        case str() if name in _WORDS:
            return f"<{len(value)} characters>"
        case tuple() if value:
            return f"<{len(value)} values>"
        case _:
            return repr(value)
