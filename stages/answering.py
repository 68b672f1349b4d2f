"""An open turn in, the clauses of its answer out, as early as they can be spoken."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from models.protocols import Sampling
from stages.answer import Answer
from stages.clauses import ClauseSplitter
from stages.delegated_answer import DelegatedAnswer
from stages.exact_answers import read_exact_answers
from stages.reply import Reply
from stages.translated_answer import TranslatedAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from bus.frames import AnyFrame, Recalled, Transcript
    from config.settings import Settings
    from models.llama import LlamaModel
    from models.scripted import ScriptedModel
    from stages.conversation import AnyAnswer, Conversation, OpenTurn
    from stages.delegation import Delegation, Errand
    from stages.interpreter import Interpreter
    from stages.persona import Persona
    from stages.prompt_cache import Plan, PromptCache
    from stages.prompts import Prompts


_SUM_TOKENS: Final = 96


class Answering:
    """Writes answers with one model.

    recall: returns what is to be told of the notes that the answer to a transcript draws on.
    delegation, interpreter: None where nobody is to be asked.
    """

    def __init__(
        self,
        settings: Settings,
        persona: Persona,
        model: LlamaModel | ScriptedModel,
        cache: PromptCache,
        prompts: Prompts,
        *,
        recall: Callable[[Transcript], Recalled | None] = lambda _transcript: None,
        delegation: Delegation | None = None,
        interpreter: Interpreter | None = None,
    ) -> None:
        self._settings = settings
        self._persona = persona
        self._model = model
        self._cache = cache
        self._prompts = prompts
        self._recall = recall
        self._delegation = delegation
        self._interpreter = interpreter
        self._exact = read_exact_answers(settings.thinker.exact_answers)
        self.is_brief = False
        """Answers are short: turns are late."""

    def write(self, turn: OpenTurn, conversation: Conversation) -> Generator[AnyFrame | None]:
        """Say what is known of the answer, then write on.

        A specialist is asked when the words are certain: what is asked may leave the house.
        """
        answer = self._reply(turn) or self._begun(turn, conversation)
        if answer is None:
            return
        turn.answer = answer
        yield from turn.unsent()
        for _ in answer.write(self._cache, lambda: self._draw(turn.transcript)):
            yield from turn.unsent()
            yield None
        yield from turn.unsent()

    def _reply(self, turn: OpenTurn) -> Reply | None:
        """Return the line that answers these very words: one said already, or one on file."""
        if turn.reply is not None:
            return turn.reply
        words = turn.transcript.text
        line = self._exact.answer(words, turn.transcript.language)
        if line is None:
            return None
        splitter = self._splitter()
        return Reply(filter(None, [*splitter.feed(line), splitter.finish()]), words)

    def _prepares(self, turn: OpenTurn, errand: Errand | None) -> bool:
        """Return whether the turn waits for its last words, with a specialist being loaded."""
        if self._delegation is not None and errand is not None:
            self._delegation.prepare(errand)
            return True
        interpreter = self._interpreter_of(turn)
        if interpreter is not None:
            interpreter.prepare()
        return interpreter is not None

    def _interpreter_of(self, turn: OpenTurn) -> Interpreter | None:
        """Return who translates the turn's words; None where nobody has to."""
        wanted = self._interpreter
        return wanted if wanted and wanted.is_wanted(turn.transcript.language) else None

    def _errand(self, turn: OpenTurn) -> Errand | None:
        """Return whom to ask; nobody where a predecessor has begun to answer."""
        if self._delegation is None or turn.clauses:
            return None
        if self._interpreter_of(turn) is not None:
            return None
        return self._delegation.errand(turn.transcript)

    def _begun(self, turn: OpenTurn, conversation: Conversation) -> AnyAnswer | None:
        """Return the answer to the turn's words, the one under way where they are the same.

        None: it waits until they are certain.
        """
        errand = self._errand(turn)
        if turn.transcript.state != "final" and self._prepares(turn, errand):
            return None
        interpreter = self._interpreter_of(turn)
        if interpreter is not None:
            return self._translated(turn, conversation, interpreter)
        turn.recalled = self._recall(turn.transcript)
        plan = self._prompts.whole(turn.transcript, conversation)
        if turn.answer is not None and turn.answer.plan == plan:
            return turn.answer
        if self._delegation is None or errand is None:
            said = [clause.text for clause in turn.clauses]
            return self._own_answer(turn.transcript, plan, said)
        return DelegatedAnswer(
            plan,
            self._delegation.ask(errand),
            self._splitter,
            self._persona.wording(turn.transcript.language).nothing_to_say,
            no_room=errand.no_room,
            instead=errand.instead,
        )

    def _translated(
        self, turn: OpenTurn, conversation: Conversation, interpreter: Interpreter
    ) -> TranslatedAnswer:
        known = turn.answer
        if isinstance(known, TranslatedAnswer) and known.said == turn.transcript.text:
            return known

        def at_home(transcript: Transcript) -> Answer:
            turn.recalled = self._recall(transcript)
            plan = self._prompts.whole(transcript, conversation)
            return self._own_answer(transcript, plan, ())

        wording = self._persona.wording(interpreter.home)
        return TranslatedAnswer(turn.transcript, interpreter, at_home, wording)

    def _own_answer(self, transcript: Transcript, plan: Plan, said: Sequence[str]) -> Answer:
        wording = self._persona.wording(transcript.language)
        return Answer(plan, self._splitter, said, wording.nothing_to_say)

    def _splitter(self) -> ClauseSplitter:
        settings = self._settings.thinker
        return ClauseSplitter(settings.first_clause_characters, settings.longest_clause_characters)

    def _draw(self, transcript: Transcript) -> Iterator[str | None]:
        """Begin to draw an answer; revisions of a turn draw alike."""
        settings = self._settings.thinker
        name = f"{self._settings.daemon.seed}/{transcript.session}/{transcript.turn}"
        return self._model.generate(
            Sampling(
                temperature=settings.temperature,
                top_p=settings.top_p,
                min_p=settings.min_p,
                repeat_penalty=settings.repeat_penalty,
                seed=zlib.crc32(name.encode()),
                most_tokens=settings.short_tokens if self.is_brief else settings.most_tokens,
            )
        )

    def draw_sum(self) -> Iterator[str | None]:
        """Begin to draw the sum of a conversation: the likeliest words, not many."""
        settings = self._settings.thinker
        return self._model.generate(
            Sampling(
                temperature=0.0,
                top_p=1.0,
                min_p=0.0,
                repeat_penalty=settings.repeat_penalty,
                seed=0,
                most_tokens=min(_SUM_TOKENS, settings.most_tokens),
            )
        )
