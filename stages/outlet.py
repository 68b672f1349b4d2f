"""Where answers are heard: settings in; a loudspeaker or a recording of the room, on the clock."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from bus.frames import SAMPLE_RATE
from config.logs import log
from stages.loudspeaker import Loudspeaker
from stages.room import RoomRecording
from stages.room_loudspeaker import RoomLoudspeaker
from stages.sound import SinkError
from stages.sound_card import find_format, load_portaudio

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.session import Session
    from config.stage_settings import Playback
    from stages.sound import SoundSink


class Outlet:
    """A sink that is checked at once, and opened when the capture clock starts.

    At full speed an answer takes no time to be played; it begins as long after the utterance's
    end as it took to make, which is where a real room would have heard it.
    began: a file that is there from the first start of playback in this run of the daemon on: a
    recording is then gone on with, where the hub knows it or not. now_ns: a monotonic clock.
    """

    def __init__(
        self,
        settings: Playback,
        session: Session,
        *,
        began: Path,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._now_ns = now_ns
        self._settings = settings
        self._session = session
        self._began = began
        self._recording: RoomRecording | None = None
        self._sink: SoundSink | None = None
        self._clock_ns = 0
        self._ended_sample = 0
        self._ended_ns = 0

    @property
    def sink(self) -> SoundSink:
        """Return the opened sink."""
        if self._sink is None:
            raise RuntimeError("the capture clock has not started")
        return self._sink

    @property
    def is_open(self) -> bool:
        """Return whether the capture clock has started."""
        return self._sink is not None

    def check(self) -> None:
        """Raise SinkError when nothing can be heard there."""
        if self._session.room:
            room = Path(self._session.room)
            self._recording = RoomRecording(room, resume=self._began.exists())
            self._leave_mark()
        elif not self._session.recordings:
            find_format(load_portaudio(SinkError), self._settings.device, "output", SinkError)

    def _leave_mark(self) -> None:
        try:
            self._began.touch()
        except OSError as error:
            log.error(
                "playback left no mark; its death would begin the recording anew",
                file=str(self._began),
                reason=str(error),
            )

    def start(self, clock_ns: int) -> None:
        """Open the sink. clock_ns: the monotonic instant of sample 0 of the capture clock."""
        self._clock_ns = clock_ns
        if self._session.room or self._session.recordings:
            clock = self._now_sample if self._session.realtime else None
            self._sink = RoomLoudspeaker(self._recording, clock)
        else:
            self._sink = Loudspeaker(
                self._settings.device,
                block_ms=self._settings.block_ms,
                now_ns=self._now_ns,
                start_ns=clock_ns,
            )

    def turn_ended(self, clock_sample: int) -> None:
        """Take notice that the user had finished at `clock_sample`."""
        self._ended_sample = clock_sample
        self._ended_ns = self._now_ns()

    def begin(self) -> None:
        """Start an answer."""
        if isinstance(self._sink, RoomLoudspeaker):
            taken_ns = self._now_ns() - self._ended_ns
            self._sink.not_before(self._ended_sample + taken_ns * SAMPLE_RATE // 1_000_000_000)
        self.sink.begin()

    def close(self, total_samples: int) -> None:
        """Finish, once; a recording is at least `total_samples` long."""
        if self._sink is not None:
            self._sink.close(total_samples)
        elif self._recording is not None:
            self._recording.abandon()
        self._sink = self._recording = None

    def _now_sample(self) -> int:
        return max(0, self._now_ns() - self._clock_ns) * SAMPLE_RATE // 1_000_000_000
