"""Facts, documents and questions in, the passages that answer them out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from models.heap_trim import give_back
from models.notes.centring import centred_passage, centred_question
from models.notes.database import explained
from models.notes.documents import read_document
from models.notes.errors import DocumentUnreadable
from models.notes.passages import Paragraph, passages_of
from models.notes.search import ranked

if TYPE_CHECKING:
    from config.settings import Memory
    from models.notes.shelf import Shelf
    from models.protocols import Float32Array
    from models.sentence_encoder import SentenceEncoder


_BATCH: Final = 50
"""Vectors that are made before the store is taken to write them: nobody waits for the making."""


class Passage(Struct, frozen=True, kw_only=True):
    """A piece of what the household told."""

    id: int
    """What `forget` takes; never given twice."""
    text: str
    """With the heading that it stood under, if it had one."""
    source: str
    """Document and place; empty: somebody said it."""
    language: str
    """ISO 639-1 code, as far as its words tell."""
    score: float
    """About 0 to 1."""


class Notes:
    """The household's store, opened by `models.notes.opening.open_notes`.

    What a method that changes something has done when it returns outlives the process and a power
    cut. Several processes may have one store open.
    load: returns what makes vectors of texts; None: words alone count. It is loaded when first
    needed, and let go of by `rest`.
    guess: returns the language of a text.
    Methods raise NotesUnusable, NotesDamaged; those that embed, ModelError.
    """

    def __init__(
        self,
        shelf: Shelf,
        memory: Memory,
        load: Callable[[], SentenceEncoder | None],
        guess: Callable[[str], str],
    ) -> None:
        self._shelf = shelf
        self._memory = memory
        self._load = load
        self._guess = guess
        self._encoder: SentenceEncoder | None = None

    def recall(
        self, text: str, latent: Sequence[float] | Float32Array, most: int | None = None
    ) -> list[Passage]:
        """Return the passages that have to do with `text`, the best first, none below least_score.

        latent: of `text`; empty: words alone count. most: None: as many as `[memory]` says.
        """
        most = most or self._memory.passages
        found = self._ranked(text, latent)[:most]
        passages = [self._passage(*each) for each in found if each[1] >= self._memory.least_score]
        return [each for each in passages if each is not None]

    def fact_about(self, text: str, latent: Sequence[float] | Float32Array = ()) -> Passage | None:
        """Return the fact that is meant in "forget that ..."; None: none is for certain.

        Documents are not forgotten by voice. latent: of `text`; empty: it is made here.
        """
        encoder = None if len(latent) else self._opened()
        for number, score in self._ranked(text, encoder.embed(text) if encoder else latent):
            if score < self._memory.forget_score:
                break
            passage = self._passage(number, score)
            if passage is not None and not passage.source:
                return passage
        return None

    def remember(self, text: str, language: str = "") -> int:
        """Keep a fact and return its number; the same words are kept once.

        language: ISO 639-1 code; empty: it is guessed.
        """
        words = " ".join(text.split())
        (vector,) = self._embedded([words])
        with self._shelf.changing():
            known = self._shelf.fact(words)
            if known is not None:
                return known
            return self._shelf.insert(
                Paragraph(words),
                document=None,
                language=language or self._guess(words),
                vector=vector,
            )

    def remember_document(self, path: Path) -> int:
        """Keep a document in passages and return how many; the file's older ones go.

        0: it is kept already as it is now. Raises DocumentUnreadable, too.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DocumentUnreadable(f"{path}: {error.strerror}; check the path") from error
        place, digest = str(path.resolve()), hashlib.sha256(data).digest()
        if self._shelf.digest(place) == digest:
            return 0
        passages = list(passages_of(read_document(path, data), self._memory.passage_words))
        vectors = self._embedded([whole(each.heading, each.text) for each in passages])
        with self._shelf.changing():
            replaced = [self._shelf.delete(number) for number in self._shelf.passages_in(place)]
            document = self._shelf.add_document(place, path.name, digest)
            for passage, vector in zip(passages, vectors, strict=True):
                language = self._guess(passage.text)
                self._shelf.insert(passage, document=document, language=language, vector=vector)
        if replaced:
            self._shelf.wipe()
        return len(passages)

    def forget(self, number: int) -> bool:
        """Delete a passage; return whether there was one. Nothing of it stays in the file."""
        return self._forget([number]) > 0

    def forget_document(self, name: str) -> int:
        """Delete the documents of this name or path; return how many passages went."""
        return self._forget(self._shelf.passages_in(name))

    def embed_again(self, advance: Callable[[int, int], None] | None = None) -> int:
        """Make the vectors that are missing or of another model; return how many were.

        Other processes can change the store meanwhile; broken off, the next call goes on.
        advance: told how many are made, and of how many.
        """
        encoder = self._opened()
        if encoder is None:
            return 0
        with self._shelf.changing():
            if not self._shelf.vectors.are_of(encoder.name):
                self._shelf.vectors.begin_anew(encoder.name, encoder.dimensions)
            lacking = self._shelf.vectors.lacking()
        for start in range(0, len(lacking), _BATCH):
            batch = lacking[start : start + _BATCH]
            made = {
                number: _vector(encoder, whole(heading, text)) for number, heading, text in batch
            }
            self._put(encoder, made)
            if advance is not None:
                advance(start + len(batch), len(lacking))
        return len(lacking)

    def count(self) -> int:
        """Return how many passages there are."""
        with explained(self._shelf.path):
            return self._shelf.count()

    def rest(self) -> None:
        """Give back the memory of what makes vectors, until it is needed again."""
        self._encoder = None
        give_back()

    def close(self) -> None:
        """Let go of the file."""
        self.rest()
        self._shelf.connection.close()

    def _ranked(self, text: str, latent: Sequence[float] | Float32Array) -> list[tuple[int, float]]:
        with explained(self._shelf.path):
            usable = len(latent) and self._shelf.vectors.are_of(self._memory.embedding)
            vector = np.asarray(latent if usable else (), np.float32)
            if usable:
                vector = centred_question(self._memory.embedding, vector)
            return ranked(self._shelf, text, vector, self._memory.words_weight)

    def _passage(self, number: int, score: float) -> Passage | None:
        """Return a passage that was found; None: it has been forgotten since."""
        with explained(self._shelf.path):
            row = self._shelf.row(number)
        if row is None:
            return None
        name, place, heading, text, language = row
        source = ", ".join(part for part in (name, place) if part)
        text = whole(heading, text)
        return Passage(id=number, text=text, source=source, language=language, score=score)

    def _forget(self, numbers: Sequence[int]) -> int:
        with self._shelf.changing():
            gone = sum(map(self._shelf.delete, numbers))
        if gone:
            self._shelf.wipe()
        return gone

    def _embedded(self, texts: Sequence[str]) -> list[Float32Array | None]:
        """Return the vectors of texts; None where the store's are of another model, or none."""
        encoder = self._opened()
        if encoder is None or not self._shelf.vectors.are_of(encoder.name):
            return [None] * len(texts)
        return [_vector(encoder, text) for text in texts]

    def _put(self, encoder: SentenceEncoder, made: Mapping[int, Float32Array]) -> None:
        """Keep the vectors of passages, of those that another process has left as they were."""
        vectors = self._shelf.vectors
        with self._shelf.changing():
            if not vectors.are_of(encoder.name):
                return
            for number, vector in made.items():
                if vectors.lacks(number):
                    vectors.put(number, vector)

    def _opened(self) -> SentenceEncoder | None:
        if self._encoder is None:
            self._encoder = self._load()
        return self._encoder


def _vector(encoder: SentenceEncoder, text: str) -> Float32Array:
    return centred_passage(encoder.name, encoder.embed(text))


def whole(heading: str, text: str) -> str:
    """Return a passage under its heading in one line."""
    return f"{heading}: {text}" if heading else text
