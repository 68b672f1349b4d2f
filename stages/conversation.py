"""Memory of the conversation: what was said and heard in, the prompts that follow out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.frames import Cancel, Clause, Closed
from bus.history import MOST_EXCHANGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bus.frames import Played, Transcript
    from bus.history import Exchange as Told
    from stages.answer import Answer
    from stages.prompt import Exchange


class OpenTurn:
    """A turn being answered."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        """Of the latest revision."""
        self.clauses: list[Clause] = []
        """Of this revision, already on the bus."""
        self.answer: Answer | None = None

    def revise(self, transcript: Transcript) -> None:
        """Take the transcript of another revision; a final one repeats its candidate's."""
        if transcript.revision != self.transcript.revision:
            self.clauses = []
        if not self.clauses:
            self.transcript = transcript

    def is_ended_by(self, frame: Cancel | Closed) -> bool:
        """Return whether nobody waits for the latest revision after `frame`."""
        mine = self.transcript
        if (mine.session, mine.turn) != (frame.session, frame.turn):
            return False
        return isinstance(frame, Closed) or frame.whole_turn or frame.revision == mine.revision

    @property
    def complete(self) -> bool:
        """Return whether the whole answer is on the bus."""
        return bool(self.clauses) and self.clauses[-1].last

    def unsent(self) -> Iterator[Clause]:
        """Yield the clauses of the answer that are not on the bus under this revision."""
        answer = self.answer
        if answer is None:
            return
        for index in range(len(self.clauses), len(answer.texts)):
            clause = Clause(
                session=self.transcript.session,
                turn=self.transcript.turn,
                revision=self.transcript.revision,
                index=index,
                text=answer.texts[index],
                language=self.transcript.language,
                last=answer.ended and index == len(answer.texts) - 1,
            )
            self.clauses.append(clause)
            yield clause


class Conversation:
    """One session: the exchanges so far, and the turns under way."""

    def __init__(self, told: Callable[[], Sequence[Told]] = tuple) -> None:
        """Begin, or go on with what was said before.

        told: returns the exchanges that the hub has noted, whichever thinker had them.
        """
        self.exchanges: list[Exchange] = []
        """What the user said, and what they heard of the answer."""
        self._told = told
        self._latest = 0
        self._open: dict[int, OpenTurn] = {}
        self._remembered: Sequence[Exchange] | None = None
        self._catch_up()

    def begin(self, transcript: Transcript) -> OpenTurn:
        """Open a turn with its candidate or final transcript, or revise it."""
        if transcript.turn > self._latest + 1 and not self._open:
            self._catch_up()  # another thinker may have had the turns between
        self._latest = max(self._latest, transcript.turn)
        turn = self._open.setdefault(transcript.turn, OpenTurn(transcript))
        turn.revise(transcript)
        return turn

    def _catch_up(self) -> None:
        told = self._told()
        if told and told[-1].turn > self._latest:
            self._latest = told[-1].turn
            self.exchanges = [(each.transcript, each.heard) for each in told if each.heard]
            self._remembered = None

    def turn(self, turn: int) -> OpenTurn | None:
        """Return an open turn."""
        return self._open.get(turn)

    def has_before(self, turn: int) -> bool:
        """Return whether an older turn is open: what will be heard of it is not known yet."""
        return any(number < turn for number in self._open)

    def history(
        self, select: Callable[[Sequence[Exchange]], Sequence[Exchange]]
    ) -> Sequence[Exchange]:
        """Return what `select` takes of the exchanges; it is asked once after each turn."""
        if self._remembered is None:
            self._remembered = tuple(select(self.exchanges))
        return self._remembered

    def presumed(
        self, select: Callable[[Sequence[Exchange]], Sequence[Exchange]], turn: OpenTurn
    ) -> Sequence[Exchange]:
        """Return what `history` will be once all that was written in `turn` has been heard."""
        answer = " ".join(filter(None, (clause.text for clause in turn.clauses)))
        exchanges = [*self.exchanges, (turn.transcript.text, answer)][-MOST_EXCHANGES:]
        return tuple(select(exchanges))

    def heard(self, played: Played) -> OpenTurn | None:
        """Close a turn with what was heard of it: only that is remembered."""
        turn = self._open.pop(played.turn, None)
        if turn is not None and played.text:
            self.exchanges.append((turn.transcript.text, played.text))
            del self.exchanges[:-MOST_EXCHANGES]
            self._remembered = None
        return turn

    def forget(self, turn: int) -> None:
        """Drop a turn that will not be heard."""
        self._open.pop(turn, None)
