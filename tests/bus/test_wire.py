from __future__ import annotations

import math
import random
from typing import get_args

import msgspec
import pytest

from bus import wire
from bus.errors import (
    MalformedFrame,
    OddSamples,
    OversizedPart,
    UnknownFrame,
    WireError,
    WrongParts,
)
from bus.frames import (
    CONTROL,
    AnyFrame,
    Cancel,
    Closed,
    Credit,
    Forgotten,
    Gone,
    Hello,
    Notice,
    Obeyed,
    OpenTurn,
    Order,
    Passage,
    Ready,
    Recalled,
    Resume,
    SourceEnded,
    SummedUp,
    Unknown,
    Vitals,
    Welcome,
)
from tests.bus.bus_frames import (
    audio,
    candidate,
    clause,
    done,
    ended,
    paused,
    played,
    resumed,
    speech,
    started,
)

OPEN = (OpenTurn(session="home", turn=3, seq=9),)

EVERY_FRAME: tuple[AnyFrame, ...] = (
    audio(320), started(), paused(), resumed(), ended(), candidate(), clause(), speech(),
    played(10), done("talker"),
    Cancel(session="home", turn=1, revision=1, whole_turn=True, reason="barge_in"),
    Notice(session="home", turn=1, text="Perdona.", language="es", reason="deadline"),
    Obeyed(session="home", turn=3, stage="thinker", rung=1),
    Recalled(session="home", turn=2, passages=(Passage(id=7, source="wifi.txt", text="Red"),)),
    SummedUp(session="home", turn=2, text="They asked the time.", kept=3),
    Forgotten(session="home", turn=2),
    Closed(session="home", turn=1, reason="answered", redelivered=1),
    SourceEnded(clock_sample=5, turns=2),
    Hello(stage="encoder", worker=0, incarnation=2, window_bytes=65_536, open_turns=OPEN),
    Welcome(next_turn=2, clock_sample=9, open_turns=OPEN),
    Ready(stage="talker", worker=1, incarnation=1),
    Unknown(),
    Resume(session="home", turn=1, inputs=3, sent=2),
    Credit(consumed_bytes=77),
    Gone(stage="thinker", worker=0, incarnation=4),
    Vitals(stage="hub", worker=0, incarnation=1, ready=True, busy=False, step_ms=1.5),
    Order(kind="start", clock_ns=5),
)  # fmt: skip


def header(**fields: object) -> list[bytes]:
    return [msgspec.msgpack.encode(fields)]


def test_every_frame_of_the_union_has_an_example_here() -> None:
    """No frame is left out of the round trip."""
    assert {type(frame) for frame in EVERY_FRAME} == set(get_args(AnyFrame))


@pytest.mark.parametrize("frame", EVERY_FRAME, ids=lambda frame: type(frame).__name__)
def test_a_frame_survives_the_wire(frame: AnyFrame) -> None:
    """What is decoded equals what was encoded."""
    assert wire.decode(wire.encode(frame)) == frame


@pytest.mark.parametrize("frame", EVERY_FRAME, ids=lambda frame: type(frame).__name__)
def test_a_frame_survives_the_log(frame: AnyFrame) -> None:
    """The one-map form of the log holds all of a frame, sound included."""
    document = msgspec.msgpack.decode(wire.encode_whole(frame))
    assert wire.decode_whole(document) == frame


