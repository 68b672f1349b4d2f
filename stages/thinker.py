"""Thinker: transcripts in, the answer out in clauses, as early as they can be spoken.

What is said is the same to the letter whether candidates are answered or only the final
transcript: what the model reads is cut by the words alone (`stages.batches`), and the draw
depends on the turn and the position, not on revisions.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from bus.frames import (
    AnyFrame,
    Cancel,
    Clause,
    Closed,
    Done,
    Forgotten,
    Order,
    Played,
    Recalled,
    SummedUp,
    Transcript,
    TurnFrame,
)
from bus.history import Told, read_history
from stages.conversation import Conversation, OpenTurn
from stages.household import wish_in
from stages.mind import Mind, open_mind
from stages.persona import Persona
from stages.reading_ahead import ReadingAhead
from stages.reply import Reply
from stages.resumed_turns import ResumedTurns

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    from config.settings import Settings
    from stages.prompt_cache import Plan

_WITHOUT_NOTES: Final = 2
"""The rung from which on no notes are read."""


class Thinker:
    """One resident language model, one conversation a session."""

    def __init__(self, settings: Settings, runtime: Path | None = None) -> None:
        """Take the settings, and the folder where the hub keeps what was said before."""
        self._settings = settings
        self._runtime = runtime
        self._persona = Persona(settings.daemon.languages)
        self._sessions: dict[str, Conversation] = {}
        self._open: Mind | None = None
        self._ahead = ReadingAhead(self._conversation)
        self._resumed = ResumedTurns(self._answer)
        self._owed: list[Done] = []
        self._is_new = True

    def open(self) -> None:
        """Load the model, and read the personas that no earlier start has read."""
        self._open = open_mind(self._settings, self._persona, self._runtime)
        for head in self._open.prompts.bare_heads():
            self._open.cache.keep(head)
        while self._open.cache.cold:
            self._open.cache.warm()

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Continue the sentence that the predecessor left."""
        for frame in sent:
            if isinstance(frame, Recalled):
                self._opened.recollection.learn(frame)
        for frame in inputs:
            self._ahead.note(frame)
            if isinstance(frame, Transcript) and frame.state != "partial" and frame.text.strip():
                turn = self._conversation(frame.session).begin(frame)
                self._take_over(turn, sent)
            elif isinstance(frame, Played) and frame.last:
                self._conversation(frame.session).heard(frame)
                self._owed.append(_done(frame))  # the predecessor may have died before it

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Take transcripts and reports of what was heard; yield clauses."""
        self._ahead.note(frame)
        match frame:
            case Transcript(state="candidate" | "final") if frame.text.strip():
                self._resumed.leave()
                self._opened.summing_up.leave()
                turn = self._conversation(frame.session).begin(frame)
                yield from self._answer(turn)
                if frame.state == "final":
                    self._want_heads(frame.session, frame.language, turn)
            case Played(last=True):
                if heard := self._conversation(frame.session).heard(frame):
                    self._want_heads(frame.session, heard.transcript.language)
                yield _done(frame)
            case Cancel():
                self._resumed.drop(frame)
            case Closed():
                self._conversation(frame.session).forget(frame.turn)
                self._resumed.drop(frame)
            case Recalled():
                self._opened.recollection.learn(frame)
            case SummedUp():
                self._conversation(frame.session).sum_up(frame.text, frame.kept)

    def idle(self) -> Iterator[AnyFrame | None]:
        """Go on with an answer found unfinished, or read what the next prompt begins with.

        One step, so that whatever comes gets in.
        """
        while self._owed:
            yield self._owed.pop()
        if (pool := self._opened.pool) is not None:
            pool.tend()
        if self._resumed:
            self._opened.summing_up.leave()
            yield self._resumed.step()
            return
        if self._is_new:
            self._is_new = False
            self._want_heads(self._settings.daemon.session, self._settings.daemon.languages[0])
        if step := self._next_step():
            step()
        yield None

    def due_ms(self) -> float | None:
        """Return 0 while there is something to prepare."""
        is_due = self._owed or self._resumed or self._is_new or self._next_step()
        return 0.0 if is_due else None

    def obey(self, order: Order) -> None:
        """Shed: states that can be read again are dropped.

        Degrade: answers are short; on the next rung no notes are looked up and read.
        """
        if order.kind == "shed":
            self._opened.cache.shed()
        elif order.kind == "degrade":
            self._opened.answering.is_brief = order.rung > 0
            self._opened.recollection.looks_up = order.rung < _WITHOUT_NOTES

    def close(self) -> None:
        """Let go of the model and of the notes."""
        if self._open is not None:
            if self._open.pool is not None:
                self._open.pool.close()
            if self._open.notes is not None:
                self._open.notes.close()
            self._open.model.close()

    def _answer(self, turn: OpenTurn) -> Generator[AnyFrame | None]:
        """Tell what the answer draws on, then write it."""
        transcript = turn.transcript
        conversation = self._conversation(transcript.session)
        if (summed_up := conversation.to_tell(turn)) is not None:
            yield summed_up
        wish = None if self._is_guests(transcript.language) else wish_in(transcript)
        if wish is not None:
            if transcript.state != "final":
                return  # what is not certain is not done
            if turn.reply is None:
                outcome = self._opened.household.do(wish, transcript)
                self._opened.recollection.changed()
                turn.answer = Reply([outcome.line], transcript.text)
                if outcome.conversation_is_forgotten:
                    yield self._forget(transcript, conversation)
        yield from self._opened.answering.write(turn, conversation)

    def _forget(self, transcript: Transcript, conversation: Conversation) -> Forgotten:
        conversation.forget_all()
        self._opened.summing_up.drop()
        self._opened.cache.forget()
        return Forgotten(
            session=transcript.session, turn=transcript.turn, revision=transcript.revision
        )

    def _next_step(self) -> Callable[[], object] | None:
        """Return a step of what the next prompt will want; None: nothing, or no time for it.

        While somebody speaks: of their own prompt, or of what it most likely begins with.
        """
        plan, cache = self._ahead.plan(self._opened.prompts), self._opened.cache
        if plan is not None:
            reads = functools.partial(self._read, cache.advance, plan)
            return reads if self._ahead.may_read(plan, cache) else None
        if self._ahead.holds_still or (self._ahead.hears and not cache.lacks_likeliest):
            return None
        if cache.cold:
            return functools.partial(self._read, cache.warm)
        outgrown = self._outgrown()
        return functools.partial(self._sum_up, *outgrown) if outgrown else None

    def _read(self, step: Callable[..., object], *plan: Plan) -> None:
        self._opened.summing_up.leave()
        step(*plan)

    def _sum_up(self, session: str, conversation: Conversation) -> None:
        if self._opened.summing_up.step(conversation):
            self._want_heads(session, conversation.language)

    def _outgrown(self) -> tuple[str, Conversation] | None:
        """Return a session of which prompts cannot tell all that was said."""
        if not self._settings.memory.sum_up:
            return None
        for session, conversation in self._sessions.items():
            if self._opened.summing_up.is_wanted(conversation):
                return session, conversation
        return None

    def _take_over(self, turn: OpenTurn, sent: Sequence[AnyFrame]) -> None:
        """Have a turn's latest revision gone on with where the predecessor left it."""
        revision = turn.transcript.revision
        turn.clauses = [
            clause for clause in sent if isinstance(clause, Clause) and clause.revision == revision
        ]
        self._resumed.take(turn)

    def _want_heads(self, session: str, language: str, answered: OpenTurn | None = None) -> None:
        """Have read what the next prompt begins with, while `answered` is heard or in quiet."""
        heads = self._opened.prompts.heads(language, self._conversation(session), answered)
        self._opened.cache.want(heads)

    def _conversation(self, session: str) -> Conversation:
        known = self._sessions.get(session)
        if known is None:
            runtime = self._runtime
            known = Conversation(
                lambda: read_history(runtime, session) if runtime else Told(), self._is_guests
            )
            self._sessions[session] = known
        return known

    def _is_guests(self, language: str) -> bool:
        """Return whether no persona speaks `language`: it is translated."""
        return language in self._settings.pool.languages

    @property
    def _opened(self) -> Mind:
        if self._open is None:
            raise RuntimeError("the thinker is not open")
        return self._open


def _done(frame: TurnFrame) -> Done:
    return Done(session=frame.session, turn=frame.turn, revision=frame.revision, stage="thinker")
