"""A question about an image in, a vision-language model's answer out, token by token.

Stands on llama.cpp's multimodal library (mtmd). The camera is whatever program writes a picture.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from llama_cpp import Llama
from llama_cpp.llama_chat_format import MTMDChatHandler

from config.settings import Settings
from models.errors import EngineFailed
from models.pool.messages import Look, Task
from models.store import open_store

_MOST_BYTES: Final = 32 << 20
_CAMERA_WITHIN_S: Final = 10


class VisionModel:
    """A GGUF model and its projector: a catalogue id, or a .gguf with mmproj*.gguf beside it.

    Raises ModelMissing, ModelDamaged, UnknownModel, EngineFailed.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        specialist = settings.pool.specialists[name]
        model, projector = _files(specialist.model)
        self._camera = settings.pool.camera
        self._sampling = {
            "temperature": settings.thinker.temperature,
            "top_p": settings.thinker.top_p,
            "min_p": settings.thinker.min_p,
            "repeat_penalty": settings.thinker.repeat_penalty,
            "seed": settings.daemon.seed,
            "max_tokens": settings.pool.most_tokens,
        }
        try:
            self._model: Any = Llama(
                str(model),
                chat_handler=_Handler(str(projector), verbose=False, use_gpu=False),
                n_ctx=specialist.context_tokens,
                n_threads=specialist.threads,
                n_threads_batch=specialist.threads,
                use_mmap=False,  # else the weights are held twice, as in models.llama_loading
                verbose=False,
            )
        except ValueError as error:
            raise EngineFailed(f"{model}: llama.cpp cannot load it: {error}") from error

    def answer(self, task: Task) -> Iterator[str | None]:
        """Yield text as it is drawn. Raises EngineFailed for what is no picture."""
        if not isinstance(task, Look):
            raise EngineFailed("a vision model answers questions about images")
        picture = base64.b64encode(self._picture(Path(task.image))).decode("ascii")
        content = [
            {"type": "image_url", "image_url": {"url": f"data:image;base64,{picture}"}},
            {"type": "text", "text": task.question},
        ]
        messages = [{"role": "user", "content": content}]
        try:
            for chunk in self._model.create_chat_completion(
                messages=messages, stream=True, **self._sampling
            ):
                yield chunk["choices"][0]["delta"].get("content")
        except ValueError as error:
            raise EngineFailed(f"{task.image}: cannot be looked at: {error}") from error

    def _picture(self, path: Path) -> bytes:
        """Return the bytes of the image; the camera, where there is one, writes it first."""
        try:
            if self._camera:
                subprocess.run(
                    self._camera, check=True, timeout=_CAMERA_WITHIN_S, capture_output=True
                )
            if path.stat().st_size > _MOST_BYTES:
                raise EngineFailed(f"{path}: larger than {_MOST_BYTES >> 20} MiB; make it smaller")
            return path.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineFailed(f"pool.image, pool.camera: no picture: {error}") from error


class _Handler(MTMDChatHandler):
    """Joins the parts of a message into one text: not all templates take them apart."""

    @classmethod
    def _convert_message_for_template(
        cls,
        message: Any,  # noqa: ANN401 - llama_cpp has no types
        media_marker: str,
    ) -> dict[str, Any]:
        parts = [
            media_marker if part["type"] == "image_url" else part["text"]
            for part in message["content"]
        ]
        return {**message, "content": "\n".join(parts)}


def _files(reference: str) -> tuple[Path, Path]:
    """Return the model and its projector."""
    files = open_store().resolve(reference)
    model = files["model"]
    beside = sorted(model.parent.glob("mmproj*.gguf"))
    projector = files.get("projector") or (beside[0] if beside else None)
    if projector is None:
        raise EngineFailed(f"{model}: no mmproj*.gguf beside it; put the model's projector there")
    return model, projector
