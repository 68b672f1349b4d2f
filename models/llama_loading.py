"""A GGUF file and settings in, llama.cpp's model and context out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.stage_settings import Thinker
from models.errors import EngineFailed
from models.heap_trim import map_large_blocks
from models.llama_library import journal, llama


def load_model(path: Path) -> Any:  # noqa: ANN401 - a C pointer
    """Load weights and vocabulary.

    The weights are read into memory of their own, not mapped: llama.cpp keeps a repacked copy of
    them, and a mapped file would hold the same weights once more (818 MB against 1,355 MB for
    LFM2-1.2B). Raises EngineFailed.
    """
    map_large_blocks()  # saved states are a few megabytes each
    functions = llama()
    wanted = functions.llama_model_default_params()
    wanted.load_mode = functions.LLAMA_LOAD_MODE_NONE
    wanted.n_gpu_layers = 0
    model = functions.llama_model_load_from_file(str(path).encode(), wanted)
    if not model:
        raise EngineFailed(
            f"{path}: llama.cpp cannot load it ({journal.last_error()}); "
            "it must be a GGUF chat model that fits into memory"
        )
    return model


def open_context(model: Any, path: Path, settings: Thinker) -> Any:  # noqa: ANN401 - C pointers
    """Open a context for one sequence, its batches no larger than a step. Raises EngineFailed."""
    functions = llama()
    wanted = functions.llama_context_default_params()
    wanted.n_ctx = settings.context_tokens
    wanted.n_batch = wanted.n_ubatch = settings.batch_tokens
    wanted.n_seq_max = 1
    wanted.n_threads = wanted.n_threads_batch = settings.threads
    kinds = {"f16": functions.GGML_TYPE_F16, "q8_0": functions.GGML_TYPE_Q8_0}
    wanted.type_k = wanted.type_v = kinds[settings.kv_type]
    wanted.flash_attn_type = (
        functions.LLAMA_FLASH_ATTN_TYPE_ENABLED
        if settings.flash_attention
        else functions.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    wanted.offload_kqv = wanted.op_offload = False
    wanted.no_perf = True
    context = functions.llama_init_from_model(model, wanted)
    if not context:
        raise EngineFailed(
            f"{path.name}: no context of {settings.context_tokens} tokens "
            f'({journal.last_error()}); try thinker.kv_type = "f16" '
            "or a smaller thinker.context_tokens"
        )
    return context
