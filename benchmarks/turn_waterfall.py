"""One turn's frames and sounds in, a picture of what happened when out (SVG and PNG)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from msgspec import Struct

from benchmarks.turn_latency import Block
from benchmarks.turn_recordings import Question
from benchmarks.turn_room import RATE
from bus.frames import (
    AnyFrame,
    Clause,
    SpeechChunk,
    SpeechEnded,
    SpeechPaused,
    Transcript,
    TurnFrame,
)
from models.protocols import Float32Array

_LANES: Final = ("user", "capture", "encoder", "thinker", "talker", "loudspeaker")
_COLOURS: Final = {
    "capture": "#7a7a7a", "encoder": "#3b75af", "thinker": "#c06a2b", "talker": "#4f9a4f",
}  # fmt: skip
_GUESS: Final = "a pause: a guess"
_BEFORE_S: Final = 1.8
_AFTER_S: Final = 1.3
"""At least so much is shown behind the last word, and a third more than it took."""
_POINTS: Final = 700


class Work(Struct, frozen=True):
    """Something a stage did."""

    lane: str
    from_s: float
    to_s: float
    """On the room's time line; the same as `from_s`: a moment."""
    heard: bool
    """It became part of what was heard; else it was for a guess that was wrong, or for practice."""
    label: str = ""


class Scene(Struct, frozen=True):
    """One turn to be drawn."""

    question: Question
    user: Float32Array
    """The input, from the beginning of the room's time line."""
    room: Float32Array
    works: list[Work]
    first_sound_s: float


def works_of(frames: Sequence[AnyFrame], clock_s: float, turn: int) -> list[Work]:
    """Return what the stages did for a turn, on the room's time line."""
    mine = sorted(
        (frame for frame in frames if isinstance(frame, TurnFrame) and frame.turn == turn),
        key=lambda frame: frame.seq,
    )
    ended = next((frame for frame in mine if isinstance(frame, SpeechEnded)), None)
    right = ended.revision if ended else -1
    began: dict[object, float] = {}
    works: list[Work] = []
    for frame in mine:
        at_s = frame.at_ns / 1e9 - clock_s
        heard = frame.revision == right
        match frame:
            case SpeechPaused():
                began["pause", frame.revision] = at_s
                works.append(Work("capture", at_s, at_s, heard, _GUESS if heard else ""))
            case SpeechEnded():
                works.append(Work("capture", at_s, at_s, heard, "end of turn"))
            case Transcript(state="partial"):
                works.append(Work("encoder", at_s, at_s, heard=False))
            case Transcript():
                began.setdefault(("words", frame.revision), at_s)
                if frame.state == "candidate" or ("pause", frame.revision) not in began:
                    from_s = began.get(("pause", frame.revision), at_s)
                    works.append(Work("encoder", from_s, at_s, heard, "transcript"))
            case Clause(text=text) if text:
                _clause(frame, at_s, began, works, heard=heard)
            case SpeechChunk(pcm=pcm) if pcm:
                key = ("clause", frame.revision, frame.clause)
                from_s = began.pop(key, at_s)
                first = frame.clause == 0 and frame.first_sample == 0
                label = "first sound" if first else ""
                works.append(Work("talker", from_s, at_s, heard, label))
    return works


def _clause(
    frame: Clause, at_s: float, began: dict[object, float], works: list[Work], *, heard: bool
) -> None:
    key = ("clause", frame.revision, frame.index)
    if key in began:
        return
    began[key] = at_s
    before = ("words", frame.revision) if frame.index == 0 else ("said", frame.revision)
    from_s = began.get(before, at_s)
    began["said", frame.revision] = at_s
    label = "first clause" if frame.index == 0 else f"clause {frame.index + 1}"
    works.append(Work("thinker", from_s, at_s, heard, label))