def test_sound_travels_in_a_part_of_its_own() -> None:
    """PCM is the second part, byte for byte, and is not in the header."""
    frame = audio(0)
    parts = wire.encode(frame)
    assert len(parts) == 2
    assert parts[1] == frame.pcm
    assert len(parts[0]) < 200


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([], WrongParts),
        ([b"", b"", b""], WrongParts),
        ([b""], MalformedFrame),
        ([b"\xc1"], MalformedFrame),
        (header(frame="teapot"), UnknownFrame),
        (header(frame=7), MalformedFrame),
        (header(session="home"), MalformedFrame),
        (header(frame="credit", consumed_bytes=1.5), MalformedFrame),
        (header(frame="credit", consumed_bytes=-1), MalformedFrame),
        (header(frame="credit", consumed_bytes=1 << 63), MalformedFrame),
        (header(frame="credit", consumed_bytes=1, extra=1), MalformedFrame),
        (header(frame="unknown", seq="1"), MalformedFrame),
        (header(frame="speech_started", session="a/b", turn=1, sample=0), MalformedFrame),
        (header(frame="speech_started", session="home\n", turn=1, sample=0), MalformedFrame),
        (header(frame="speech_started", session="", turn=1, sample=0), MalformedFrame),
        ([*header(frame="unknown"), b"\x00\x00"], WrongParts),
        ([b"\x91" * 10_000], MalformedFrame),
        ([b"\x81\xa5frame\xa4\xff\xff\xff\xff"], MalformedFrame),
        ([bytes(wire.MAX_PART_BYTES + 1)], OversizedPart),
        ([wire.encode(audio(0))[0]], WrongParts),
        ([wire.encode(audio(0))[0], b"\x00"], OddSamples),
        ([wire.encode(audio(0))[0], bytes(wire.MAX_PART_BYTES + 2)], OversizedPart),
        ([wire.encode_whole(audio(0)), bytes(2)], WrongParts),
    ],
)
def test_what_is_no_frame_is_named(parts: list[bytes], error: type[WireError]) -> None:
    """Each kind of bad message raises its own error."""
    with pytest.raises(error):
        wire.decode(parts)


@pytest.mark.parametrize("rate", [0, 7_999, 48_001, -22_050])
def test_a_sample_rate_out_of_range_is_refused(rate: int) -> None:
    """Sound outside 8 to 48 kHz is no sound."""
    document = msgspec.to_builtins(speech()) | {"rate": rate, "pcm": b""}
    with pytest.raises(MalformedFrame):
        wire.decode([msgspec.msgpack.encode(document), b""])


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_is_nan_or_infinite(number: float) -> None:
    """NaN and infinity are refused wherever a frame carries floats."""
    transcript = msgspec.structs.asdict(candidate()) | {"frame": "transcript"}
    vitals = {
        "frame": "vitals", "stage": "hub", "worker": 0, "incarnation": 1,
        "ready": True, "busy": True,
    }  # fmt: skip
    for document in (
        transcript | {"emotion": [number] + [0.0] * 14},
        transcript | {"latent": [number]},
        vitals | {"step_ms": number},
        vitals | {"queue_wait_ms": number},
    ):
        with pytest.raises(MalformedFrame):
            wire.decode([msgspec.msgpack.encode(document)])


def test_random_bytes_raise_nothing_but_wire_errors() -> None:
    """A peer that sends noise costs a counter, never the hub."""
    chance = random.Random(7)  # noqa: S311 - a fixed seed is the point
    for _ in range(3_000):
        parts = [chance.randbytes(chance.randrange(80)) for _ in range(chance.randrange(4))]
        with pytest.raises(WireError):
            wire.decode(parts)


def test_damaged_frames_are_frames_or_wire_errors() -> None:
    """Flipped, cut and doubled bytes of real frames never raise anything else."""
    chance = random.Random(11)  # noqa: S311 - a fixed seed is the point
    for _ in range(6_000):
        parts = [bytearray(part) for part in wire.encode(chance.choice(EVERY_FRAME))]
        part = chance.choice(parts)
        for _ in range(chance.randrange(1, 4)):
            if part:
                part[chance.randrange(len(part))] = chance.randrange(256)
        if chance.random() < 0.3:
            del part[chance.randrange(len(part) + 1) :]
        if chance.random() < 0.2:
            part += chance.randbytes(5)
        try:
            frame = wire.decode([bytes(part) for part in parts])
        except WireError:
            continue
        assert isinstance(frame, get_args(AnyFrame))


def test_the_printed_form_keeps_what_was_said_private() -> None:
    """Sound, words and vectors are elided; names and numbers stay."""
    line = wire.printable(candidate("my secret"))
    assert "secret" not in line
    assert "revision=1" in line
    assert "<640 bytes>" in wire.printable(audio(320))


def test_done_and_closed_do_not_overtake_what_they_end() -> None:
    """They travel behind the sound of their turn, on the data socket."""
    assert not wire.is_control(done("playback"))
    assert not wire.is_control(Closed(session="home", turn=1, reason="answered"))
    assert wire.is_control(paused())
    assert set(CONTROL) <= set(get_args(AnyFrame))
