"""Who may say what to whom: a type of frame in, the stages it comes from and goes to out."""

from __future__ import annotations

from typing import Final

from bus.frames import (
    AudioChunk,
    Cancel,
    Clause,
    Closed,
    Done,
    Forgotten,
    Frame,
    Member,
    Notice,
    Obeyed,
    Played,
    Recalled,
    SourceEnded,
    SpeechChunk,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SummedUp,
    Transcript,
)

STAGES: Final[tuple[Member, ...]] = ("capture", "encoder", "thinker", "talker", "playback")
_LISTENERS: Final[tuple[Member, ...]] = ("encoder", "thinker", "playback", "supervisor")

DESTINATIONS: Final[dict[type[Frame], tuple[Member, ...]]] = {
    AudioChunk: ("encoder",),
    SpeechStarted: _LISTENERS,
    SpeechPaused: _LISTENERS,
    SpeechResumed: _LISTENERS,
    SpeechEnded: _LISTENERS,
    Transcript: ("thinker", "supervisor"),
    Clause: ("talker", "supervisor"),
    SpeechChunk: ("playback",),
    Played: ("capture", "talker"),
    Cancel: (*STAGES, "supervisor"),
    Notice: ("talker", "playback", "supervisor"),
    Done: (),
    Obeyed: (),
    Recalled: ("supervisor",),
    SummedUp: (),
    Forgotten: (),
    Closed: (*STAGES, "supervisor"),
    SourceEnded: ("playback", "supervisor"),
}
"""Stages that a frame of a turn is given to; without any it is for the hub alone."""

_DEPENDS: Final = frozenset((SpeechChunk, Played, Transcript, Notice))
"""Frames that some of their receivers get only now and then."""

_SPEAKERS: Final[dict[type[Frame], tuple[Member, ...]]] = {
    AudioChunk: ("capture",),
    SpeechStarted: ("capture",),
    SpeechPaused: ("capture",),
    SpeechResumed: ("capture",),
    SpeechEnded: ("capture",),
    SourceEnded: ("capture",),
    Transcript: ("encoder",),
    Clause: ("thinker",),
    Recalled: ("thinker",),
    SummedUp: ("thinker",),
    Forgotten: ("thinker",),
    SpeechChunk: ("talker",),
    Played: ("playback",),
    Notice: ("encoder", "thinker", "talker", "supervisor"),
    Done: STAGES,
    Obeyed: STAGES,
}
"""Cancel and Closed are missing: only the hub decides those."""


_OWN: Final = (Done, Obeyed)
"""What only the stage says that they name. (A union would be made anew for each frame.)"""


def may_say(member: Member, frame: Frame) -> bool:
    """Return whether `member` is one that such a frame comes from."""
    if isinstance(frame, _OWN):
        return member == frame.stage
    return member in _SPEAKERS.get(type(frame), ())


def speaker(frame: Frame) -> Member:
    """Return who says such a frame; the hub for all that it decides, Notice included."""
    if isinstance(frame, _OWN):
        return frame.stage
    return "hub" if isinstance(frame, Notice) else _SPEAKERS.get(type(frame), ("hub",))[0]


def destinations(frame: Frame) -> tuple[Member, ...]:
    """Return the members that `frame` is given to.

    The supervisor keeps the figures, the thinker the history: they hear of the first sound of an
    answer, or of what was heard in the end, not of every 20 ms between them.
    """
    members = DESTINATIONS[type(frame)]
    if type(frame) not in _DEPENDS:
        return members
    match frame:
        case SpeechChunk(clause=0, first_sample=0):
            return (*members, "supervisor")
        case Played(last=True):
            return (*members, "thinker", "supervisor")
        case Notice(prerecorded=True):
            return tuple(member for member in members if member != "talker")
        case Transcript(state="candidate" | "final", text=""):
            # Nothing was said: there is nothing to think about.
            return ("supervisor",)
        case _:
            return members
