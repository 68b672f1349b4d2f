"""Rooms: utterances in, turns on the bus; each room is a session with a capture worker's port."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.scale_sound import Spoken
from bus.errors import BusError
from bus.frames import SAMPLE_RATE, AudioChunk, Closed, Done, StageName, Transcript
from bus.port import Port
from config.settings import Bus

_WITHIN_S: Final = 120.0
_LOOK_MS: Final = 20.0
_LAZY: Final[tuple[StageName, ...]] = ("thinker", "talker", "playback")


class Room(threading.Thread):
    """Says one utterance after the other, each when the turn before it is closed.

    number: 1 to N, apart from the daemon's own capture, which is 0. incarnation: one more each
    time that a room of this number joins the same hub.
    realtime: as fast as people speak; False: at once.
    """

    def __init__(
        self,
        runtime: Path,
        bus: Bus,
        number: int,
        utterances: Sequence[Spoken],
        *,
        realtime: bool,
        incarnation: int = 1,
    ) -> None:
        super().__init__(daemon=True)
        self.session = f"room-{number}"
        self.endings: Counter[str] = Counter()
        self.spoken_s = 0.0
        self._port = Port(runtime, "capture", number, incarnation, bus)
        self._utterances = utterances
        self._realtime = realtime

    def run(self) -> None:
        """Speak; what the hub does not take or close is counted as lost."""
        try:
            turn = self._port.open().next_turn
            self._port.ready()
            for number, utterance in enumerate(self._utterances, turn):
                self._say(utterance, number)
                self.spoken_s += utterance.seconds
                self.endings[self._ending(number)] += 1
            self._port.close()
        except BusError:
            self.endings["lost"] += len(self._utterances) - self.endings.total()

    def _say(self, utterance: Spoken, turn: int) -> None:
        began_s, first_sample = time.monotonic(), None
        for frame in utterance.of(self.session, turn):
            if self._realtime and isinstance(frame, AudioChunk):
                first_sample = frame.first_sample if first_sample is None else first_sample
                due_s = began_s + (frame.first_sample - first_sample) / SAMPLE_RATE
                time.sleep(max(0.0, due_s - time.monotonic()))
            self._port.send(frame)

    def _ending(self, turn: int) -> str:
        until_s = time.monotonic() + _WITHIN_S
        while time.monotonic() < until_s:
            self._port.wait(_LOOK_MS)
            while self._port.control() is not None:
                continue
            while (frame := self._port.data()) is not None:
                if isinstance(frame, Closed) and frame.turn == turn:
                    return frame.reason
        return "lost"


class LazyHouse(threading.Thread):
    """Thinker, talker and playback that have nothing to add: an encoder has the house alone."""

    def __init__(self, runtime: Path, bus: Bus) -> None:
        super().__init__(daemon=True)
        self._ports = {stage: Port(runtime, stage, 0, 1, bus) for stage in _LAZY}
        self._stopping = threading.Event()
        for port in self._ports.values():
            port.open()
            port.ready()

    def run(self) -> None:
        """Owe nothing for any text, until `stop`."""
        while not self._stopping.is_set():
            self._ports["thinker"].wait(_LOOK_MS)
            for port in self._ports.values():
                while port.control() is not None:
                    continue
                while (frame := port.data()) is not None:
                    if isinstance(frame, Transcript) and frame.state == "final":
                        self._done(frame)
        for port in self._ports.values():
            port.close()

    def stop(self) -> None:
        """Leave the house."""
        self._stopping.set()
        self.join()

    def _done(self, frame: Transcript) -> None:
        for stage, port in self._ports.items():
            port.send(
                Done(session=frame.session, turn=frame.turn, revision=frame.revision, stage=stage)
            )
