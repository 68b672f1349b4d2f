"""`replay`: a recording in; what its stages make of it today, and whether it is the same, out."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from bus.errors import RecordingUnusable
from bus.frames import SAMPLE_RATE, AudioChunk, Welcome
from bus.origin import missing, this_machine
from bus.recording import read_recording
from bus.wire import printable
from config.session import Session
from stages.factory import build
from stages.replay import Replay
from stages.replay_comparison import Outcome, differences, pairs
from stages.replay_tolerance import judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bus.frames import AnyFrame, StageName
    from bus.recording import Recording
    from stages.replay_comparison import TurnKey
    from stages.stage import Stage

WHOLE: Final[tuple[StageName, ...]] = ("capture", "encoder", "thinker", "talker")
"""Stages that run again without `--stage`. What the ear heard is the recording's, and capture
runs again where the files are there that it heard."""

_MAKES: Final[dict[StageName, tuple[str, ...]]] = {
    "capture": ("utterance", "boundaries"),
    "encoder": ("transcript",),
    "thinker": ("clause",),
    "talker": ("sound",),
    "playback": ("heard",),
}
STAGES: Final = tuple(_MAKES)


class Replayed(Struct, frozen=True, kw_only=True):
    """What came of stages that were run again."""

    stages: tuple[StageName, ...]
    recorded: Outcome
    again: Outcome
    sound_s: float
    """How long the sound lasts that they hear or make."""
    took_s: float

    @property
    def times_real_time(self) -> float:
        """Return how much faster than sound they were."""
        return self.sound_s / max(self.took_s, 1e-3)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return what they make."""
        return tuple(kind for name in self.stages for kind in _MAKES[name])

    @property
    def differences(self) -> dict[TurnKey, list[str]]:
        """Return by turn what they made differently."""
        return differences(self.recorded, self.again, self.kinds)


def replay(
    path: Path,
    names: tuple[StageName, ...],
    *,
    check: bool,
    speed: float | None,
    write: Callable[[str], None],
    tolerance: bool = False,
) -> int:
    """Run stages again on a recording; return 0, or with `check` 1 where something differs.

    names: empty: all that can be. speed: 1 is as fast as it was spoken; None: no pauses.
    tolerance: compare as on another machine, each stage by itself on what was recorded.
    Raises RecordingUnusable, RecordingRefused or LogDamaged; ModelError where a model is missing.
    """
    recording = read_recording(path)
    if not recording.frames:
        raise RecordingUnusable(f"{path}: holds no turn; record one with: ask IN.wav --record LOG")
    chosen = _chosen(recording, path, names, write)
    with opened(recording, chosen) as stages:
        runs = [(name,) for name in chosen] if tolerance else [chosen]
        results = [run_again(recording, stages, run, speed) for run in runs]
    for result in results:
        write(
            f"{len(result.recorded.confirmed)} turns, {', '.join(result.stages)} "
            f"in {result.took_s:.1f} s: {result.times_real_time:.1f} times real time"
        )
    if not check:
        return 0
    if tolerance:
        return _judge(results, write)
    found = [line for lines in results[0].differences.values() for line in lines]
    for line in found:
        write(line)
    write("the same" if not found else f"{len(found)} differences")
    if found and recording.header.machine != this_machine():
        write("it was recorded on another machine: --tolerance compares what may differ")
    return 1 if found else 0


def dump(path: Path, write: Callable[[str], None]) -> int:
    """Write a line for each frame, without sound and words; return 0. Raises as `replay` does."""
    for frame in read_recording(path).frames:
        write(printable(frame))
    return 0


def run_again(
    recording: Recording,
    stages: dict[StageName, Stage],
    names: tuple[StageName, ...],
    speed: float | None = None,
) -> Replayed:
    """Run `names` of the opened stages again; what the others sent is taken from the recording."""
    frames = recording.frames
    player = Replay({name: stages[name] for name in names})
    player.learn(frames)
    began_s = time.monotonic()
    again = Outcome(player.run(frames if speed is None else _paced(frames, speed)))
    took_s = time.monotonic() - began_s
    recorded = Outcome(frames)
    sound_s = recorded.spoken_s * bool({"capture", "encoder"} & {*names})
    sound_s += recorded.answer_s * bool({"thinker", "talker", "playback"} & {*names})
    return Replayed(stages=names, recorded=recorded, again=again, sound_s=sound_s, took_s=took_s)


@contextmanager
def opened(recording: Recording, names: tuple[StageName, ...]) -> Iterator[dict[StageName, Stage]]:
    """Load the stages with the settings of the recording; let go of them on leaving."""
    with tempfile.TemporaryDirectory() as runtime, ExitStack() as kept:
        stages: dict[StageName, Stage] = {}
        for name in names:
            stage = _built(recording, name, Path(runtime))
            kept.callback(stage.close)
            stage.open()
            stages[name] = stage
        yield stages


def why_not_heard_again(recording: Recording) -> str:
    """Return why capture cannot run again; empty: it can."""
    return missing(recording.header.sources)


def _chosen(
    recording: Recording, path: Path, names: tuple[StageName, ...], write: Callable[[str], None]
) -> tuple[StageName, ...]:
    why_not = why_not_heard_again(recording) if not names or "capture" in names else ""
    if not why_not:
        return names or WHOLE
    if names:
        raise RecordingUnusable(f"{path}: capture cannot run again, for {why_not}")
    write(f"capture does not run again, for {why_not}")
    return WHOLE[1:]


def _built(recording: Recording, name: StageName, runtime: Path) -> Stage:
    # Notes change and sums come when there is time: what they were then is in the recording.
    memory = structs.replace(recording.settings.memory, look_up=False, sum_up=False)
    # What a specialist said is not said again: nothing leaves the house for a replay.
    pool = structs.replace(recording.settings.pool, expert=False, image="")
    thinker = recording.settings.thinker
    if not Path(thinker.exact_answers).expanduser().is_file():
        thinker = structs.replace(thinker, exact_answers="")
    settings = structs.replace(recording.settings, memory=memory, pool=pool, thinker=thinker)
    welcome = Welcome(next_turn=1, clock_sample=0)
    if name == "capture":
        from stages.listening import build_capture  # noqa: PLC0415 - loads what hears

        heard = tuple(source.path for source in recording.header.sources)
        session = Session(recordings=heard, realtime=recording.header.realtime, room="")
        return build_capture(settings, session, welcome, paced=False)
    session = Session(recordings=("replay",), realtime=False, room="")
    return build(name, settings, session, welcome, runtime)


def _judge(results: list[Replayed], write: Callable[[str], None]) -> int:
    found = [
        (name, part, made)
        for result in results
        for _, name, part, made in pairs(result.recorded, result.again, result.kinds)
    ]
    lines, passed = judged(found)
    for line in lines:
        write(line)
    write("alike" if passed else "not alike")
    return 0 if passed else 1


def _paced(frames: Iterable[AnyFrame], speed: float) -> Iterator[AnyFrame]:
    """Yield `frames` at `speed` times the pace at which they were spoken."""
    began_s = time.monotonic()
    spoken_s = 0.0
    for frame in frames:
        if isinstance(frame, AudioChunk):
            spoken_s += len(frame.pcm) / 2 / SAMPLE_RATE
            time.sleep(max(0.0, began_s + spoken_s / speed - time.monotonic()))
        yield frame
