from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import EngineFailed
from models.protocols import Float32Array, Steps
from models.whisper_decoding import Suppression, Written, open_reading, write
from models.whisper_vocabulary import MULTILINGUAL, Vocabulary, read_vocabulary
from tests.models.small_whisper import write_tokenizer


class Script:
    """Wants to write given tokens, one after each reading."""

    def __init__(self, *wishes: dict[int, float]) -> None:
        self.wishes = list(wishes)
        self.heard: list[list[int]] = []

    def read(self, tokens: list[int], *, wanted: int = 1) -> Float32Array:
        """Note the tokens and return the next wish."""
        self.heard.append(tokens)
        logits = np.zeros((wanted, MULTILINGUAL), np.float32)
        for token, logit in self.wishes.pop(0).items():
            logits[-1, token] = logit
        return logits


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    """Return a vocabulary of bytes."""
    return read_vocabulary(write_tokenizer(tmp_path / "tokenizer.json"), MULTILINGUAL)


def _finish(steps: Steps[Written]) -> tuple[Written, int]:
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, count
        count += 1


def _write(script: Script, vocabulary: Vocabulary, most_tokens: int = 50) -> tuple[Written, int]:
    return _finish(
        write(
            script,
            vocabulary,
            Suppression(vocabulary, MULTILINGUAL),
            language="es",
            most_tokens=most_tokens,
            longest_repeat=3,
        )
    )


def test_writes_until_the_end_token(vocabulary: Vocabulary) -> None:
    """Each pass reads the token before; a step is taken before each pass."""
    script = Script({ord("s"): 9}, {ord("i"): 9}, {vocabulary.end: 9})
    written, steps = _write(script, vocabulary)
    assert vocabulary.text(list(written.tokens)) == "si"
    assert script.heard == [vocabulary.prompt("es"), [ord("s")], [ord("i")]]
    assert steps == 3
    assert -0.1 < written.log_probability < 0


def test_blank_and_symbols_are_never_first(vocabulary: Vocabulary) -> None:
    """The likeliest token that may be written is taken, not the likeliest of all."""
    script = Script({vocabulary.end: 9, ord(" "): 8, ord("["): 7, ord("a"): 6}, {vocabulary.end: 9})
    written, _ = _write(script, vocabulary)
    assert vocabulary.text(list(written.tokens)) == "a"


def test_stops_at_the_longest_text(vocabulary: Vocabulary) -> None:
    """A model that does not end is ended."""
    script = Script(*({ord("a") + place: 9.0} for place in range(10)))
    written, _ = _write(script, vocabulary, most_tokens=4)
    assert len(written.tokens) == 4


def test_stops_as_soon_as_it_goes_round(vocabulary: Vocabulary) -> None:
    """A loop costs no more passes than it takes to see it."""
    script = Script(*({ord("a"): 9.0} for _ in range(50)))
    written, _ = _write(script, vocabulary)
    assert len(written.tokens) == 8


def test_chooses_among_the_users_languages(vocabulary: Vocabulary) -> None:
    """A language that nobody speaks here is not chosen, however likely."""
    languages = vocabulary.languages
    script = Script({languages["haw"]: 9, languages["es"]: 2, vocabulary.no_speech: 9})
    opening = open_reading(script, vocabulary, ("en", "es"), {})
    assert opening.language == "es"
    assert opening.language_probability == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-5)
    assert opening.no_speech_probability == pytest.approx(
        np.exp(9) / (2 * np.exp(9) + 51_863), abs=0.01
    )
    assert script.heard == [[vocabulary.start]]


def test_a_bias_tips_the_balance(vocabulary: Vocabulary) -> None:
    """The configured bias is added to a language's logit."""
    wish = {vocabulary.languages["en"]: 1.0}
    assert open_reading(Script(wish), vocabulary, ("es", "en"), {}).language == "en"
    assert open_reading(Script(wish), vocabulary, ("es", "en"), {"es": 1.5}).language == "es"


def test_says_when_the_model_knows_no_language(vocabulary: Vocabulary) -> None:
    """A model that speaks none of the user's languages fails by name."""
    with pytest.raises(EngineFailed, match="qu"):
        open_reading(Script({}), vocabulary, ("qu",), {})
