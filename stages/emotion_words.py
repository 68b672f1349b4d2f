"""An emotion vector and a language in, words for a prompt and a name for the voice out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from config.emotions import EMOTIONS, NEUTRAL

CERTAIN: Final = 0.6
"""Least share of an emotion that is spoken of. Of read speech, which has none, one clip in a
hundred reaches it, of acted emotions two in three (models/emotion/CARD.md). Unsure is neutral."""
COLOURING: Final = 0.2
"""Least share of a second one beside it."""

WORDS: Final = {
    "en": {
        "joy": "happy", "sadness": "sad", "anger": "angry", "fear": "afraid",
        "disgust": "disgusted", "boredom": "tired", "surprise": "surprised", "trust": "trusting",
        "anticipation": "expectant", "serenity": "calm", "interest": "interested",
        "annoyance": "annoyed", "pensiveness": "pensive", "apprehension": "worried",
    },
    "es": {
        "joy": "alegre", "sadness": "triste", "anger": "enfadada", "fear": "asustada",
        "disgust": "asqueada", "boredom": "cansada", "surprise": "sorprendida",
        "trust": "confiada", "anticipation": "expectante", "serenity": "tranquila",
        "interest": "interesada", "annoyance": "molesta", "pensiveness": "pensativa",
        "apprehension": "preocupada",
    },
}  # fmt: skip
"""How one says it of a voice, in Spanish "la voz". Boredom sounds like tiredness, which is
likelier at home."""


def feeling(emotion: Sequence[float]) -> str:
    """Return the name of the one emotion that is certain, of `EMOTIONS`; "" for none.

    emotion: as in `Transcript.emotion`; may be empty.
    """
    found = _felt(emotion)
    return found[0] if found else ""


def decode(emotion: Sequence[float], language: str) -> tuple[str, ...]:
    """Return words for how something was said, the strongest first; () for neutral or unsure.

    emotion: as in `Transcript.emotion`; may be empty. language: ISO 639-1 code; English words for
    languages that have none.
    """
    words = WORDS.get(language, WORDS["en"])
    return tuple(words[name] for name in _felt(emotion))


def _felt(emotion: Sequence[float]) -> list[str]:
    shares = {
        name: share for name, share in zip(EMOTIONS, emotion, strict=False) if name != NEUTRAL
    }
    felt = sorted((name for name in shares if shares[name] >= COLOURING), key=lambda n: -shares[n])
    return felt if felt and shares[felt[0]] >= CERTAIN else []
