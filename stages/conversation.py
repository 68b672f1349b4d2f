"""Memory of the conversation: what was said and heard in, the prompts that follow out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bus.frames import Cancel, Clause, Closed, SummedUp
from bus.history import Told, kept_of
from stages.emotion_words import feeling
from stages.prompt import Past
from stages.reply import Reply
from stages.translated_answer import TranslatedAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bus.frames import AnyFrame, Played, Recalled, Transcript
    from stages.answer import Answer
    from stages.delegated_answer import DelegatedAnswer
    from stages.prompt import Exchange


AnyAnswer: TypeAlias = "Answer | DelegatedAnswer | TranslatedAnswer | Reply"


class OpenTurn:
    """A turn being answered."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        """Of the latest revision."""
        self.clauses: list[Clause] = []
        """Of this revision, already on the bus."""
        self.is_forgotten = False
        """The user wants nothing of it remembered."""
        self.recalled: Recalled | None = None
        """What the answer draws on, if that is not on the bus."""
        self.answer: AnyAnswer | None = None

    def revise(self, transcript: Transcript) -> None:
        """Take the transcript of another revision; a final one repeats its candidate's."""
        if transcript.revision != self.transcript.revision:
            self.clauses = []
        if not self.clauses or transcript.text == self.transcript.text:
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

    @property
    def reply(self) -> Reply | None:
        """The line that no model wrote, where it answers the words as they are now."""
        known = self.answer
        return known if isinstance(known, Reply) and known.words == self.transcript.text else None

    def unsent(self) -> Iterator[AnyFrame]:
        """Yield what the answer draws on and its clauses, those not on the bus yet."""
        recalled, self.recalled = self.recalled, None
        if recalled is not None:
            yield recalled
        answer = self.answer
        if answer is None:
            return
        for index in range(len(self.clauses), len(answer.texts)):
            last = answer.ended and index == len(answer.texts) - 1
            yield self._send(answer.texts[index], answer.language, last=last)
        if answer.ended and not self.complete:
            # A predecessor had said more than what came of it this time.
            yield self._send("", answer.language, last=True)

    def _send(self, text: str, language: str | None, *, last: bool) -> Clause:
        clause = Clause(
            session=self.transcript.session,
            turn=self.transcript.turn,
            revision=self.transcript.revision,
            index=len(self.clauses),
            text=text,
            language=language or self.transcript.language,
            emotion=feeling(self.transcript.emotion),
            last=last,
        )
        self.clauses.append(clause)
        return clause


class Conversation:
    """One session: the exchanges so far, and the turns under way."""

    def __init__(
        self, told: Callable[[], Told] = Told, is_guests: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Begin, or go on with what was said before.

        told: returns what the hub has noted, whichever thinker had the turns. is_guests: of a
        language, whether it is one that prompts are not written in; what the hub has noted in
        such a one is left out.
        """
        self._is_guests = is_guests
        self.exchanges: list[Exchange] = []
        """What the user said, and what they heard of the answer."""
        self.dropped = 0
        """How many were before them."""
        self.summary = ""
        """Of what was said before them."""
        self.language = ""
        """The one spoken last."""
        self._told = told
        self._latest = 0
        self._open: dict[int, OpenTurn] = {}
        self._past: Past | None = None
        self._untold = False
        self._catch_up()

    def begin(self, transcript: Transcript) -> OpenTurn:
        """Open a turn with its candidate or final transcript, or revise it."""
        if transcript.turn > self._latest + 1 and not self._open:
            self._catch_up()  # another thinker may have had the turns between
        self._latest = max(self._latest, transcript.turn)
        self.language = transcript.language
        turn = self._open.setdefault(transcript.turn, OpenTurn(transcript))
        turn.revise(transcript)
        return turn

    def turn(self, turn: int) -> OpenTurn | None:
        """Return an open turn."""
        return self._open.get(turn)

    def has_before(self, turn: int) -> bool:
        """Return whether an older turn is open: what will be heard of it is not known yet."""
        return any(number < turn for number in self._open)

    def past(self, select: Callable[[Sequence[Exchange]], Sequence[Exchange]]) -> Past:
        """Return summary and what `select` takes of the exchanges; it is asked once a turn."""
        if self._past is None:
            self._past = Past(tuple(select(self.exchanges)), self.summary)
        return self._past

    def presumed(
        self, select: Callable[[Sequence[Exchange]], Sequence[Exchange]], turn: OpenTurn
    ) -> Past:
        """Return what `past` will be once all that was written in `turn` has been heard."""
        answer = " ".join(filter(None, (clause.text for clause in turn.clauses)))
        exchanges = [*self.exchanges, *self._exchange(turn, answer)]
        return Past(tuple(select(kept_of(exchanges))), self.summary)

    def heard(self, played: Played) -> OpenTurn | None:
        """Close a turn with what was heard of it: only that is remembered."""
        turn = self._open.pop(played.turn, None)
        if turn is not None and played.text and not turn.is_forgotten:
            self.exchanges += self._exchange(turn, played.text)
            self._drop(len(self.exchanges) - len(kept_of(self.exchanges)))
        return turn

    def sum_up(self, summary: str, kept: int) -> None:
        """Have `summary` stand for all but the last `kept` exchanges."""
        self.summary = summary
        self._drop(max(0, len(self.exchanges) - kept))
        self._untold = True

    def to_tell(self, turn: OpenTurn) -> SummedUp | None:
        """Return what the log has to know before `turn` is answered; once."""
        if not self._untold:
            return None
        self._untold = False
        mine = turn.transcript
        return SummedUp(
            session=mine.session, turn=mine.turn, text=self.summary, kept=len(self.exchanges)
        )

    def forget_all(self) -> None:
        """Know nothing of what was said, open turns included."""
        self.exchanges.clear()
        self.summary, self._untold, self._past = "", False, None
        for turn in self._open.values():
            turn.is_forgotten = True

    def forget(self, turn: int) -> None:
        """Drop a turn that will not be heard."""
        self._open.pop(turn, None)

    def _drop(self, oldest: int) -> None:
        del self.exchanges[:oldest]
        self.dropped += oldest
        self._past = None

    def _exchange(self, turn: OpenTurn, heard: str) -> list[Exchange]:
        """Return what was said and what was `heard` of the answer; [] where no prompt tells it."""
        if isinstance(turn.answer, TranslatedAnswer):
            return turn.answer.exchange(heard)
        if self._is_guests(turn.transcript.language):
            return []
        return [(turn.transcript.text, heard)]

    def _catch_up(self) -> None:
        told = self._told()
        newest = told.exchanges[-1].turn if told.exchanges else 0
        if newest > self._latest or not self._latest:
            self._latest = newest
            self.dropped += len(self.exchanges)
            self.exchanges = [
                (each.transcript, each.heard)
                for each in told.exchanges
                if each.heard and not self._is_guests(each.language)
            ]
            self.summary = told.summary
            self._past = None
