"""Thinker: transcripts in, the answer out in clauses, as early as they can be spoken.

What is said is the same to the letter whether candidates are answered or only the final
transcript: what the model reads is cut by the words alone (`stages.batches`), and the draw
depends on the turn and the position, not on revisions.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from bus.frames import (
    AnyFrame,
    Cancel,
    Clause,
    Closed,
    Done,
    Order,
    Played,
    Transcript,
    TurnFrame,
)
from bus.history import read_history
from models.language_models import open_language_model, open_state_files
from models.protocols import Sampling
from stages.answer import Answer
from stages.clauses import ClauseSplitter
from stages.conversation import Conversation, OpenTurn
from stages.foresight import Foresight
from stages.prompt import Persona
from stages.prompt_cache import PromptCache
from stages.prompts import Prompts
from stages.resumed_turns import ResumedTurns

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from config.settings import Settings
    from models.llama import LlamaModel
    from models.scripted import ScriptedModel
    from stages.prompt_cache import Plan


class Thinker:
    """One resident language model, one conversation a session."""

    def __init__(self, settings: Settings, runtime: Path | None = None) -> None:
        """Take the settings, and the folder where the hub keeps what was said before."""
        self._settings = settings
        self._runtime = runtime
        self._persona = Persona(settings.daemon.languages)
        self._sessions: dict[str, Conversation] = {}
        self._open: _Opened | None = None
        self._foresight = Foresight()
        self._early: tuple[Transcript, Plan | None] | None = None
        """What is being read of the prompt to come, and for which partial transcript."""
        self._resumed = ResumedTurns(self._answer)
        self._owed: list[Done] = []
        self._is_new = True
        self._is_brief = False

    def open(self) -> None:
        """Load the model, and read the personas that no earlier start has read."""
        model = open_language_model(self._settings)
        cache = PromptCache(model, *open_state_files(self._settings, self._runtime))
        prompts = Prompts(
            self._settings, self._persona, cache, lambda text: len(model.tokenize(text))
        )
        self._open = _Opened(model, cache, prompts)
        for head in prompts.bare_heads():
            cache.keep(head)
        while cache.cold:
            cache.warm()

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Continue the sentence that the predecessor left."""
        for frame in inputs:
            self._foresight.note(frame)
            if isinstance(frame, Transcript) and frame.state != "partial" and frame.text.strip():
                turn = self._conversation(frame.session).begin(frame)
                self._take_over(turn, sent)
            elif isinstance(frame, Played) and frame.last:
                self._conversation(frame.session).heard(frame)
                self._owed.append(_done(frame))  # the predecessor may have died before it

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Take transcripts and reports of what was heard; yield clauses."""
        self._foresight.note(frame)
        match frame:
            case Transcript(state="candidate" | "final") if frame.text.strip():
                self._resumed.leave()
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

    def idle(self) -> Iterator[AnyFrame | None]:
        """Go on with an answer found unfinished, or read what the next prompt begins with.

        One step, so that whatever comes gets in.
        """
        while self._owed:
            yield self._owed.pop()
        if self._resumed:
            yield self._resumed.step()
            return
        if self._is_new:
            self._is_new = False
            self._want_heads(self._settings.daemon.session, self._settings.daemon.languages[0])
        plan = self._early_plan()
        if plan is None:
            if not self._foresight.holds_still:
                self._opened.cache.warm()
        elif self._may_read(plan):
            self._opened.cache.advance(plan)
        yield None

    def due_ms(self) -> float | None:
        """Return 0 while there is something to prepare."""
        if self._owed or self._resumed or self._is_new:
            return 0.0
        plan = self._early_plan()
        if plan is not None:
            return 0.0 if self._may_read(plan) else None
        return 0.0 if self._opened.cache.cold and not self._foresight.holds_still else None

    def obey(self, order: Order) -> None:
        """Shed: states that can be read again are dropped. Degrade: answers are short."""
        if order.kind == "shed":
            self._opened.cache.shed()
        elif order.kind == "degrade":
            self._is_brief = order.rung > 0

    def close(self) -> None:
        """Let go of the model."""
        if self._open is not None:
            self._open.model.close()

    def _answer(self, turn: OpenTurn) -> Generator[AnyFrame | None]:
        """Say what is known of the answer, then write on."""
        answer = self._answer_to(turn)
        yield from turn.unsent()
        for _ in answer.write(self._opened.cache, lambda: self._draw(turn.transcript)):
            yield from turn.unsent()
            yield None
        yield from turn.unsent()

    def _answer_to(self, turn: OpenTurn) -> Answer:
        """Return the answer to the turn's words: the one under way where they are the same."""
        conversation = self._conversation(turn.transcript.session)
        plan = self._opened.prompts.whole(turn.transcript, conversation)
        if turn.answer is None or turn.answer.plan != plan:
            turn.answer = Answer(
                plan,
                lambda: ClauseSplitter(
                    self._settings.thinker.first_clause_characters,
                    self._settings.thinker.longest_clause_characters,
                ),
                [clause.text for clause in turn.clauses],
                self._persona.nothing_to_say(turn.transcript.language),
            )
        return turn.answer

    def _early_plan(self) -> Plan | None:
        """Return what can be read of the prompt to come; None when nobody speaks.

        What was heard of an older turn belongs into the prompt, and must be known before.
        """
        partial = self._foresight.partial
        if partial is None:
            return None
        conversation = self._conversation(partial.session)
        if conversation.has_before(partial.turn):
            return None
        if self._early is None or self._early[0] is not partial:
            self._early = (partial, self._opened.prompts.early(partial, conversation))
        return self._early[1]

    def _may_read(self, plan: Plan) -> bool:
        """Return whether something of `plan` is to be read now; its head must be in any case."""
        done = self._opened.cache.reach(plan)
        until = plan.head if self._foresight.holds_still else len(plan.batches)
        return done < until

    def _take_over(self, turn: OpenTurn, sent: Sequence[AnyFrame]) -> None:
        """Have a turn's latest revision gone on with where the predecessor left it."""
        revision = turn.transcript.revision
        turn.clauses = [
            clause for clause in sent if isinstance(clause, Clause) and clause.revision == revision
        ]
        self._resumed.take(turn)

    def _draw(self, transcript: Transcript) -> Iterator[str | None]:
        """Begin to draw an answer; revisions of a turn draw alike."""
        settings = self._settings.thinker
        name = f"{self._settings.daemon.seed}/{transcript.session}/{transcript.turn}"
        return self._opened.model.generate(
            Sampling(
                temperature=settings.temperature,
                top_p=settings.top_p,
                min_p=settings.min_p,
                repeat_penalty=settings.repeat_penalty,
                seed=zlib.crc32(name.encode()),
                most_tokens=settings.short_tokens if self._is_brief else settings.most_tokens,
            )
        )

    def _want_heads(self, session: str, language: str, answered: OpenTurn | None = None) -> None:
        """Have read what the next prompt begins with, while `answered` is heard or in quiet."""
        heads = self._opened.prompts.heads(language, self._conversation(session), answered)
        self._opened.cache.want(heads)

    def _conversation(self, session: str) -> Conversation:
        known = self._sessions.get(session)
        if known is None:
            runtime = self._runtime
            known = Conversation(lambda: read_history(runtime, session) if runtime else ())
            self._sessions[session] = known
        return known

    @property
    def _opened(self) -> _Opened:
        if self._open is None:
            raise RuntimeError("the thinker is not open")
        return self._open


class _Opened(NamedTuple):
    """What is there once the model is loaded."""

    model: LlamaModel | ScriptedModel
    cache: PromptCache
    prompts: Prompts


def _done(frame: TurnFrame) -> Done:
    return Done(session=frame.session, turn=frame.turn, revision=frame.revision, stage="thinker")
