"""A transcript in, the words of those who are asked before the thinker's own model out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from config.logs import log
from models.pool.choice import able, experts
from models.pool.errors import NoSpecialist, SpecialistFailed, SpecialistRefused
from models.pool.messages import Chat, Look, Task
from models.protocols import ChatMessage
from stages.prompt import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from bus.frames import Transcript
    from config.pool_settings import Pool as PoolSettings
    from config.settings import Settings
    from models.pool.pool import Pool
    from models.router.router import Router
    from stages.persona import Persona


class Errand(Struct, frozen=True):
    """What is asked of whom."""

    names: tuple[str, ...]
    """In this order."""
    task: Task
    no_room: str
    """Said when there is memory for none of them."""
    instead: str
    """Said when none of them answers; empty: the thinker's own model answers."""


class Delegation:
    """Asks experts what asks for much knowledge and is nobody's business, and eyes what is seen.

    is_known: whether the notes of this home say something to a transcript; then it stays here.
    """

    def __init__(
        self,
        settings: PoolSettings,
        pool: Pool,
        router: Router,
        persona: Persona,
        is_known: Callable[[Transcript], bool],
    ) -> None:
        self._experts = experts(settings)
        self._eyes = able(settings, "vision") if settings.image else ()
        self._image = settings.image
        self._pool = pool
        self._router = router
        self._persona = persona
        self._is_known = is_known

    def errand(self, transcript: Transcript) -> Errand | None:
        """Return whom to ask, and what; None where the thinker's own model answers.

        An expert gets the words of this turn and how to answer, nothing said or noted before.
        """
        route = self._router.route(transcript.text, transcript.latent).route
        wording, words = self._persona.wording(transcript.language), plain(transcript.text).strip()
        if route == "vision" and self._eyes:
            look = Look(words, self._image)
            return Errand(self._eyes, look, wording.no_room_to_look, wording.no_sight)
        if route == "expert" and self._experts and not self._is_known(transcript):
            how = ChatMessage("system", wording.expert)
            chat = Chat((how, ChatMessage("user", words)))
            return Errand(self._experts, chat, wording.no_room, "")
        return None

    def prepare(self, errand: Errand) -> None:
        """Have the first who will be asked loaded. Tells it nothing."""
        self._pool.prepare(errand.names[0])

    def ask(self, errand: Errand) -> Generator[str | None]:
        """Yield the words of the first who has some; None between two steps.

        Raises SpecialistRefused where there was memory for none, SpecialistFailed where all failed
        or one broke off.
        """
        failures: list[NoSpecialist] = []
        for name in errand.names:
            has_spoken = False
            log.info("a specialist is asked", name=name)
            try:
                for piece in self._pool.answer(name, errand.task):
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


def opened_pool(settings: Settings) -> Pool | None:
    """Return the specialists; None where none is to be asked."""
    if not _is_delegated(settings.pool) and not settings.pool.languages:
        return None
    from models.pool.pool import Pool  # noqa: PLC0415 - not held where nobody is asked

    return Pool(settings)


def opened_delegation(
    settings: Settings, pool: Pool | None, persona: Persona, is_known: Callable[[Transcript], bool]
) -> Delegation | None:
    """Return who asks specialists; None where none is to be asked. Raises EngineFailed."""
    wanted = settings.pool
    if pool is None or not _is_delegated(wanted):
        return None
    from models.router.router import Router, read_head  # noqa: PLC0415 - as in opened_pool

    router = Router(read_head(), wanted.household)
    return Delegation(wanted, pool, router, persona, is_known)


def _is_delegated(wanted: PoolSettings) -> bool:
    return bool(experts(wanted) or (wanted.image and able(wanted, "vision")))