def picture(blocks: Sequence[Block], path: Path) -> None:
    """Draw the turn that took the median time, as `path`.svg and `path`.png; none: nothing."""
    known = sorted(
        (answer.voice_to_voice_ms, place, number)
        for place, block in enumerate(blocks)
        for number, answer in enumerate(block.answers)
        if answer.voice_to_voice_ms is not None and answer.reported and answer.proven
    )
    if not known:
        return
    waited_ms, place, number = known[len(known) // 2]
    block = blocks[place]
    question, run = block.stream.questions[number], block.run
    reported = block.answers[number].reported or {}
    works = works_of(run.frames, run.clock_s, int(reported["turn"]))
    first_sound_s = question.end_s + waited_ms / 1000
    draw(Scene(question, block.stream.samples, run.room, works, first_sound_s), path)


def draw(scene: Scene, path: Path) -> None:
    """Write the picture as `path`.svg and `path`.png."""
    end_s = scene.question.end_s
    waited_ms = 1000 * (scene.first_sound_s - end_s)
    figure = Figure((11, 5.2), layout="constrained")
    axes = figure.add_subplot()
    span_ms = (-1000 * _BEFORE_S, max(1000 * _AFTER_S, 1.33 * waited_ms))
    _wave(axes, scene.user, end_s, 0, span_ms)
    _wave(axes, scene.room, end_s, len(_LANES) - 1, span_ms)
    for work in scene.works:
        _bar(axes, work, end_s, span_ms)
    for at_s in (end_s, scene.first_sound_s):
        axes.axvline(1000 * (at_s - end_s), color="#b03030", linewidth=1)
    axes.annotate(
        "", (waited_ms, -0.62), (0, -0.62), arrowprops={"arrowstyle": "<->", "color": "#b03030"}
    )
    axes.text(
        waited_ms / 2, -0.68, f"{waited_ms:.0f} ms",
        color="#b03030", ha="center", va="bottom", weight="bold",
    )  # fmt: skip
    axes.set_yticks(range(len(_LANES)), _LANES)
    axes.set_ylim(len(_LANES) - 0.5, -1.0)
    axes.set_xlim(*span_ms)
    axes.set_xlabel("ms after the last word")
    axes.set_title(f"“{scene.question.marks.text}”", loc="left", fontsize=10)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(path.with_suffix(".png"), dpi=110)


def _bar(axes: Axes, work: Work, end_s: float, span_ms: tuple[float, float]) -> None:
    lane = _LANES.index(work.lane)
    colour = _COLOURS[work.lane]
    from_ms, to_ms = (1000 * (at_s - end_s) for at_s in (work.from_s, work.to_s))
    if from_ms < span_ms[0] or to_ms > span_ms[1]:
        return
    pale = 1.0 if work.heard else 0.3
    if to_ms - from_ms < 1:
        axes.plot([to_ms, to_ms], [lane - 0.3, lane + 0.3], color=colour, alpha=pale, linewidth=1.5)
    else:
        axes.barh(lane, to_ms - from_ms, 0.5, from_ms, color=colour, edgecolor="white", alpha=pale)
    if work.label == _GUESS:  # what follows soon is named on its right
        axes.text(to_ms, lane + 0.33, work.label, ha="center", va="top", fontsize=8)
    elif work.label:
        gap_ms = (span_ms[1] - span_ms[0]) / 250
        axes.text(to_ms + gap_ms, lane, work.label, va="center", fontsize=8, alpha=max(pale, 0.6))


def _wave(
    axes: Axes, sound: Float32Array, end_s: float, lane: int, span_ms: tuple[float, float]
) -> None:
    """Draw the outline of a sound into a lane."""
    begin, end = (max(0, int((end_s + each / 1000) * RATE)) for each in span_ms)
    part = sound[begin:end]
    step = max(1, len(part) // _POINTS)
    peaks = np.abs(part[: len(part) // step * step]).reshape(-1, step).max(axis=1)
    height = 0.4 * peaks / max(float(peaks.max(initial=0.0)), 1e-6)
    times_ms = 1000 * ((begin + np.arange(len(peaks)) * step) / RATE - end_s)
    axes.fill_between(times_ms, lane - height, lane + height, color="#333333", linewidth=0)
