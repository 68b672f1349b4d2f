"""The boundaries of utterances: what is known of sound in, what was found in it out. Types."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, TypeAlias

EndReason: TypeAlias = Literal["silence", "maximum", "source_ended", "model"]


class Activity(NamedTuple):
    """What is known of one piece of sound."""

    first_sample: int
    """On the capture clock."""
    samples: int
    """A multiple of LEVEL_SAMPLES."""
    probability: float
    """0 to 1: someone speaks."""
    levels_db: tuple[float, ...]
    """One level for each LEVEL_SAMPLES, in dB of full scale."""


class Started(NamedTuple):
    """An utterance has begun."""

    sample: int
    """Where its first sound was found; up to `start_ms` and some before now."""


class Paused(NamedTuple):
    """Revision `revision` guesses that the utterance ends here."""

    sample: int
    """Now."""
    speech_end_sample: int
    """End of the last word."""
    revision: int
    """1 for the first guess."""


class Resumed(NamedTuple):
    """The speaker goes on: revision `revision` was wrong."""

    sample: int
    revision: int


class Ended(NamedTuple):
    """The utterance is over; `revision` was right. A Paused of that revision came before.

    `speech_end_sample` is surer than that of Paused: more silence has been heard since.
    """

    sample: int
    speech_end_sample: int
    revision: int
    reason: EndReason


Boundary: TypeAlias = Started | Paused | Resumed | Ended


class TurnJudge(Protocol):
    """Says whether a speaker is done (models.smart_turn, or a test's numbers)."""

    def probability(self, began: int, speech_end: int, now: int) -> float:
        """Return the probability, 0 to 1, that nothing more is said in an utterance.

        began, speech_end, now: samples of the capture clock; it has been silent since speech_end.
        """
        ...
