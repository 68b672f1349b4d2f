"""Settings in, the speech recogniser they name out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from config.settings import Settings
from models.derived import build_once
from models.errors import EngineFailed
from models.protocols import Transcriber
from models.store import ModelStore, open_store
from models.whisper_files import EXPORT_NAME

_PROJECT: Final = Path(__file__).resolve().parent.parent


def open_transcriber(settings: Settings, store: ModelStore | None = None) -> Transcriber:
    """Return the recogniser of `[encoder]`, loaded; what has to be made for it is made, once.

    store: the models' folder; None: the default one.
    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    encoder = settings.encoder
    store = store or open_store()
    if encoder.engine == "onnx-asr":
        from models.onnx_asr_engine import open_onnx_asr  # noqa: PLC0415 - only the engine in use

        return open_onnx_asr(encoder, settings.daemon.languages, store)
    from models.emotion.head import EmotionHead  # noqa: PLC0415 - only the engine in use
    from models.whisper import WhisperTranscriber  # noqa: PLC0415 - the same

    folder = prepare_whisper(encoder.model, store)
    head = EmotionHead() if encoder.emotion else None
    return WhisperTranscriber(folder, encoder, settings.daemon.languages, head)


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
        _export([files["weights"], files["tokenizer"], folder], advance)

    return build_once(store.derived(reference, EXPORT_NAME), build)


def _export(paths: Sequence[Path], advance: Callable[[int], None] | None) -> None:
    command = [sys.executable, "-m", "models.whisper_export", *map(str, paths)]
    with (
        TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, cwd=_PROJECT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                if advance is not None:
                    advance(int(line))
            code = process.wait()
        finally:
            process.kill()
        if code:
            errors.seek(0)
            lines = errors.read().strip().splitlines() or [f"exit code {code}"]
            raise EngineFailed(lines[-1])
