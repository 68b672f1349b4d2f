"""SIGSTOP of a process with work in hand in; when it was found and what became of the turn out."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Final

import psutil  # type: ignore[import-untyped]

from benchmarks.fault_house import House, Moment, Scene, gone_after_s, seen
from benchmarks.figures import Figures
from bus.frames import AnyFrame, AudioChunk, Clause, SpeechChunk, SpeechPaused, Transcript
from config.load import load_settings

_SLACK_MS: Final = 250
_WITHIN_S: Final = 20.0
_TOKENS: Final = "thinker.most_tokens=48"
"""A long answer: there is work in hand for long enough to be met in it."""


def _begun(frames: Sequence[AnyFrame]) -> bool:
    """Tell whether the thinker has words to answer and has not answered them."""
    ready = [
        frame for frame in frames if isinstance(frame, Transcript) and frame.state != "partial"
    ]
    return bool(ready) and not any(isinstance(frame, Clause) for frame in frames)


def _paused(frames: Sequence[AnyFrame]) -> bool:
    """Tell whether the encoder has a pause and has not written down what was said before it."""
    pauses = [frame.revision for frame in frames if isinstance(frame, SpeechPaused)]
    texts = [frame for frame in frames if isinstance(frame, Transcript)]
    written = {text.revision for text in texts if text.state != "partial"}
    return bool(pauses) and max(pauses) not in written


_AT_WORK: Final[dict[str, Moment]] = {
    "hub": seen(AudioChunk, 20),
    "capture": seen(AudioChunk, 20),
    "encoder": _paused,
    "thinker": _begun,
    "talker": seen(Clause),
    "playback": seen(SpeechChunk),
}


def measure(scene: Scene) -> Figures:
    """Stop each victim in its work, in so many turns, and see how long it stays so."""
    settings = load_settings(scene.profile, None, list(scene.settings))
    figures: Figures = {}
    for victim in scene.victims:
        table = settings.bus if victim == "hub" else getattr(settings, victim)
        figures[victim] = _stopped(scene, victim, table.limits.silence_ms)
    return figures


def _stopped(scene: Scene, victim: str, silence_ms: int) -> Figures:
    options = (_TOKENS, "supervisor.max_restarts=1000", "supervisor.degrade=false")
    found_ms: list[float] = []
    missed = 0
    with House.asked(scene, f"stop-{victim}", scene.rounds, settings=options) as house:
        for turn in range(1, scene.rounds + 1):
            if not house.reached(turn, _AT_WORK[victim]):
                break
            pid = house.signal(victim, signal.SIGSTOP)
            after_s = gone_after_s(pid, _WITHIN_S) if pid is not None else None
            if after_s is None:
                missed += 1
                _let_go_on(pid)
            else:
                found_ms.append(after_s * 1000)
        left = house.end(90)
    limit_ms = silence_ms + _SLACK_MS
    return {
        "turns": scene.rounds,
        "answered": left.answered,
        "found_ms": [round(ms) for ms in found_ms],
        "limit_ms": limit_ms,
        "in_time": sum(ms <= limit_ms for ms in found_ms),
        "never_found": missed,
        "restarts": left.restarts.get(victim, 0),
        "ok": left.answered == scene.rounds == len([ms for ms in found_ms if ms <= limit_ms]),
    }


def _let_go_on(pid: int | None) -> None:
    if pid is not None and psutil.pid_exists(pid):
        psutil.Process(pid).resume()
