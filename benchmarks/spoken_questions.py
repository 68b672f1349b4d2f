"""A written question in, what the recogniser hears when a voice asks it out."""

from __future__ import annotations

import msgspec

from benchmarks.tts_intelligibility import spoken as sound_of
from bus.frames import Transcript
from config.settings import Settings
from models.protocols import Float32Array
from models.sentence_encoder import open_sentence_encoder
from models.steps import finished
from models.transcribers import open_transcriber
from models.voices import Voices
from stages.spoken_text import spoken_text


class SpokenQuestions:
    """Speaks, listens, and tells what each question is about.

    spoken: False: what was written goes on as it is.
    """

    def __init__(self, settings: Settings, *, spoken: bool) -> None:
        talker = msgspec.structs.replace(settings.talker, resident=2)
        self._voices = Voices(msgspec.structs.replace(settings, talker=talker)) if spoken else None
        self._ears = open_transcriber(settings) if spoken else None
        self._encoder = open_sentence_encoder(settings)
        if self._voices is not None:
            self._voices.open()

    def transcript(self, text: str, language: str, number: int) -> Transcript:
        """Return the final transcript of a question, in a session of its own."""
        if self._voices is not None and self._ears is not None:
            heard = finished(self._ears.transcribe(self._sound(text, language)))
            text, language = heard.text, heard.language
        latent = () if self._encoder is None else self._encoder.embed(text).tolist()
        return Transcript(
            session=f"question-{number}",
            turn=1,
            revision=1,
            index=0,
            text=text,
            language=language,
            latent=tuple(latent),
            state="final",
        )

    def _sound(self, text: str, language: str) -> Float32Array:
        assert self._voices is not None
        voice = self._voices.voice(language)
        return sound_of(voice, spoken_text(text, language), seed=1)
