from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.llama import LlamaModel
from models.protocols import ChatMessage, ModelState
from models.state_files import StateFiles
from models.store import ModelStore
from stages.prompt_cache import Plan, PromptCache
from stages.question import Question
from tests.models.language_files import thinker, write_tiny_lfm2

HEAD = [
    ChatMessage("system", "You are a helpful voice assistant. Answer in one short sentence."),
    ChatMessage("user", "Hello, are you there?"),
    ChatMessage("assistant", "I am. What can I do for you?"),
]
OTHER_HEAD = [ChatMessage("system", "Eres un asistente de voz. Responde con una frase corta.")]
WORDS = "What is the name of the river that flows through the old town of Sevilla?"


@pytest.fixture(scope="module", params=["transformer", "hybrid"])
def model(
    request: pytest.FixtureRequest, store: ModelStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LlamaModel]:
    path = store.files("smollm2-135m")["model"]
    if request.param == "hybrid":
        path = write_tiny_lfm2(tmp_path_factory.mktemp("gguf"), path)
    opened = LlamaModel(path, thinker())
    yield opened
    opened.close()


@pytest.fixture
def cache(model: LlamaModel, tmp_path: Path, store: ModelStore) -> PromptCache:
    return PromptCache(model, _files(store, tmp_path))


def read(cache: PromptCache, plan: Plan) -> int:
    return sum(1 for _ in cache.read(plan))


def warm(cache: PromptCache) -> int:
    steps = 0
    while cache.cold:
        cache.warm()
        steps += 1
    return steps


def state(model: LlamaModel, cache: PromptCache, words: str = WORDS) -> ModelState:
    """Return the state behind a prompt that is read from its first token."""
    model.restore(None)
    fresh = PromptCache(model, cache._files)
    read(fresh, fresh.plan(HEAD, Question(words)))
    return model.save()


def test_words_read_while_they_are_said_change_nothing(
    model: LlamaModel, cache: PromptCache
) -> None:
    """In whatever steps, with whatever was misheard in between: the state is equal to the bit."""
    expected = state(model, cache)
    words = WORDS.split()
    for seed in range(3):
        chance = random.Random(seed)  # noqa: S311 - any order will do
        cache = PromptCache(model, cache._files)
        for count in range(1, len(words)):
            heard = words[:count]
            if chance.random() < 0.4:
                heard[-1] = chance.choice(["uh", "rivers", "flowers", "Severn."])
            stable = " ".join(words[: max(0, count - chance.randrange(4))])
            head = OTHER_HEAD if chance.random() < 0.1 else HEAD
            plan = cache.early_plan(head, Question(" ".join(heard)), stable)
            for _ in range(chance.randrange(8)):
                cache.advance(plan)
        read(cache, cache.plan(HEAD, Question(WORDS)))
        assert model.save() == expected


def test_known_words_are_not_read_again(cache: PromptCache) -> None:
    """The last batch is all that is left at the end of an utterance; a mark leads back."""
    early = cache.early_plan(HEAD, Question(WORDS), WORDS)
    while cache.advance(early):
        pass
    plan = cache.plan(HEAD, Question(WORDS))
    assert read(cache, plan) == 1
    assert cache.reach(plan) == len(plan.batches) - 1, "the answer is drawn behind it"
    other = cache.plan(HEAD, Question(WORDS.removesuffix("?") + ", please?"))
    assert read(cache, other) == 1 + len(other.batches) - len(plan.batches)


def test_what_was_cut_off_is_read_again_from_there(cache: PromptCache) -> None:
    """Of a long answer that was presumed to be heard, not what was heard of it."""
    heard = "The river is long and blue, and it comes from the hills in the north. " * 4
    asked = ChatMessage("user", "Which river is it?")
    cache.want([[*HEAD, asked, ChatMessage("assistant", heard + "It ends in the sea." * 4)]])
    warm(cache)
    cut = cache.plan([*HEAD, asked, ChatMessage("assistant", heard)], Question(WORDS))
    assert cache.reach(cut) >= cut.head - 2


def test_notes_are_read_while_the_words_are_said(model: LlamaModel, cache: PromptCache) -> None:
    """Behind the head that is at hand; the mood is known last, and changes no bit of the rest."""
    asked = Question(WORDS, before="Notes:\n- The river is the Guadalquivir.\n", after=" (sad)")
    model.restore(None)
    fresh = PromptCache(model, cache._files)
    read(fresh, fresh.plan(HEAD, asked))
    expected = model.save()
    cache.want([HEAD])
    warm(cache)
    cache.plan(OTHER_HEAD, Question("Why?"))
    early = cache.early_plan(HEAD, Question(WORDS, asked.before), WORDS)
    assert cache.reach(early) == early.head
    while cache.advance(early):
        pass
    assert read(cache, cache.plan(HEAD, asked)) == 1
    assert model.save() == expected


