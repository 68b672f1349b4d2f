"""Settings in, a loaded language model and all that works with it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from models.language_models import open_language_model, open_state_files
from stages.answering import Answering
from stages.delegation import opened_delegation, opened_pool
from stages.emotion_words import decode
from stages.household import Household
from stages.interpreter import opened_interpreter
from stages.lookup import lookup_in, opened_notes
from stages.prompt_cache import PromptCache
from stages.prompts import Prompts
from stages.recollection import Recollection, line_of
from stages.summing_up import SummingUp

if TYPE_CHECKING:
    from pathlib import Path

    from bus.frames import Transcript
    from config.settings import Settings
    from models.llama import LlamaModel
    from models.notes.notes import Notes
    from models.pool.pool import Pool
    from models.scripted import ScriptedModel
    from stages.persona import Persona


class Mind(NamedTuple):
    """What is there once the model is loaded."""

    model: LlamaModel | ScriptedModel
    cache: PromptCache
    prompts: Prompts
    answering: Answering
    recollection: Recollection
    household: Household
    summing_up: SummingUp
    notes: Notes | None
    """None: nothing is remembered."""
    pool: Pool | None
    """None: no specialist is to be asked."""


def open_mind(settings: Settings, persona: Persona, runtime: Path | None) -> Mind:
    """Load the model and open the notes. runtime: the folder that goes with the daemon.

    Raises ConfigError, ModelMissing, ModelDamaged, UnknownModel, EngineFailed.
    """
    pool = opened_pool(settings)
    interpreter = opened_interpreter(settings, pool)
    model = open_language_model(settings)
    cache = PromptCache(model, *open_state_files(settings, runtime))
    notes = opened_notes(settings)

    def tokens(text: str) -> int:
        return len(model.tokenize(text))

    recollection = Recollection(
        lookup_in(notes, settings.memory),
        lambda passage: tokens(line_of(passage)),
        settings.memory.passage_tokens,
        lambda language: persona.wording(language).told,
    )
    prompts = Prompts(settings, persona, cache, tokens, notes=recollection.lines, mood=_mood)
    delegation = opened_delegation(
        settings, pool, persona, lambda transcript: bool(recollection.passages(transcript))
    )
    answering = Answering(
        settings, persona, model, cache, prompts,
        recall=recollection.to_tell, delegation=delegation, interpreter=interpreter,
    )  # fmt: skip
    return Mind(
        model=model,
        cache=cache,
        prompts=prompts,
        answering=answering,
        recollection=recollection,
        household=Household(notes, persona),
        summing_up=SummingUp(cache, prompts, answering.draw_sum),
        notes=notes,
        pool=pool,
    )


def _mood(transcript: Transcript) -> tuple[str, ...]:
    return decode(transcript.emotion, transcript.language)
