from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from models.errors import ContextFull, EngineFailed, ModelMissing
from models.llama import LlamaModel
from models.protocols import ChatMessage, Float32Array, ModelState
from models.store import ModelStore
from tests.models.language_files import sampling, thinker, write_tiny_lfm2

QUESTION = [
    ChatMessage("system", "You are a helpful voice assistant. Answer in one sentence."),
    ChatMessage("user", "What is the capital of France?"),
]


@pytest.fixture(scope="module")
def smollm2(store: ModelStore) -> Path:
    """Return a real model that knows some English."""
    return store.files("smollm2-135m")["model"]


@pytest.fixture(scope="module", params=["transformer", "hybrid"])
def model(
    request: pytest.FixtureRequest, smollm2: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LlamaModel]:
    """Return an engine of each kind of memory: attention only, and LFM2's mixture."""
    path = smollm2
    if request.param == "hybrid":
        path = write_tiny_lfm2(tmp_path_factory.mktemp("gguf"), smollm2)
    opened = LlamaModel(path, thinker())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def speaker(smollm2: Path) -> Iterator[LlamaModel]:
    """Return the model that knows some English."""
    opened = LlamaModel(smollm2, thinker())
    yield opened
    opened.close()


def _read(model: LlamaModel, text: str) -> int:
    return sum(1 for _ in model.read(model.tokenize(text)))


def _begin(model: LlamaModel) -> None:
    model.restore(None)
    _read(model, model.render(QUESTION, answer=True))


def _answer(model: LlamaModel, *, temperature: float = 0.8, seed: int = 7) -> str:
    pieces = model.generate(sampling(temperature=temperature, seed=seed))
    return "".join(piece or "" for piece in pieces)


def test_a_question_is_answered(speaker: LlamaModel) -> None:
    """A real model says the likeliest thing, and ends by itself."""
    _begin(speaker)
    assert "Paris" in _answer(speaker, temperature=0.0)
    assert speaker.room_tokens > 0


def test_the_same_state_and_seed_give_the_same_text(model: LlamaModel) -> None:
    """And another seed gives another."""
    _begin(model)
    state = model.save()
    first = _answer(model)
    model.restore(state)
    assert _answer(model) == first
    model.restore(state)
    assert _answer(model, seed=8) != first


def test_a_restored_state_goes_on_to_the_bit(model: LlamaModel) -> None:
    """What was read in between leaves no trace, in tokens, logits or memory."""
    _begin(model)
    state = model.save()
    _read(model, " Now something else, at some length, about cats and dogs.")
    _answer(model)
    model.restore(state)
    assert model.tokens == state.tokens
    assert model.save() == state
    _read(model, " And now?")
    after = model.save()
    model.restore(state)
    _read(model, " And now?")
    assert model.save() == after


def test_a_state_is_cut_back_to_the_bit(model: LlamaModel) -> None:
    """As if what was read and drawn behind the mark had never been."""
    _begin(model)
    mark = model.mark()
    _read(model, " And now?")
    expected = model.save()
    for text in (" Now something else, at some length, about cats and dogs.", " No."):
        model.cut_back(mark)
        _read(model, text)
        _answer(model)
    model.cut_back(mark)
    _read(model, " And now?")
    assert model.save() == expected


def test_a_mark_does_not_grow_with_the_conversation(model: LlamaModel) -> None:
    """There are thirty of them at a time, and a state of a long one holds megabytes."""
    _begin(model)
    early = model.mark()
    _read(model, " And now?" * 60)
    assert len(model.mark().data) == len(early.data)
    assert len(model.save().data) > 2 * len(early.data)


def test_marks_outlive_a_state_that_is_saved_and_restored(model: LlamaModel) -> None:
    """Only what was read before them counts."""
    _begin(model)
    mark = model.mark()
    _read(model, " And now?")
    whole = model.save()
    model.restore(None)
    _read(model, "Something else.")
    model.restore(whole)
    model.cut_back(mark)
    _read(model, " And now?")
    assert model.save() == whole


def test_nothing_is_cut_back_to_what_was_not_read(model: LlamaModel) -> None:
    """The state stays as it was."""
    _begin(model)
    mark = model.mark()
    model.restore(None)
    _read(model, "No.")
    before = model.save()
    with pytest.raises(EngineFailed, match="cut back"):
        model.cut_back(mark)
    assert model.save() == before


def test_what_is_read_for_more_is_not_drawn_from(model: LlamaModel) -> None:
    """The state behind it is the same; an answer needs one more token."""
    _begin(model)
    mark = model.mark()
    tokens = model.tokenize(" And now?")
    for _ in model.read(tokens):
        pass
    expected = model.save()
    model.cut_back(mark)
    for _ in model.read(tokens, more=True):
        pass
    saved = model.save()
    assert (saved.tokens, saved.data) == (expected.tokens, expected.data)
    model.restore(saved)
    with pytest.raises(EngineFailed, match="read one first"):
        next(iter(model.generate(sampling())))