def test_a_word_taken_back_costs_only_its_batch(cache: PromptCache) -> None:
    """What was read before it is still there."""
    for heard in ("What is the name of the flower now", "What is the name of the river now"):
        early = cache.early_plan(HEAD, Question(heard), heard)
        steps = 0
        while cache.advance(early):
            steps += 1
    assert steps == 1


def test_the_last_word_is_not_read_before_it_is_certain(cache: PromptCache) -> None:
    """It is the one most often misheard, for it is cut off."""
    certain = cache.early_plan(HEAD, Question("What is the name o"), "What is the name")
    assert (
        certain.batches
        == cache.early_plan(HEAD, Question("What is the name of"), "What is").batches
    )
    assert len(cache.early_plan(HEAD, Question("What is the"), "What is the").batches) < len(
        certain.batches
    )
    assert len(cache.early_plan(HEAD, Question("What is the name"), "").batches) == certain.head


def test_heads_are_at_hand(cache: PromptCache) -> None:
    """Of every language, however often it changes, and with what is said later on."""
    cache.keep(OTHER_HEAD)
    cache.want([HEAD, OTHER_HEAD])
    warm(cache)
    longer = [*HEAD, ChatMessage("user", "Who am I?"), ChatMessage("assistant", "You are you.")]
    for head in (HEAD, OTHER_HEAD, HEAD):
        plan = cache.plan(head, Question("Why?"))
        assert read(cache, plan) == len(plan.batches) - plan.head
    plan = cache.plan(longer, Question("Why?"))
    assert cache.reach(plan) >= cache.plan(HEAD, Question("Why?")).head - 1
    cache.want([longer])
    warm(cache)
    assert read(cache, plan) == len(plan.batches) - plan.head


def test_the_likeliest_head_is_read_first(cache: PromptCache) -> None:
    """And the model stands behind it: of the others nothing is read yet."""
    cache.want([HEAD, OTHER_HEAD])
    while cache.lacks_likeliest:
        cache.warm()
    plan = cache.plan(HEAD, Question("Why?"))
    assert cache._line.reach(plan.batches) == plan.head
    assert cache.cold
    warm(cache)
    cache.want([HEAD, OTHER_HEAD])
    assert not cache.lacks_likeliest


def test_a_head_at_hand_is_not_wanted_again(cache: PromptCache) -> None:
    """It is neither read nor saved once more, only what is new is."""
    cache.want([HEAD, OTHER_HEAD])
    warm(cache)
    cache.want([OTHER_HEAD, HEAD])
    assert not cache.cold
    cache.want([[*HEAD, ChatMessage("user", "Who am I?")], OTHER_HEAD])
    assert cache.cold


def test_a_persona_is_read_once(model: LlamaModel, cache: PromptCache) -> None:
    """The next start finds its state."""
    cache.keep(OTHER_HEAD)
    assert warm(cache) > 1
    later = PromptCache(model, cache._files)
    later.keep(OTHER_HEAD)
    assert warm(later) == 0
    assert later.reach(later.plan(OTHER_HEAD, Question("Why?"))) > 0


def test_a_successor_does_not_read_the_conversation(
    model: LlamaModel, store: ModelStore, tmp_path: Path
) -> None:
    """It finds the head that was read, and makes the same state of what follows."""
    expected = state(model, PromptCache(model, _files(store, tmp_path / "none")))
    before = PromptCache(model, _files(store, tmp_path), _files(store, tmp_path / "legacy"))
    before.want([HEAD])
    warm(before)
    model.restore(None)
    after = PromptCache(model, _files(store, tmp_path), _files(store, tmp_path / "legacy"))
    plan = after.plan(HEAD, Question(WORDS))
    assert read(after, plan) == len(plan.batches) - plan.head
    assert model.save() == expected


def _files(store: ModelStore, folder: Path) -> StateFiles:
    return StateFiles(folder, store.files("smollm2-135m")["model"], thinker())


def test_an_answer_is_gone_on_with(model: LlamaModel, cache: PromptCache) -> None:
    """After other words were read in between, and back to the words before it afterwards."""
    plan = cache.plan(HEAD, Question(WORDS))
    read(cache, plan)
    for _ in model.read(model.tokenize(" It is")):
        pass
    expected, parked = model.save(), cache.park()
    read(cache, cache.plan(OTHER_HEAD, Question("Otra cosa.")))
    cache.unpark(parked)
    assert model.save() == expected
    assert cache.reach(plan) == len(plan.batches) - 1
