"""Memory of the conversation: what was said and heard in, the prompts that follow out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.history import MOST_EXCHANGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bus.frames import Clause, Played, Transcript, TurnFrame


class OpenTurn:
    """A turn being answered."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.clauses: list[Clause] = []
        """Already on the bus."""

    def belongs_to(self, frame: TurnFrame) -> bool:
        """Return whether `frame` is about this turn."""
        mine = self.transcript
        return (mine.session, mine.turn) == (frame.session, frame.turn)

    @property
    def complete(self) -> bool:
        """Return whether the whole answer is on the bus."""
        return bool(self.clauses) and self.clauses[-1].last

    @property
    def said(self) -> str:
        """Return the text of the clauses on the bus."""
        return " ".join(clause.text for clause in self.clauses if clause.text)


class Conversation:
    """One session: the exchanges so far, and the turns under way."""

    def __init__(self, past: Sequence[tuple[str, str]] = ()) -> None:
        self.exchanges: list[tuple[str, str]] = list(past)
        """What the user said, and what they heard of the answer."""
        self._open: dict[int, OpenTurn] = {}

    def begin(self, transcript: Transcript) -> OpenTurn:
        """Open a turn with its final transcript."""
        return self._open.setdefault(transcript.turn, OpenTurn(transcript))

    def turn(self, turn: int) -> OpenTurn | None:
        """Return an open turn."""
        return self._open.get(turn)

    def heard(self, played: Played) -> OpenTurn | None:
        """Close a turn with what was heard of it: only that is remembered."""
        turn = self._open.pop(played.turn, None)
        if turn is not None and played.text:
            self.exchanges.append((turn.transcript.text, played.text))
            del self.exchanges[:-MOST_EXCHANGES]
        return turn

    def forget(self, turn: int) -> None:
        """Drop a turn that will not be heard."""
        self._open.pop(turn, None)