def test_nothing_read_is_a_state_too(model: LlamaModel) -> None:
    """A model that forgot everything is as one just loaded."""
    model.restore(None)
    assert model.save() == ModelState((), b"")
    _begin(model)
    first = model.save()
    _answer(model)
    _begin(model)
    assert model.save() == first


def test_an_answer_taken_up_in_its_middle_goes_on_as_it_would_have(model: LlamaModel) -> None:
    """The draw depends on the position, not on how many draws this process has made."""
    _begin(model)
    before = len(model.tokens)
    for _ in model.generate(sampling(most_tokens=13)):
        pass
    drawn = model.tokens
    _begin(model)
    for _ in model.generate(sampling(most_tokens=6)):
        pass
    for _ in model.generate(sampling(most_tokens=8)):
        pass
    _begin(model)
    for _ in model.read(drawn[before : before + 5]):
        pass
    for _ in model.generate(sampling(most_tokens=8)):
        pass
    assert model.tokens == drawn


def test_reading_goes_in_bounded_steps(model: LlamaModel) -> None:
    """Between two batches the worker can beat."""
    model.restore(None)
    tokens = model.tokenize("word " * 100)
    steps = sum(1 for _ in model.read(tokens))
    assert steps == -(-len(tokens) // 32)


def test_a_prompt_that_does_not_fit_is_refused_before_it_is_read(model: LlamaModel) -> None:
    """The line names the setting; the state stays as it was."""
    _begin(model)
    before = model.tokens
    with pytest.raises(ContextFull, match=r"thinker\.context_tokens = 512"):
        model.read(list(range(100, 613)))
    assert model.tokens == before


class _Talkative:
    """Never comes to an end."""

    def choose(self, logits: Float32Array, tokens: Sequence[int]) -> int:
        del logits
        return 100 + len(tokens) % 2


def test_an_answer_never_overflows_the_context(model: LlamaModel) -> None:
    """The last token that fits is read; the next one is refused."""
    model.restore(None)
    for _ in model.read([100] * 500):
        pass
    with pytest.raises(ContextFull):
        for _ in model.answer(_Talkative(), most_tokens=60):
            pass
    assert len(model.tokens) == 512


def test_nothing_is_said_before_anything_is_read(model: LlamaModel) -> None:
    """There is no answer without a prompt."""
    model.restore(None)
    with pytest.raises(EngineFailed, match="read one first"):
        next(iter(model.generate(sampling())))


def test_a_state_of_another_model_is_refused(model: LlamaModel) -> None:
    """Nothing of it is kept."""
    _begin(model)
    state = model.save()
    with pytest.raises(EngineFailed, match="another model"):
        model.restore(ModelState(state.tokens, state.data[: len(state.data) // 2]))
    assert model.tokens == ()
    model.restore(state)
    assert model.save() == state


def test_a_stop_string_ends_the_answer_unsaid(speaker: LlamaModel) -> None:
    """Not even its beginning is yielded."""
    _begin(speaker)
    pieces = speaker.generate(msgspec.structs.replace(sampling(temperature=0.0), stop=("Paris",)))
    text = "".join(piece or "" for piece in pieces)
    assert text.strip()
    assert "Pa" not in text


def test_a_generation_can_be_left_and_the_model_used_again(model: LlamaModel) -> None:
    """As the worker does when a turn is cancelled."""
    _begin(model)
    state = model.save()
    expected = _answer(model)
    model.restore(state)
    generation = model.generate(sampling())
    next(iter(generation))
    model.restore(state)
    assert _answer(model) == expected


def test_sequences_begin_with_the_first_token_the_model_wants(model: LlamaModel) -> None:
    """Once, whether its template writes it or not."""
    text = model.render(QUESTION, answer=False)
    first = model.vocabulary.first_text
    assert text.startswith(first)
    assert not first or not text.removeprefix(first).startswith(first)


def test_settings_without_flash_attention_work(smollm2: Path) -> None:
    """Models that cannot have it run with 16-bit keys and values."""
    model = LlamaModel(smollm2, thinker(flash_attention=False, kv_type="f16", threads=1))
    _begin(model)
    assert _answer(model, temperature=0.0)
    model.close()
    model.close()


def test_the_caller_keeps_all_its_cores(speaker: LlamaModel) -> None:
    """Processes started between two steps do not inherit a single core."""
    before = os.sched_getaffinity(0)
    _begin(speaker)
    assert os.sched_getaffinity(0) == before


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With the command that fetches it."""
    with pytest.raises(ModelMissing, match=r"nothing\.gguf"):
        LlamaModel(tmp_path / "nothing.gguf", thinker())


@pytest.mark.parametrize("size", [0, 100, 1_000_000])
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, smollm2: Path, size: int) -> None:
    """A file cut short says what llama.cpp made of it."""
    path = tmp_path / "cut.gguf"
    with smollm2.open("rb") as whole:
        path.write_bytes(whole.read(size))
    with pytest.raises(EngineFailed, match=r"cut\.gguf: llama\.cpp cannot load it") as refused:
        LlamaModel(path, thinker())
    assert "\n" not in str(refused.value)
