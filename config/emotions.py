"""The names of the emotion vector's dimensions, in its order, and which of them are ever heard.

Neutral, and fourteen emotions of Plutchik's wheel: the eight primary ones and six of their milder
forms (R. Plutchik, "A general psychoevolutionary theory of emotion", 1980).
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

Emotion: TypeAlias = Literal[
    "neutral", "joy", "sadness", "anger", "fear", "disgust", "boredom",
    "surprise", "trust", "anticipation", "serenity", "interest", "annoyance", "pensiveness",
    "apprehension",
]  # fmt: skip

EMOTIONS: Final[tuple[str, ...]] = get_args(Emotion)
NEUTRAL: Final = EMOTIONS[0]

HEARD: Final = EMOTIONS[:7]
"""Those that labelled recordings support."""

UNHEARD: Final = EMOTIONS[7:]
"""Those that no recording supports yet: they are always 0, not invented."""
