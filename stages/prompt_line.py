"""What a language model holds, batch by batch; the places in it to which it can go back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.protocols import LanguageModel, ModelMark, ModelState
    from stages.batches import Batch

_MOST_MARKS: Final = 32
"""A mark of LFM2-1.2B holds 164 kB."""

_HEAD_MARKS: Final = 2
"""The first ones, around the end of the head, are not given up for later ones."""


class Snapshot(Struct, frozen=True):
    """A whole state, with the batches it was read in and the marks within it."""

    batches: tuple[Batch, ...]
    state: ModelState
    marks: dict[int, ModelMark]
    """By the number of batches before them."""


class PromptLine:
    """The batches read since nothing was read, in order, and marks between them."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._batches: list[Batch] = []
        self._marks: dict[int, ModelMark] = {}
        self._drawn_from = False

    def reach(self, batches: Sequence[Batch]) -> int:
        """Return how many of `batches` are there, if it is cut back to where it can be."""
        return self._place(_common(self._batches, batches))

    def cut_back(self, batches: Sequence[Batch]) -> int:
        """Forget what does not belong to `batches`; return how many of them are left."""
        place = self.reach(batches)
        if place == 0:
            self._model.restore(None)
        elif place < len(self._batches) or self._drawn_from:
            self._model.cut_back(self._marks[place])
        self._drawn_from = False
        del self._batches[place:]
        self._marks = {at: mark for at, mark in self._marks.items() if at <= place}
        return place

    def add(self, batch: Batch, *, mark: bool) -> None:
        """Take notice of a batch that was just read."""
        self._batches.append(batch)
        if not mark:
            return
        self._marks[len(self._batches)] = self._model.mark()
        if len(self._marks) > _MOST_MARKS:
            del self._marks[sorted(self._marks)[_HEAD_MARKS]]

    def draw(self) -> None:
        """Take notice that from now on tokens are appended that belong to no batch."""
        self._drawn_from = True

    def snapshot(self) -> Snapshot:
        """Return all of it."""
        return Snapshot(tuple(self._batches), self._model.save(), dict(self._marks))

    def put_back(self, snapshot: Snapshot, *, drawn_from: bool = False) -> None:
        """Go back to `snapshot`."""
        self._model.restore(snapshot.state)
        self._batches = list(snapshot.batches)
        self._marks = dict(snapshot.marks)
        self._drawn_from = drawn_from

    def _place(self, common: int) -> int:
        if common == len(self._batches) and not self._drawn_from:
            return common
        return max((at for at in self._marks if at <= common), default=0)


def reach(snapshot: Snapshot, batches: Sequence[Batch]) -> int:
    """Return how many of `batches` a line has that is put back to `snapshot` and cut back."""
    common = _common(snapshot.batches, batches)
    if common == len(snapshot.batches):
        return common
    return max((at for at in snapshot.marks if at <= common), default=0)


def _common(one: Sequence[Batch], other: Sequence[Batch]) -> int:
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))
