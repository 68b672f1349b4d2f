"""`ask` and `run`: the whole daemon on recordings or a microphone; turns in, lines or JSON out."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from bus.errors import BusError, BusUnusable
from bus.frames import AnyFrame, SourceEnded
from supervisor.daemon import Daemon
from supervisor.errors import DaemonFailed
from supervisor.notify import Notifier
from supervisor.report import TurnReport
from supervisor.reports import Reports, TurnKey

if TYPE_CHECKING:
    from types import FrameType

    from config.session import Session
    from config.settings import Settings

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""


class _Interruption:
    """Turns SIGINT and SIGTERM into a flag, so that the daemon is left in order.

    SIGTERM lets the turns be answered that are open when it comes; Ctrl-C, or a second signal, not.
    """

    def __init__(self) -> None:
        self.exit_code: int | None = None
        self._is_patient = False
        self._awaited: set[TurnKey] | None = None
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._is_patient = self.exit_code is None and number == signal.SIGTERM
        self.exit_code = INTERRUPTED if number == signal.SIGINT else 0

    def is_over(self, open_turns: set[TurnKey]) -> bool:
        """Return whether a signal came and nothing has to be answered before the end."""
        if self.exit_code is None:
            return False
        self._awaited = open_turns if self._awaited is None else self._awaited & open_turns
        return not self._is_patient or not self._awaited


def listen(settings: Settings, session: Session, *, as_json: bool, words: bool) -> int:
    """Run the daemon until its source ends or a signal comes; return the exit code.

    words: show what was said, not only how long it took; never in a journal.
    Raises DaemonFailed when the daemon cannot go on.
    """
    try:
        return _listen(settings, session, as_json=as_json, words=words)
    except BusError as failure:
        exit_code = 2 if isinstance(failure, BusUnusable) else 1
        raise DaemonFailed(str(failure), exit_code=exit_code) from failure


def _listen(settings: Settings, session: Session, *, as_json: bool, words: bool) -> int:
    interruption = _Interruption()
    notifier = Notifier.of(os.environ)
    reports = Reports(keep=bool(session.recordings))
    ended: SourceEnded | None = None
    with Daemon(settings, session) as daemon:
        announced = False
        while ended is None and not interruption.is_over(reports.open_turns):
            for frame in daemon.step():
                closed = reports.feed(frame)
                if closed is not None:
                    daemon.judge(closed.times)
                if closed is not None and closed.is_of_interest and not as_json:
                    _show(closed, daemon.clock_ns, realtime=session.realtime, words=words)
                ended = ended or _as_end(frame)
            notifier.lives(time.monotonic_ns(), ready=daemon.clock_ns > 0)
            if daemon.clock_ns and not announced:
                announced = True
                if not as_json:
                    _say(f"ready after {daemon.ready_ms / 1000:.1f} s")
        if as_json:
            sys.stdout.write(json.dumps(_everything(daemon, reports, session)) + "\n")
        notifier.stops()
    if interruption.exit_code is not None:
        return interruption.exit_code
    if session.recordings and not reports.turns and not daemon.resumes:
        sys.stderr.write("no words were heard in the recordings; listen to them yourself\n")
        return 1
    return 0 if reports.all_answered else 1


def _as_end(frame: AnyFrame) -> SourceEnded | None:
    return frame if isinstance(frame, SourceEnded) else None


def _everything(daemon: Daemon, reports: Reports, session: Session) -> dict[str, Any]:
    return {
        "turns": [
            turn.as_json(daemon.clock_ns, realtime=session.realtime) for turn in reports.turns
        ],
        "workers": daemon.vital_signs(),
        "ready_ms": round(daemon.ready_ms),
    }


def _show(turn: TurnReport, clock_ns: int, *, realtime: bool, words: bool) -> None:
    row = turn.as_json(clock_ns, realtime=realtime)
    steps = [f"{name.replace('_', ' ')} {ms:.0f} ms" for name, ms in row["steps_ms"].items() if ms]
    if row["voice_to_voice_ms"] is not None:
        steps.append(f"voice to voice {row['voice_to_voice_ms']:.0f} ms")
    _say(f"turn {row['turn']}, {turn.outcome}: {' · '.join(steps)}")
    if words:
        _say(f"  heard   [{row['language']}] {row['transcript']}")
        _say(f"  answer  {row['answer']}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
