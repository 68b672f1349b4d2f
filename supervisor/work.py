"""A frame that was routed in; the members that have work in hand by it out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bus.frames import (
    AnyFrame,
    Clause,
    Notice,
    SpeechChunk,
    SpeechEnded,
    SpeechPaused,
    SpeechStarted,
    Transcript,
)

if TYPE_CHECKING:
    from bus.frames import Frame, Member

_WORK: Final[dict[type[Frame], tuple[Member, ...]]] = {
    SpeechStarted: ("hub", "encoder"),
    SpeechPaused: ("encoder",),
    SpeechEnded: ("encoder", "playback"),
    Transcript: ("thinker",),
    Clause: ("talker",),
    Notice: ("talker", "playback"),
    SpeechChunk: ("playback",),
}


def workers_with(frame: AnyFrame) -> tuple[Member, ...]:
    """Return the members whose processes should show themselves, now that `frame` is theirs.

    An idle one beats soon enough anyway: those that the frame did not go to are done no wrong.
    """
    return _WORK.get(type(frame), ())
