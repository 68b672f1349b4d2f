from __future__ import annotations

import random
import socket
from pathlib import Path

import msgspec
import zmq

from bus import wire
from bus.frames import (
    AudioChunk,
    Hello,
    Notice,
    Order,
    Unknown,
    Vitals,
)
from bus.history import read_history
from bus.log_reader import read_frames
from bus.port import Port, Resumption
from tests.bus.bus_frames import audio, clause, done, ended, final, paused, played, speech, started
from tests.bus.bus_running import RunningHub, gather, names, until


def converse(ports: dict[str, Port], turn: int = 1) -> None:
    """Let each stage do its part of a turn."""
    for frame in (started(turn), audio(0, turn), paused(1, turn), ended(1, turn)):
        ports["capture"].send(frame)
    gather(ports["encoder"], "SpeechEnded", "AudioChunk")
    ports["encoder"].send(final(turn=turn))
    ports["encoder"].send(done("encoder", turn=turn))
    gather(ports["thinker"], "Transcript")
    ports["thinker"].send(clause(turn=turn))
    ports["thinker"].send(done("thinker", turn=turn))
    gather(ports["talker"], "Clause")
    ports["talker"].send(speech(turn=turn))
    ports["talker"].send(done("talker", turn=turn))
    gather(ports["playback"], "SpeechChunk")
    ports["playback"].send(played(320, turn=turn, last=True))
    ports["playback"].send(done("playback", turn=turn))


def test_a_turn_goes_round_and_leaves_nothing_but_texts(hub: RunningHub) -> None:
    """Question and answer pass through the hub; its log is deleted, the history keeps texts."""
    ports = hub.join_all()
    converse(ports)
    told = gather(ports["supervisor"], "Closed")
    assert names(told) == [
        "SpeechStarted", "SpeechPaused", "SpeechEnded", "Transcript", "Clause", "SpeechChunk",
        "Played", "Closed",
    ]  # fmt: skip
    assert [each.seq for each in told if not isinstance(each, Resumption)] == sorted(
        each.seq for each in told if not isinstance(each, Resumption)
    )
    for stage in ("capture", "thinker", "talker"):
        assert names(gather(ports[stage], "Closed"))[-2:] == ["Played", "Closed"]
    (exchange,) = read_history(hub.runtime, "home").exchanges
    assert (exchange.transcript, exchange.heard) == ("what time is it", "It is")
    assert list((hub.runtime / "log").iterdir()) == []


def test_an_open_turn_is_on_disk(hub: RunningHub) -> None:
    """Every routed frame is in the log before it reaches anybody."""
    capture, encoder = hub.join("capture"), hub.join("encoder")
    for index in range(50):
        capture.send(audio(index * 320))
    heard = gather(encoder, *["AudioChunk"] * 50)
    logged = list(read_frames(hub.runtime / "log" / "home.1.frames"))
    assert logged == heard


def test_sound_arrives_once_and_in_order(hub: RunningHub) -> None:
    """Repeated chunks are dropped; the rest keeps its order over many windows of credit."""
    capture, encoder = hub.join("capture"), hub.join("encoder")
    heard: list[int] = []
    for first in range(0, 600, 50):
        for index in range(first, first + 50):
            capture.send(audio(index * 320))
            if index % 3 == 0:
                capture.send(audio(index * 320))
        heard += [
            each.first_sample
            for each in gather(encoder, *["AudioChunk"] * 50)
            if isinstance(each, AudioChunk)
        ]
    assert heard == [index * 320 for index in range(600)]


def test_control_does_not_wait_behind_sound(hub: RunningHub) -> None:
    """A worker that takes no sound still hears of the end of speech."""
    capture, encoder = hub.join("capture"), hub.join("encoder")
    for index in range(150):
        capture.send(audio(index * 320))
    capture.send(ended())
    until(lambda: encoder.wait(50) and encoder.control() is not None)


