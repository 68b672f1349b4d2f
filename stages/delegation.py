"""A transcript in, the words of those who are asked before the thinker's own model out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.logs import log
from models.pool.choice import experts
from models.pool.errors import NoSpecialist, SpecialistFailed, SpecialistRefused
from models.pool.messages import Chat
from models.protocols import ChatMessage
from stages.prompt import words_said

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from bus.frames import Transcript
    from config.settings import Settings
    from models.pool.pool import Pool
    from models.router.router import Router
    from stages.persona import Persona


class Delegation:
    """Asks experts what asks for much knowledge and is nobody's business.

    is_known: whether the notes of this home say something to a transcript; then it stays here.
    """

    def __init__(
        self,
        experts_: tuple[str, ...],
        pool: Pool,
        router: Router,
        persona: Persona,
        is_known: Callable[[Transcript], bool],
    ) -> None:
        self._experts = experts_
        self._pool = pool
        self._router = router
        self._persona = persona
        self._is_known = is_known

    def names(self, transcript: Transcript) -> tuple[str, ...]:
        """Return whom to ask, in order; () where the thinker's own model answers."""
        if self._router.route(transcript.text, transcript.latent).route != "expert":
            return ()
        return () if self._is_known(transcript) else self._experts

    def prepare(self, names: tuple[str, ...]) -> None:
        """Have the first of `names` loaded, so that it can be asked at once. Tells it nothing."""
        try:
            self._pool.want(names[0])
        except SpecialistRefused as refusal:
            log.debug("a specialist is not loaded", reason=str(refusal))

    def ask(self, names: tuple[str, ...], transcript: Transcript) -> Generator[str | None]:
        """Yield the words of the first of `names` who has some; None between two steps.

        Sent are the words of this turn and how to answer, nothing that was said or noted before.
        Raises SpecialistRefused where there was memory for none, SpecialistFailed where all failed
        or one broke off.
        """
        task = Chat(
            (
                ChatMessage("system", self._persona.wording(transcript.language).expert),
                ChatMessage("user", words_said(transcript.text)),
            )
        )
        failures: list[NoSpecialist] = []
        for name in names:
            has_spoken = False
            log.info("a specialist is asked", name=name)
            try:
                for piece in self._pool.answer(name, task):
                    has_spoken |= bool(piece)
                    yield piece
            except NoSpecialist as failure:
                log.warning("no answer of a specialist", name=name, what=type(failure).__name__)
                log.debug("no answer of a specialist", name=name, reason=str(failure))
                if has_spoken:
                    raise
                failures.append(failure)
            if has_spoken:
                return
        if failures and all(isinstance(each, SpecialistRefused) for each in failures):
            raise failures[-1]
        raise SpecialistFailed("no specialist answered")

    def tend(self) -> None:
        """Unload specialists that nobody has asked for a while."""
        self._pool.tend()

    def close(self) -> None:
        """Unload all."""
        self._pool.close()


def opened_delegation(
    settings: Settings, persona: Persona, is_known: Callable[[Transcript], bool]
) -> Delegation | None:
    """Return who asks experts; None where none is to be asked. Raises EngineFailed."""
    names = experts(settings.pool)
    if not names:
        return None
    from models.pool.pool import Pool  # noqa: PLC0415 - not held where nobody is asked
    from models.router.router import Router, read_head  # noqa: PLC0415 - the same

    router = Router(read_head(), settings.pool.household)
    return Delegation(names, Pool(settings), router, persona, is_known)
