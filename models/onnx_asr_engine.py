"""Any recogniser of the onnx-asr library behind our protocol: samples in, a hypothesis out.

Parakeet, Canary, Whisper and others are one line of config. Their files lie in a folder of the
model store, or of the user's own; nothing is fetched when it is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import onnxruntime as ort  # type: ignore[import-untyped]
from onnx_asr.loader import Manager, create_asr_resolver
from onnx_asr.utils import ModelLoadingError

from models.catalogue import is_path
from models.errors import EngineFailed, FetchFailed, ModelMissing
from models.protocols import Float32Array, Hypothesis, Steps
from models.text_language import guess_language
from models.transcript_guards import compression

if TYPE_CHECKING:
    from config.stage_settings import Encoder
    from models.store import ModelStore

_RATE: Final = 16_000
_LEAST_SAMPLES: Final = _RATE // 10
"""Shorter sound is no word, and some graphs reject it."""


class OnnxAsrTranscriber:
    """One model of the library (protocol `Transcriber`).

    folder: its files. The kind of model is what its config.json says, else what `name` says.
    Raises EngineFailed when the library cannot load it.
    """

    def __init__(
        self, name: str, folder: Path, settings: Encoder, languages: Sequence[str]
    ) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = settings.threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        manager = Manager(options, providers=["CPUExecutionProvider"])
        kind = None if (folder / "config.json").is_file() else name
        try:
            self._model = manager.create_asr(
                kind, folder, quantization=settings.quantisation or None, offline=True
            )
        except Exception as error:  # the library and the runtime share no base class
            raise EngineFailed(
                f"model {name} in {folder}: the onnx-asr library cannot load it ({error}); "
                f"fetch it with: python run_pipeline.py models fetch {_fetch_options(name)}"
            ) from error
        self._guards = settings.guards
        self._languages = tuple(languages)

    def transcribe(
        self, samples: Float32Array, draft: Hypothesis | None = None, *, hasty: bool = False
    ) -> Steps[Hypothesis]:
        """Return the words spoken in `samples`; these models take no draft.

        samples: shape (n,), float32 in [-1, 1], mono, 16 kHz.
        Raises EngineFailed when the runtime rejects the input.
        """
        del draft, hasty
        yield
        if len(samples) < _LEAST_SAMPLES:
            return self._hypothesis("")
        try:
            text = self._model.recognize(samples, sample_rate=_RATE)
        except Exception as error:  # the runtime's exceptions share no base class
            raise EngineFailed(f"onnx-asr rejected {len(samples)} samples: {error}") from error
        return self._hypothesis(" ".join(str(text).split()))

    def _hypothesis(self, text: str) -> Hypothesis:
        """Return what is believed of `text`; such models give no probabilities."""
        language, share = guess_language(text, self._languages)
        doubt = ""
        if not re.search(r"\w", text):
            doubt = "blank"
        elif compression(text) > self._guards.most_compression:
            doubt = "compression"
        return Hypothesis(
            text="" if doubt else text,
            language=language,
            language_probability=share,
            log_probability=0.0,
            no_speech_probability=0.0,
            suppressed=doubt,
        )


def model_folder(name: str, store: ModelStore) -> Path:
    """Return where the files of a model of the library lie. `name`: a path, or the library's."""
    if is_path(name) and Path(name).expanduser().is_dir():
        return Path(name).expanduser()
    return store.root / "onnx-asr" / name.replace("/", "--")


def fetch_onnx_asr(name: str, quantisation: str, store: ModelStore) -> Path:
    """Return the folder of a model, which the library's own client fetches if it is not there.

    Raises FetchFailed when it cannot be had.
    """
    folder = model_folder(name, store)
    if any(folder.glob("*.onnx")):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        resolver = create_asr_resolver(name, folder, offline=False)
        resolver.resolve_model(quantization=quantisation or None)
    except (ModelLoadingError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise FetchFailed(f"model {name}: its repository did not serve it ({reason})") from error
    return folder


def open_onnx_asr(
    settings: Encoder, languages: Sequence[str], store: ModelStore
) -> OnnxAsrTranscriber:
    """Return the model of `[encoder]`, loaded. Raises ModelMissing, EngineFailed."""
    folder = model_folder(settings.model, store)
    if not any(folder.glob("*.onnx")):
        raise ModelMissing(settings.model, str(folder), _fetch_options(settings.model))
    return OnnxAsrTranscriber(settings.model, folder, settings, languages)


def _fetch_options(name: str) -> str:
    return f"--set encoder.engine=onnx-asr --set encoder.model={name}"
