"""Fetched models in; what their engines make of them once, made now instead of at first use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from models.sentence_encoder import prepare_sentence_encoder
from models.silero import prepare_silero
from models.smart_turn import prepare_smart_turn
from models.transcribers import prepare_whisper
from models.voices import prepare_voice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from config.settings import Settings
    from config.stage_settings import Encoder
    from models.store import ModelStore


def fetch_recogniser(settings: Encoder, store: ModelStore, write: Callable[[str], None]) -> None:
    """Fetch the onnx-asr library's model where `[encoder]` names one. Raises FetchFailed."""
    if settings.engine != "onnx-asr":
        return
    from models.onnx_asr_engine import fetch_onnx_asr  # noqa: PLC0415 - only the engine in use

    folder = fetch_onnx_asr(settings.model, settings.quantisation, store)
    write(f"{settings.model}: in {folder}")


def prepare_models(
    settings: Settings, store: ModelStore, model_ids: Sequence[str], write: Callable[[str], None]
) -> None:
    """Make the derived files of each model that has some, and write what took long.

    Raises ModelMissing, ModelDamaged, EngineFailed, CacheUnusable.
    """
    for name in model_ids:
        began_s = time.monotonic()
        match store.catalogue.model(name).kind:
            case "ct2-whisper":
                prepare_whisper(name, store)
            case "piper" | "kokoro":
                prepare_voice(name, settings.talker.weights, store)
            case "silero":
                prepare_silero(name, store)
            case "smart-turn":
                prepare_smart_turn(name, store)
            case "sentence-encoder":
                prepare_sentence_encoder(name, store)
        took_s = time.monotonic() - began_s
        if took_s > 1.0:
            write(f"{name}: prepared in {took_s:.0f} s")
