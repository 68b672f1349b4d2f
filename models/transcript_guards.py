"""A decoded text and its evidence in, a reason not to believe it out, or none."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from config.stage_settings import Guards
from models.folding import folded

Doubt: TypeAlias = Literal["", "blank", "repetition", "compression", "unlikely", "phantom"]

SHORTEST_LOOP_TOKENS: Final = 8
"""A repeated run shorter than this may have been said: "no, no, no, no", a telephone number."""
_LONGEST_PATTERN_TOKENS: Final = 24
_LEAST_COMPRESSED_CHARACTERS: Final = 40
"""Shorter texts say nothing by their compression."""

_PHANTOMS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(muchas )?gracias( por (ver|su atencion|la atencion|todo|el video).*)?",
        r"(no olvides )?suscrib\w+.*",
        r".*\b(subtitulos|subtitulado|amara org|qtss|closed captions?|subtitles by)\b.*",
        r"(thank you|thanks)( (so|very) much)?( for (watching|listening|your attention).*)?",
        r"(please )?(like and )?subscribe.*",
        r"(ill )?see you (next time|in the next.*)",
        r"(hasta la proxima|nos vemos en el proximo.*)",
        r"(musica|aplausos|risas|music|applause|laughter|silence|the end|fin)",
        r"(you|bye|bye bye|oh|ah|hmm?|mm+|okay|so)",
    )
)
"""What Whisper writes of noise, music and silence: the ends and subtitles of the films it learnt
from. Texts of this kind need better evidence than others."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What is known of one decoded text."""

    text: str
    tokens: tuple[int, ...]
    log_probability: float
    """Mean over tokens and end."""
    no_speech_probability: float


def doubt(evidence: Evidence, guards: Guards) -> Doubt:
    """Return why the text is not believed; empty: it is."""
    if not evidence.text.strip(" .,;:!?-\u2026\u00a1\u00bf"):
        return "blank"
    if loop_start(evidence.tokens, guards.longest_repeat) is not None:
        return "repetition"
    if compression(evidence.text) > guards.most_compression:
        return "compression"
    silence = evidence.no_speech_probability - guards.no_speech_probability
    margin = evidence.log_probability - guards.no_speech_slope * silence
    if margin < guards.least_log_probability:
        return "unlikely"
    if margin < guards.phantom_log_probability and is_phantom(evidence.text):
        return "phantom"
    return ""


def loop_start(tokens: Sequence[int], longest_repeat: int) -> int | None:
    """Return where the tokens begin to go round in a circle at their end, or None.

    longest_repeat: how often a pattern may follow itself; a run below SHORTEST_LOOP_TOKENS never
    is a loop.
    """
    for size in range(1, min(_LONGEST_PATTERN_TOKENS, len(tokens) // 2) + 1):
        run = _run_at_end(tokens, size)
        if run // size > longest_repeat and run >= SHORTEST_LOOP_TOKENS:
            return len(tokens) - run
    return None


def _run_at_end(tokens: Sequence[int], size: int) -> int:
    """Return how many tokens at the end are made of the last `size` ones again and again."""
    run = size
    while run + size <= len(tokens) and list(
        tokens[len(tokens) - run - size : len(tokens) - run]
    ) == list(tokens[len(tokens) - size :]):
        run += size
    return run


def compression(text: str) -> float:
    """Return how many times smaller zlib makes the text; 1 for a short one."""
    data = text.encode()
    if len(data) < _LEAST_COMPRESSED_CHARACTERS:
        return 1.0
    return len(data) / len(zlib.compress(data))


def is_phantom(text: str) -> bool:
    """Tell whether Whisper is known to write `text` where nobody speaks."""
    words = re.sub(r"[^\w]+", " ", folded(text).replace("'", "")).strip()
    return any(pattern.fullmatch(words) for pattern in _PHANTOMS)
