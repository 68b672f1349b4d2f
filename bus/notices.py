"""What the user is told when there is no answer: a reason and a language in, a sentence out."""

from __future__ import annotations

from typing import Final, Literal

Why = Literal[
    "deadline", "redelivered", "backlog", "interrupted",
    "encoder_lost", "thinker_lost", "talker_lost",
]  # fmt: skip
"""deadline: it took too long; redelivered: workers died of it; backlog: a worker takes nothing;
interrupted: part of the question was not heard; lost: a stage is down for good."""

_SENTENCES: Final[dict[str, dict[Why, str]]] = {
    "en": {
        "deadline": "Sorry, this is taking me too long. Please ask me again.",
        "redelivered": "Sorry, something in me broke over that. Please ask me another way.",
        "backlog": "Sorry, I cannot keep up right now. Please ask me again in a moment.",
        "interrupted": "Sorry, I missed part of what you said. Please say it again.",
        "encoder_lost": "I cannot understand speech right now. Please restart me.",
        "thinker_lost": "I cannot think right now. Please restart me.",
        "talker_lost": "I have lost my voice. Please restart me.",
    },
    "es": {
        "deadline": "Perdona, estoy tardando demasiado. Pregúntamelo otra vez, por favor.",
        "redelivered": "Perdona, algo ha fallado en mí. Dímelo de otra manera, por favor.",
        "backlog": "Perdona, ahora mismo no doy abasto. Pregúntamelo dentro de un momento.",
        "interrupted": "Perdona, me he perdido una parte. ¿Puedes repetirlo?",
        "encoder_lost": "No puedo entender lo que dices ahora mismo. Reiníciame, por favor.",
        "thinker_lost": "No puedo pensar ahora mismo. Reiníciame, por favor.",
        "talker_lost": "Me he quedado sin voz. Reiníciame, por favor.",
    },
}

ON_FILE: Final[tuple[Why, ...]] = ("encoder_lost", "thinker_lost", "talker_lost")
"""Recorded in config/lines, so that they need no voice. Who changes a sentence records it anew."""


def sentence(why: Why, language: str, languages: tuple[str, ...]) -> tuple[str, str]:
    """Return what to say, and the language it is in.

    language: the turn's, empty where nothing was understood; languages: the user's, best first.
    English where none of them is known.
    """
    for code in (language, *languages):
        if code in _SENTENCES:
            return _SENTENCES[code][why], code
    return _SENTENCES["en"][why], "en"
