"""Settings in, the speech recogniser they name out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from config.settings import Settings
from models.apart import prepare_apart
from models.derived import build_once
from models.errors import EngineFailed
from models.protocols import Transcriber
from models.store import ModelStore, open_store
from models.whisper_files import EXPORT_NAME


def open_transcriber(settings: Settings, store: ModelStore | None = None) -> Transcriber:
    """Return the recogniser of `[encoder]`, loaded; what has to be made for it is made, once.

    store: the models' folder; None: the default one.
    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    encoder = settings.encoder
    store = store or open_store()
    if encoder.engine == "onnx-asr":
        from models.onnx_asr_engine import open_onnx_asr  # noqa: PLC0415 - only the engine in use

        return open_onnx_asr(encoder, settings.heard_languages, store)
    from models.emotion.head import EmotionHead  # noqa: PLC0415 - only the engine in use
    from models.whisper import WhisperTranscriber  # noqa: PLC0415 - the same

    folder = prepare_whisper(encoder.model, store)
    head = EmotionHead() if encoder.emotion else None
    return WhisperTranscriber(folder, encoder, settings.heard_languages, head)


def prepare_whisper(
    reference: str, store: ModelStore, advance: Callable[[int], None] | None = None
) -> Path:
    """Return the folder of an exported Whisper, which is written first if it is not there.

    Writing takes ten seconds and 800 MB, in a process of its own that gives them back.
    advance: told how many of `whisper_files.STEPS` are done.
    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    files = store.resolve(reference)
    if not {"weights", "tokenizer"} <= files.keys():
        raise EngineFailed(f"model {reference} is no Whisper; name another under [encoder] model")

    def build(folder: Path) -> None:
        sources = (files["weights"], files["tokenizer"])
        prepare_apart("models.whisper_export", *sources, folder, advance=advance)

    return build_once(store.derived(reference, EXPORT_NAME), build)
