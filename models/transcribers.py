"""Settings in, the speech recogniser they name out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
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
    from models.whisper import WhisperTranscriber  # noqa: PLC0415 - only the engine in use

    folder = prepare_whisper(encoder.model, store)
    return WhisperTranscriber(folder, encoder, settings.daemon.languages)


def prepare_whisper(reference: str, store: ModelStore) -> Path:
    """Return the folder of an exported Whisper, which is written first if it is not there.

    Writing takes half a minute and a gigabyte, in a process of its own that gives both back.
    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    files = store.resolve(reference)
    if not {"weights", "tokenizer"} <= files.keys():
        raise EngineFailed(f"model {reference} is no Whisper; name another under [encoder] model")

    def build(folder: Path) -> None:
        command = [sys.executable, "-m", "models.whisper_export"]
        command += [str(files["weights"]), str(files["tokenizer"]), str(folder)]
        done = subprocess.run(
            command, cwd=_PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise EngineFailed(lines[-1])

    return build_once(store.derived(reference, EXPORT_NAME), build)