def test_a_worker_that_takes_nothing_ends_the_turn_aloud(hub: RunningHub) -> None:
    """Window and backlog are full: the turn is given up with a Notice, nothing grows."""
    ports = hub.join_all()
    ports["capture"].send(started())
    for index in range(1_340):
        ports["capture"].send(audio(index * 320))
    told = gather(ports["supervisor"], "Notice")
    (notice,) = [each for each in told if isinstance(each, Notice)]
    assert notice.reason == "backlog"
    assert names(gather(ports["talker"], "Notice")) == ["Notice"]


def test_garbage_is_counted_and_changes_nothing(hub: RunningHub) -> None:
    """Peers that send noise, wrong frames or a stranger's name cost a counter."""
    capture, encoder = hub.join("capture"), hub.join("encoder")
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    chance = random.Random(3)  # noqa: S311 - a fixed seed is the point
    for line in ("data", "control"):
        peer = context.socket(zmq.DEALER)
        peer.setsockopt(zmq.LINGER, 1_000)
        peer.connect(f"ipc://{hub.runtime}/{line}")
        for _ in range(200):
            peer.send_multipart([chance.randbytes(20) for _ in range(chance.randrange(1, 5))])
        peer.send_multipart(wire.encode(_hello_of_encoder()))
        peer.send_multipart(wire.encode(audio(0)))
        peer.close()
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(hub.runtime / "data"))
        raw.sendall(chance.randbytes(4_000))
    capture.send(audio(320))
    (chunk,) = [each for each in gather(encoder, "AudioChunk") if isinstance(each, AudioChunk)]
    assert chunk.first_sample == 320
    hub.beat(lambda vitals: vitals.dropped >= 402)
    context.term()


def _hello_of_encoder() -> Hello:
    return Hello(stage="encoder", worker=0, incarnation=1, window_bytes=65_536)


def test_a_stranger_is_told_that_it_is_unknown(hub: RunningHub) -> None:
    """Who speaks before Hello is asked to say it."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    peer = context.socket(zmq.DEALER)
    peer.setsockopt(zmq.LINGER, 0)
    peer.connect(f"ipc://{hub.runtime}/control")
    peer.send_multipart(wire.encode(started()))
    assert peer.poll(10_000)
    assert wire.decode(peer.recv_multipart()) == Unknown(hub=1)
    peer.close()
    context.term()


def test_the_hub_beats_and_obeys(hub: RunningHub) -> None:
    """Its vitals say that it is ready and idle; an order ends it without a fault."""
    vitals = hub.beat()
    assert (vitals.stage, vitals.ready, vitals.busy) == ("hub", True, False)
    hub.join("capture").send(started())
    hub.beat(lambda later: later.busy)
    assert hub.stop() == 0


def test_the_runtime_folder_is_private(hub: RunningHub) -> None:
    """Nobody else on the machine can connect or read."""
    assert hub.runtime.stat().st_mode & 0o077 == 0


def test_a_worker_beats_and_is_given_orders(hub: RunningHub) -> None:
    """The supervisor's line works beside the hub, and believes nobody under another's name."""
    port = hub.join("talker")
    vitals = Vitals(stage="talker", worker=0, incarnation=1, ready=True, busy=True)
    port.beat(msgspec.structs.replace(vitals, stage="thinker"))
    port.beat(vitals)
    assert hub.beat(lambda each: each.stage != "hub") == vitals
    assert hub.line.dropped == 1
    order = Order(kind="degrade", rung=2)
    assert hub.line.order("talker", 0, 1, order)
    assert not hub.line.order("talker", 0, 2, order)
    until(lambda: port.wait(20) and port.order() == order)


def test_the_log_of_a_closed_turn_is_kept_when_asked_for(hub: RunningHub, tmp_path: Path) -> None:
    """With --record it is added to a file of the user's."""
    hub.stop()
    hub.start("--record", str(tmp_path / "kept"))
    capture, encoder = hub.join("capture"), hub.join("encoder")
    for frame in (started(), audio(0), ended()):
        capture.send(frame)
    gather(encoder, "SpeechEnded")
    encoder.send(final(""))
    gather(encoder, "Closed")
    logged = list(read_frames(tmp_path / "kept"))
    assert sorted(type(each).__name__ for each in logged) == [
        "AudioChunk", "Closed", "SpeechEnded", "SpeechStarted", "Transcript",
    ]  # fmt: skip
