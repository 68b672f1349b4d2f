"""Thinker: final transcripts in, the answer out in clauses, as early as they can be spoken."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from bus.frames import (
    AnyFrame,
    Clause,
    Closed,
    Done,
    Order,
    Played,
    Transcript,
    TurnFrame,
)
from bus.history import read_history
from models.errors import ContextFull
from models.language_models import open_language_model, open_state_files
from models.protocols import ChatMessage, Sampling
from stages.clauses import ClauseSplitter
from stages.conversation import Conversation, OpenTurn
from stages.prompt import Persona, messages, recent
from stages.prompt_cache import PromptCache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from config.settings import Settings
    from models.protocols import LanguageModel
    from stages.prompt import Exchange


class Thinker:
    """One resident language model, one conversation a session."""

    def __init__(self, settings: Settings, runtime: Path | None = None) -> None:
        """Take the settings, and the folder where the hub keeps what was said before."""
        self._settings = settings
        self._runtime = runtime
        self._persona = Persona(settings.daemon.languages)
        self._sessions: dict[str, Conversation] = {}
        self._model: LanguageModel | None = None
        self._cache: PromptCache | None = None
        self._resumed: list[OpenTurn] = []
        self._owed: list[Done] = []

    def open(self) -> None:
        """Load the model, and read the personas that no earlier start has read."""
        self._model = open_language_model(self._settings)
        self._cache = PromptCache(self._model, open_state_files(self._settings))
        for language in self._settings.daemon.languages:
            self._cache.keep(self._head(language, ()))
        for _ in self._cache.warm():
            pass

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Continue the sentence that the predecessor left."""
        for frame in inputs:
            if isinstance(frame, Transcript) and frame.state == "final" and frame.text:
                turn = self._conversation(frame).begin(frame)
                turn.clauses = [clause for clause in sent if isinstance(clause, Clause)]
                if not turn.complete:
                    self._resumed.append(turn)
            elif isinstance(frame, Played) and frame.last:
                self._conversation(frame).heard(frame)
                self._owed.append(_done(frame))  # the predecessor may have died before it

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Take transcripts and reports of what was heard; yield clauses."""
        match frame:
            case Transcript(state="final") if frame.text:
                yield from self._answer(self._conversation(frame).begin(frame))
            case Played(last=True):
                turn = self._conversation(frame).heard(frame)
                if turn is not None:
                    self._remember(frame, turn)
                yield _done(frame)
            case Closed():
                self._conversation(frame).forget(frame.turn)
                self._resumed = [turn for turn in self._resumed if not turn.belongs_to(frame)]
            case _:
                return

    def idle(self) -> Iterator[AnyFrame | None]:
        """Go on with an answer found unfinished; else read what the next prompt begins with."""
        while self._owed:
            yield self._owed.pop()
        if self._resumed:
            yield from self._answer(self._resumed.pop(0))
            return
        next(self._opened_cache.warm(), None)
        yield None

    def due_ms(self) -> float | None:
        """Return 0 while there is something to prepare."""
        return 0.0 if self._owed or self._resumed or self._opened_cache.cold else None

    def obey(self, order: Order) -> None:
        """Shed: states that can be read again are dropped."""
        if order.kind == "shed":
            self._opened_cache.shed()

    def close(self) -> None:
        """Let go of the model."""
        close = getattr(self._model, "close", None)
        if close is not None:
            close()

    def _answer(self, turn: OpenTurn) -> Iterator[AnyFrame | None]:
        """Read what the model has not read yet, then say what it says."""
        transcript = turn.transcript
        yield from self._read(turn)
        splitter = ClauseSplitter(
            self._settings.thinker.first_clause_characters,
            self._settings.thinker.longest_clause_characters,
        )
        for piece in self._opened_model.generate(self._sampling(transcript)):
            for text in splitter.feed(piece) if piece else ():
                yield self._clause(turn, text, last=False)
            yield None
        rest = splitter.finish()
        if not turn.said and not rest:
            rest = self._persona.nothing_to_say(transcript.language)
        yield self._clause(turn, rest or "", last=True)

    def _read(self, turn: OpenTurn) -> Iterator[None]:
        """Read the prompt; the history gives way to words that fill the context."""
        transcript = turn.transcript
        for exchanges in (self._history(transcript), ()):
            prompt = messages(self._persona, transcript.language, exchanges, transcript.text)
            try:
                yield from self._opened_cache.read(prompt, said=turn.said)
            except ContextFull:
                continue
            return
        # Nobody speaks so long; what a broken recogniser wrote is not worth a dead process.
        head = self._head(transcript.language, ())
        yield from self._opened_cache.read(head, said=turn.said)

    def _history(self, frame: TurnFrame) -> Sequence[Exchange]:
        """Return as much of the conversation as half the context holds."""
        return recent(
            self._conversation(frame).exchanges,
            lambda text: len(self._opened_model.tokenize(text)),
            self._settings.thinker.context_tokens // 2,
        )

    def _clause(self, turn: OpenTurn, text: str, *, last: bool) -> Clause:
        transcript = turn.transcript
        clause = Clause(
            session=transcript.session,
            turn=transcript.turn,
            revision=transcript.revision,
            index=len(turn.clauses),
            text=text,
            language=transcript.language,
            last=last,
        )
        turn.clauses.append(clause)
        return clause

    def _sampling(self, transcript: Transcript) -> Sampling:
        settings = self._settings.thinker
        name = f"{self._settings.daemon.seed}/{transcript.session}/{transcript.turn}"
        return Sampling(
            temperature=settings.temperature,
            top_p=settings.top_p,
            min_p=settings.min_p,
            repeat_penalty=settings.repeat_penalty,
            seed=zlib.crc32(name.encode()),
            most_tokens=settings.most_tokens,
        )

    def _remember(self, frame: Played, turn: OpenTurn) -> None:
        """Have the history read before the user speaks again."""
        latest = turn.transcript.language
        others = [code for code in self._settings.daemon.languages if code != latest]
        history = self._history(frame)
        self._opened_cache.want([self._head(code, history) for code in (latest, *others)])

    def _head(self, language: str, exchanges: Sequence[Exchange]) -> list[ChatMessage]:
        """Return the prompt without the user's last words."""
        return messages(self._persona, language, exchanges, None)

    def _conversation(self, frame: TurnFrame) -> Conversation:
        known = self._sessions.get(frame.session)
        if known is None:
            past = read_history(self._runtime, frame.session) if self._runtime else ()
            known = Conversation([(each.transcript, each.heard) for each in past if each.heard])
            self._sessions[frame.session] = known
        return known

    @property
    def _opened_model(self) -> LanguageModel:
        if self._model is None:
            raise RuntimeError("the thinker is not open")
        return self._model

    @property
    def _opened_cache(self) -> PromptCache:
        if self._cache is None:
            raise RuntimeError("the thinker is not open")
        return self._cache


def _done(frame: TurnFrame) -> Done:
    return Done(session=frame.session, turn=frame.turn, revision=frame.revision, stage="thinker")
