"""A wish to remember or to forget in, what was done about it out in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from config.logs import log
from models.errors import ModelError
from models.notes.errors import NotesError
from stages.household_requests import ForgetConversation, Remember, household_request

if TYPE_CHECKING:
    from bus.frames import Transcript
    from models.notes import Notes
    from stages.household_requests import HouseholdRequest
    from stages.persona import Persona


class Outcome(NamedTuple):
    """What came of a wish."""

    line: str
    """To be said."""
    conversation_is_forgotten: bool = False


class Household:
    """Does what is asked of the memory of this home. notes: None where nothing is kept."""

    def __init__(self, notes: Notes | None, persona: Persona) -> None:
        self._notes = notes
        self._persona = persona

    def do(self, wish: HouseholdRequest, transcript: Transcript) -> Outcome:
        """Do it, and say so only afterwards. Doing it twice is doing it once."""
        wording = self._persona.wording(transcript.language)
        if isinstance(wish, ForgetConversation):
            return Outcome(wording.conversation_forgotten, conversation_is_forgotten=True)
        if self._notes is None:
            return Outcome(wording.not_kept)
        try:
            if isinstance(wish, Remember):
                self._notes.remember(wish.text, transcript.language)
                return Outcome(wording.remembered)
            fact = self._notes.fact_about(wish.text)
            forgotten = fact is not None and self._notes.forget(fact.id)
            return Outcome(wording.forgotten if forgotten else wording.nothing_to_forget)
        except (NotesError, ModelError) as failure:
            log.error("the notes were not changed", reason=str(failure))
            return Outcome(wording.not_kept)
        finally:
            self._notes.rest()


def wish_in(transcript: Transcript) -> HouseholdRequest | None:
    """Return what the words ask of the memory of this home; None: they want an answer."""
    return household_request(transcript.text)
