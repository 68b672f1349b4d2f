from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models.errors import EngineFailed
from models.protocols import Float32Array, Steps
from models.whisper_decoding import Draft, Opening, Suppression, Writer, Written
from models.whisper_vocabulary import MULTILINGUAL, Vocabulary, read_vocabulary
from tests.models.small_whisper import write_tokenizer

Wish = dict[int, float]


class Script:
    """Wants given logits at the start and after each token of a text, whatever was read."""

    def __init__(self, vocabulary: Vocabulary, start: Wish, *wishes: Wish) -> None:
        self._prompt = len(vocabulary.prompt("es"))
        self._wishes = [start, *({} for _ in range(self._prompt - 1)), *wishes]
        self.length = 0
        self.passes: list[list[int]] = []

    def read(self, tokens: Sequence[int], *, wanted: int = 1) -> Float32Array:
        """Note the tokens and return the wishes behind them."""
        self.passes.append(list(tokens))
        self.length += len(tokens)
        logits = np.zeros((wanted, MULTILINGUAL), np.float32)
        for row in range(wanted):
            place = self.length - wanted + row
            for token, logit in (self._wishes[place] if place < len(self._wishes) else {}).items():
                logits[row, token] = logit
        return logits

    def forget(self, count: int) -> None:
        """Go back."""
        self.length -= count


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    """Return a vocabulary of bytes."""
    return read_vocabulary(write_tokenizer(tmp_path / "tokenizer.json"), MULTILINGUAL)


def _finish(steps: Steps[tuple[Opening, Written]]) -> tuple[Opening, Written, int]:
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return *end.value, count
        count += 1


def _write(
    script: Script,
    vocabulary: Vocabulary,
    draft: str = "",
    *,
    language: str = "es",
    languages: tuple[str, ...] = ("es", "en"),
    bias: dict[str, float] | None = None,
    most_tokens: int = 50,
) -> tuple[Opening, Written, int]:
    writer = Writer(
        vocabulary,
        Suppression(vocabulary, MULTILINGUAL),
        languages=languages,
        language_bias=bias or {},
        most_tokens=most_tokens,
        longest_repeat=3,
    )
    return _finish(writer.write(script, Draft(language, tuple(draft.encode()))))


def _script(vocabulary: Vocabulary, text: str) -> Script:
    """Return a reader that hears Spanish, and `text`."""
    wishes = [{letter: 9.0} for letter in text.encode()]
    return Script(vocabulary, {vocabulary.languages["es"]: 3}, *wishes, {vocabulary.end: 9})


def test_writes_until_the_end_token(vocabulary: Vocabulary) -> None:
    """Each pass reads the token before; a step is taken before each pass but the first."""
    script = _script(vocabulary, "si")
    _, written, steps = _write(script, vocabulary)
    assert vocabulary.text(list(written.tokens)) == "si"
    head = [vocabulary.start, *vocabulary.prompt("es")]
    assert script.passes == [head, [ord("s")], [ord("i")]]
    assert steps == 2
    assert -0.1 < written.log_probability < 0


@pytest.mark.parametrize("draft", ["que hora es", "que hora es ya", "que hora"])
def test_a_right_draft_takes_one_pass(vocabulary: Vocabulary, draft: str) -> None:
    """What agrees is written at once, and what the draft lacks letter by letter."""
    script = _script(vocabulary, "que hora es")
    _, written, steps = _write(script, vocabulary, draft)
    assert vocabulary.text(list(written.tokens)) == "que hora es"
    assert steps == max(0, len("que hora es") - len(draft))


@pytest.mark.parametrize(
    "draft", ["", "x", "que ora es hoy", "Que hora es", "la hora es", "nada", "que que hora"]
)
def test_no_draft_changes_the_text(vocabulary: Vocabulary, draft: str) -> None:
    """A wrong draft is no more than time lost: the text and its probability stay."""
    _, plain, plain_steps = _write(_script(vocabulary, "que hora es"), vocabulary)
    _, written, steps = _write(_script(vocabulary, "que hora es"), vocabulary, draft)
    assert written == plain
    assert steps <= plain_steps


def test_finds_its_place_again(vocabulary: Vocabulary) -> None:
    """Behind one wrong word, the rest of the draft is used again, in longer and longer runs."""
    script = _script(vocabulary, "dime que hora es en Madrid")
    _, written, steps = _write(script, vocabulary, "dame que hora es en Madrid")
    assert vocabulary.text(list(written.tokens)) == "dime que hora es en Madrid"
    assert steps <= 5


def test_blank_and_symbols_are_never_first(vocabulary: Vocabulary) -> None:
    """The likeliest token that may be written is taken, not the likeliest of all."""
    wish = {vocabulary.end: 9.0, ord(" "): 8.0, ord("["): 7.0, ord("a"): 6.0}
    for draft in ("", "[", " a"):
        script = Script(vocabulary, {}, wish, {vocabulary.end: 9})
        _, written, _ = _write(script, vocabulary, draft)
        assert vocabulary.text(list(written.tokens)) == "a"


@pytest.mark.parametrize("draft", ["", "abcdefgh"])
def test_stops_at_the_longest_text(vocabulary: Vocabulary, draft: str) -> None:
    """A model that does not end is ended, and a draft goes no further."""
    _, written, _ = _write(_script(vocabulary, "abcdefgh"), vocabulary, draft, most_tokens=4)
    assert len(written.tokens) == 4


@pytest.mark.parametrize("draft", ["", 40 * "a"])
def test_stops_as_soon_as_it_goes_round(vocabulary: Vocabulary, draft: str) -> None:
    """A loop costs no more passes than it takes to see it."""
    _, written, _ = _write(_script(vocabulary, 50 * "a"), vocabulary, draft)
    assert len(written.tokens) == 8


def test_chooses_among_the_users_languages(vocabulary: Vocabulary) -> None:
    """A language that nobody speaks here is not chosen, however likely."""
    languages = vocabulary.languages
    start = {languages["haw"]: 9.0, languages["es"]: 2.0, vocabulary.no_speech: 9.0}
    script = Script(vocabulary, start, {ord("a"): 9}, {vocabulary.end: 9})
    opening, _, _ = _write(script, vocabulary, language="en", languages=("en", "es"))
    assert opening.language == "es"
    assert opening.language_probability == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-5)
    assert opening.no_speech_probability == pytest.approx(
        np.exp(9) / (2 * np.exp(9) + 51_863), abs=0.01
    )


def test_a_draft_in_the_wrong_language_is_dropped(vocabulary: Vocabulary) -> None:
    """The language is chosen as without a draft; the prompt is then read again."""
    script = _script(vocabulary, "si")
    opening, written, steps = _write(script, vocabulary, "see", language="en")
    assert opening.language == "es"
    assert vocabulary.text(list(written.tokens)) == "si"
    assert script.passes[1] == vocabulary.prompt("es")
    assert steps == 3


def test_a_bias_tips_the_balance(vocabulary: Vocabulary) -> None:
    """The configured bias is added to a language's logit."""
    start = {vocabulary.languages["en"]: 1.0}
    for bias, language in (({}, "en"), ({"es": 1.5}, "es")):
        script = Script(vocabulary, start, {vocabulary.end: 9})
        assert _write(script, vocabulary, bias=bias)[0].language == language


def test_says_when_the_model_knows_no_language(vocabulary: Vocabulary) -> None:
    """A model that speaks none of the user's languages fails by name."""
    with pytest.raises(EngineFailed, match="qu"):
        _write(Script(vocabulary, {}), vocabulary, languages=("qu",))
