"""`replay`: a recording in; what its stages make of it today, and whether it is the same, out."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bus.frames import SAMPLE_RATE, AudioChunk, Welcome
from bus.recording import read_recording
from bus.wire import printable
from config.session import Session
from stages.factory import build
from stages.replay import Replay
from stages.replay_comparison import Outcome, compared_turns, differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bus.frames import AnyFrame, Member, StageName
    from bus.recording import Recording
    from stages.stage import Stage

WHOLE: Final[tuple[StageName, ...]] = ("encoder", "thinker", "talker")
"""Stages that run again without `--stage`. What capture and the ear heard is the recording's."""

_MAKES: Final[dict[StageName, str]] = {
    "encoder": "transcript",
    "thinker": "clause",
    "talker": "sound",
    "playback": "heard",
}
STAGES: Final = tuple(_MAKES)


def replay(
    path: Path,
    names: tuple[StageName, ...],
    *,
    check: bool,
    speed: float | None,
    write: Callable[[str], None],
) -> int:
    """Run stages again on a recording; return 0, or with `check` 1 where something differs.

    names: empty: all that can be. speed: 1 is as fast as it was spoken; None: no pauses.
    Raises RecordingUnusable, RecordingRefused or LogDamaged; ModelError where a model is missing.
    """
    recording = read_recording(path)
    chosen = names or WHOLE
    with _opened(recording, chosen) as stages:
        began_s = time.monotonic()
        frames = recording.frames
        paced = frames if speed is None else _paced(frames, speed)
        again = Outcome(Replay(stages).run(paced))
        took_s = time.monotonic() - began_s
    recorded = Outcome(frames)
    lasted_s = _lasted_s(frames)
    write(
        f"{compared_turns(recorded)} turns of {lasted_s:.1f} s, {', '.join(chosen)} "
        f"in {took_s:.1f} s: {lasted_s / max(took_s, 1e-3):.1f} times real time"
    )
    if not check:
        return 0
    found = differences(recorded, again, tuple(_MAKES[name] for name in chosen))
    for line in found:
        write(line)
    write("the same" if not found else f"{len(found)} differences")
    return 1 if found else 0


def dump(path: Path, write: Callable[[str], None]) -> int:
    """Write a line for each frame, without sound and words; return 0. Raises as `replay` does."""
    for frame in read_recording(path).frames:
        write(printable(frame))
    return 0


@contextmanager
def _opened(recording: Recording, names: tuple[StageName, ...]) -> Iterator[dict[Member, Stage]]:
    """Load the stages with the settings of the recording; let go of them on leaving."""
    session = Session(recordings=("replay",), realtime=False, room="")
    welcome = Welcome(next_turn=1, clock_sample=0)
    with tempfile.TemporaryDirectory() as runtime, ExitStack() as opened:
        stages: dict[Member, Stage] = {}
        for name in names:
            stage = build(name, recording.settings, session, welcome, Path(runtime))
            opened.callback(stage.close)
            stage.open()
            stages[name] = stage
        yield stages


def _paced(frames: Iterable[AnyFrame], speed: float) -> Iterator[AnyFrame]:
    """Yield `frames` at `speed` times the pace at which they were spoken."""
    began_s = time.monotonic()
    spoken_s = 0.0
    for frame in frames:
        if isinstance(frame, AudioChunk):
            spoken_s += len(frame.pcm) / 2 / SAMPLE_RATE
            time.sleep(max(0.0, began_s + spoken_s / speed - time.monotonic()))
        yield frame


def _lasted_s(frames: list[AnyFrame]) -> float:
    return (frames[-1].at_ns - frames[0].at_ns) / 1e9 if frames else 0.0
