from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from models.errors import EngineFailed
from models.store import ModelStore
from models.whisper_vocabulary import MULTILINGUAL, read_vocabulary
from tests.models.small_whisper import VOCABULARY, write_tokenizer

SENTENCES = ("What time is it?", "¿Qué hora es, señor? 25 años…", "naïve 日本 🙂")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_decodes_as_the_tokenizer_does(store: ModelStore, sentence: str) -> None:
    """Tokens of any script become the text they came from."""
    path = store.files("whisper-tiny")["tokenizer"]
    vocabulary = read_vocabulary(path, MULTILINGUAL - 1)
    tokens = Tokenizer.from_file(str(path)).encode(sentence, add_special_tokens=False).ids
    assert vocabulary.text(tokens) == sentence


def test_an_english_model_knows_no_languages(store: ModelStore) -> None:
    """One token less than multilingual models have: no language is asked for."""
    path = store.files("whisper-tiny")["tokenizer"]
    vocabulary = read_vocabulary(path, MULTILINGUAL - 1)
    assert vocabulary.languages == {}
    assert vocabulary.prompt("en") == [vocabulary.no_timestamps]


def test_a_multilingual_prompt_names_language_and_task(store: ModelStore) -> None:
    """Language, task and no timestamps, in the order the model was trained on."""
    vocabulary = read_vocabulary(store.files("whisper-tiny")["tokenizer"], MULTILINGUAL)
    prompt = vocabulary.prompt("es")
    assert prompt == [
        vocabulary.languages["es"],
        vocabulary.transcribe,
        vocabulary.no_timestamps,
    ]


def test_symbols_are_unwanted_and_words_are_not(tmp_path: Path) -> None:
    """Brackets, notes and special tokens are never written; letters, hyphens, stops are."""
    vocabulary = read_vocabulary(write_tokenizer(tmp_path / "tokenizer.json"), VOCABULARY)
    unwanted = set(vocabulary.unwanted)
    assert {ord("("), ord("["), ord("#")} <= unwanted
    assert unwanted.isdisjoint({ord("a"), ord("-"), ord("'"), ord("."), vocabulary.end})
    assert {vocabulary.start, vocabulary.no_speech, VOCABULARY - 1} <= unwanted
    assert vocabulary.blank == (ord(" "), vocabulary.end)


def test_broken_utf8_is_no_error(tmp_path: Path) -> None:
    """A text that ends within a letter keeps what is whole."""
    vocabulary = read_vocabulary(write_tokenizer(tmp_path / "tokenizer.json"), VOCABULARY)
    assert vocabulary.text([*b"ol", 0xC3]) == "ol\ufffd"
    assert vocabulary.text([]) == ""


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"added_tokens": [], "model": {}}'])
def test_refuses_another_file(tmp_path: Path, content: str) -> None:
    """A file that is no Whisper tokenizer is named."""
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(EngineFailed, match=r"tokenizer\.json"):
        read_vocabulary(path, VOCABULARY)
