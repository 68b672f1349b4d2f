"""The sound of an utterance in, its words out: Whisper on onnxruntime, with its own doubts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct

from config.stage_settings import Encoder
from models.emotion.head import EmotionHead
from models.heap_trim import give_back
from models.log_mel import SAMPLE_RATE, log_mel
from models.protocols import Float32Array, Hypothesis, Steps
from models.sound_windows import windows
from models.transcript_guards import Evidence, doubt
from models.whisper_decoding import Draft, Opening, Suppression, Writer, Written
from models.whisper_passes import Impression, WhisperPasses

LONGEST_WINDOW_S: Final = 28
"""Of the model's 30 s; the last 2 s stay silent, without which it does not find the end."""
_SHORTEST_SAMPLES: Final = SAMPLE_RATE // 20
"""50 ms: below, there is no word."""
_LONG_SAMPLES: Final = 10 * SAMPLE_RATE
"""Encoding more than this leaves so much freed memory that it is not kept while writing."""
_LOOPS: Final = ("repetition", "compression")
"""Doubts after which the tokens are no guess at what will be heard next."""
_LEAST_WORDS: Final = 3
"""Fewer have no melody that an emotion could be heard in."""
_MOST_TOKENS_PER_S: Final = 12
_FEWEST_MOST_TOKENS: Final = 16
"""Nobody speaks more tokens: fast Spanish has 8 a second. Beyond, the model invents."""


class _Attempt(Struct, frozen=True):
    """One decoding of one window."""

    opening: Opening
    written: Written
    text: str
    doubt: str
    samples: int
    emotion: tuple[float, ...]


class WhisperTranscriber:
    """Writes down speech in one of the configured languages; implements `Transcriber`.

    folder: as `models.whisper_export` writes it. languages: those the user speaks.
    emotion: what hears how something is said; None: nobody. It must fit the model.
    Raises ModelMissing, EngineFailed.
    """

    def __init__(
        self,
        folder: Path,
        settings: Encoder,
        languages: tuple[str, ...],
        emotion: EmotionHead | None = None,
    ) -> None:
        self._settings = settings
        self._languages = languages
        self.passes = WhisperPasses(folder, threads=settings.threads)
        fits = emotion is not None and emotion.width == self.passes.shape.width
        self._emotion = emotion if fits else None
        self._vocabulary = self.passes.description.vocabulary
        self._suppression = Suppression(self._vocabulary, self.passes.shape.vocabulary)
        self._language = languages[0]
        """The last one spoken: the next utterance is likely to be in it."""

    def transcribe(
        self, samples: Float32Array, draft: Hypothesis | None = None, *, hasty: bool = False
    ) -> Steps[Hypothesis]:
        """Return the words spoken in `samples`; yields None between passes of the model.

        samples: shape (n,), float32 in [-1, 1], mono, 16 kHz, of any length: more than
        LONGEST_WINDOW_S is heard window by window, in the language of the first.
        draft: what was heard in an earlier part of it: the same words come out, sooner.
        hasty: a doubtful text is not tried again with more silence.
        Raises EngineFailed when the runtime rejects the input.
        """
        guess = Draft(self._language)
        if draft is not None:
            guess = Draft(draft.language, draft.tokens)
        attempts: list[_Attempt] = []
        languages = self._languages
        for window in windows(samples, LONGEST_WINDOW_S * SAMPLE_RATE):
            if len(window) < _SHORTEST_SAMPLES:
                continue
            attempt = yield from self._hear(window, languages, guess, hasty=hasty)
            attempts.append(attempt)
            guess = Draft(attempt.opening.language)
            if not attempt.doubt:
                self._language = attempt.opening.language
                languages = (self._language,)
        return _joined(attempts, self._languages[0])

    def _hear(
        self, window: Float32Array, languages: tuple[str, ...], draft: Draft, *, hasty: bool
    ) -> Steps[_Attempt]:
        """Try with the usual silence behind the words, and with more if the text is doubtful."""
        settings = self._settings
        silence = settings.silence_positions
        attempt = yield from self._attempt(window, languages, draft, silence, hasty=hasty)
        if hasty or attempt.doubt in ("", "blank"):
            return attempt
        more = settings.retry_silence_positions
        return (yield from self._attempt(window, languages, draft, more, hasty=False))

    def listen(self, window: Float32Array, silence_positions: int) -> Impression:
        """Encode one window, with so much silence behind it. Raises EngineFailed."""
        mel = log_mel(window, self.passes.shape.bands)
        return self.passes.listen(mel, silence_positions=silence_positions)

    def _attempt(
        self,
        window: Float32Array,
        languages: tuple[str, ...],
        draft: Draft,
        silence_positions: int,
        *,
        hasty: bool,
    ) -> Steps[_Attempt]:
        vocabulary, guards = self._vocabulary, self._settings.guards
        impression = self.listen(window, silence_positions)
        emotion = () if hasty else self._feeling(window, impression)
        memory = impression.memory
        del impression
        if len(window) > _LONG_SAMPLES:
            give_back()
        yield
        writer = Writer(
            vocabulary,
            self._suppression,
            languages=languages,
            language_bias=self._settings.language_bias,
            most_tokens=_most_tokens(len(window)),
            longest_repeat=guards.longest_repeat,
        )
        opening, written = yield from writer.write(self.passes.begin(memory), draft)
        text = vocabulary.text(list(written.tokens))
        evidence = Evidence(
            text=text,
            tokens=written.tokens,
            log_probability=written.log_probability,
            no_speech_probability=opening.no_speech_probability,
        )
        if len(text.split()) < _LEAST_WORDS:
            emotion = ()
        return _Attempt(opening, written, text, doubt(evidence, guards), len(window), emotion)

    def _feeling(self, window: Float32Array, heard: Impression) -> tuple[float, ...]:
        return self._emotion.hear(window, heard.mel, heard.middle) if self._emotion else ()


def _most_tokens(samples: int) -> int:
    return max(_FEWEST_MOST_TOKENS, samples * _MOST_TOKENS_PER_S // SAMPLE_RATE)


def _joined(attempts: list[_Attempt], language: str) -> Hypothesis:
    """Make one hypothesis of the windows; doubtful ones are left out."""
    if not attempts:
        return Hypothesis(
            text="",
            language=language,
            language_probability=0.0,
            log_probability=0.0,
            no_speech_probability=1.0,
            suppressed="blank",
        )
    believed = [each for each in attempts if not each.doubt]
    shown = believed or attempts
    tokens = sum(len(each.written.tokens) + 1 for each in shown)
    total = sum(each.written.log_probability * (len(each.written.tokens) + 1) for each in shown)
    return Hypothesis(
        text=" ".join(each.text for each in believed),
        language=shown[0].opening.language,
        language_probability=shown[0].opening.language_probability,
        log_probability=total / tokens,
        no_speech_probability=min(each.opening.no_speech_probability for each in shown),
        suppressed="" if believed else attempts[0].doubt,
        tokens=() if attempts[0].doubt in _LOOPS else attempts[0].written.tokens,
        # Of several windows the longest tells most of how it was said.
        emotion=max(believed, key=lambda each: each.samples).emotion if believed else (),
    )
