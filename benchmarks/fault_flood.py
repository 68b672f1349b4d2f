"""A hub's runtime folder in; as many malformed messages as asked for out, as fast as they go.

Started by `bench faults` as a process of its own: `python -m benchmarks.fault_flood DIR KIND N`.
As kind SINK it takes what others send to DIR, and throws it away.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Final

import zmq

from bus import wire
from bus.errors import WireError
from bus.frames import AudioChunk, Clause, Hello, SpeechStarted, Transcript
from bus.sockets import Line, Rendezvous
from bus.workers import WorkerId

SINK: Final = "sink"
STRANGER: Final = b"nobody"
KNOWN: Final = WorkerId("talker", 0, 1)
_LINES: Final[tuple[Line, ...]] = ("data", "control")
_KINDS: Final = 4_096
_WINDOW_BYTES: Final = 1_048_576


def garbage(seed: int) -> list[list[bytes]]:
    """Return messages of all kinds that no decoder takes: noise, torn and bent frames, parts."""
    dice = random.Random(seed)  # noqa: S311 - garbage is no secret
    found: list[list[bytes]] = []
    while len(found) < _KINDS:
        message = dice.choice((_noise, _torn, _bent, _parted))(dice)
        try:
            wire.decode(message)
        except WireError:
            found.append(message)
    return found


def _frame(dice: random.Random) -> list[bytes]:
    return wire.encode(
        dice.choice(
            (
                SpeechStarted(session="home", turn=1, sample=9),
                AudioChunk(session="home", turn=1, first_sample=0, pcm=bytes(640)),
                Clause(
                    session="home", turn=1, revision=0, index=0,
                    text="Not a word of it.", language="en", last=False,
                ),
                Transcript(
                    session="home", turn=1, revision=0, index=0, state="final", text="What?",
                    stable_prefix="", language="en",
                ),
            )
        )
    )  # fmt: skip


def _noise(dice: random.Random) -> list[bytes]:
    return [dice.randbytes(dice.randrange(1, 400))]


def _torn(dice: random.Random) -> list[bytes]:
    header, *rest = _frame(dice)
    return [header[: dice.randrange(len(header))], *rest]


def _bent(dice: random.Random) -> list[bytes]:
    header, *rest = _frame(dice)
    at = dice.randrange(len(header))
    return [header[:at] + dice.randbytes(1) + header[at + 1 :], *rest]


def _parted(dice: random.Random) -> list[bytes]:
    return [*_frame(dice), b"", b"\0"]


def _take(runtime: Path) -> None:
    """Throw away what comes, for ever: what a flood costs a machine without harming the hub."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    meeting, poller = Rendezvous(runtime), zmq.Poller()
    for line in _LINES:
        poller.register(meeting.bind(context, line), zmq.POLLIN)
    while True:
        for socket, _ in poller.poll():
            socket.recv_multipart()


def _flood(runtime: Path, kind: str, count: int) -> None:
    messages = garbage(seed=1)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    identity = KNOWN.identity if kind == "known" else STRANGER
    meeting = Rendezvous(runtime)
    sockets = [meeting.connect(context, line, identity) for line in _LINES]
    if kind == "known":
        hello = Hello(stage="talker", worker=0, incarnation=1, window_bytes=_WINDOW_BYTES)
        for socket in sockets:
            socket.send_multipart(wire.encode(hello))
    for number in range(count):
        sockets[number % 2].send_multipart(messages[number % _KINDS])
    for socket in sockets:
        socket.close(linger=10_000)
    context.term()


def main() -> None:
    """Send, and print how many went; or take."""
    runtime, kind, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if kind == SINK:
        _take(runtime)
    _flood(runtime, kind, count)
    sys.stdout.write(f"{count}\n")


if __name__ == "__main__":
    main()
