"""An ONNX file in, a session out that loads fast, holds little memory and fails by name."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from numpy.typing import NDArray

from models.errors import EngineFailed, ModelMissing

_PROVIDERS: Final = ["CPUExecutionProvider"]
_ERRORS_ONLY: Final = 3

Value: TypeAlias = Any
"""An array in the runtime's memory (OrtValue); its `numpy()` is an array."""
Options: TypeAlias = Any
Session: TypeAlias = Any


class Graph:
    """One loaded graph.

    path: the file. threads: what the graph may use, the caller's included.
    optimised: the file comes from `write_optimised`; it is then taken as it is, which saves the
    second that the optimiser needs for a graph of two thousand nodes.
    packed: weights are copied into the layout that is fastest; without, they stay in the file's
    memory map, which costs graphs that take many rows at once nothing.
    spinning: a thread without work waits awake, which is faster while no one else wants its core.
    Raises ModelMissing where there is no file, EngineFailed where the runtime refuses it.
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int,
        optimised: bool = False,
        packed: bool = True,
        spinning: bool = True,
    ) -> None:
        self.path = path
        options = _options(threads, optimised=optimised)
        options.add_session_config_entry("session.disable_prepacking", "0" if packed else "1")
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spinning)))
        self._session = _open(path, options)
        self.inputs: tuple[str, ...] = tuple(item.name for item in self._session.get_inputs())
        self.outputs: tuple[str, ...] = tuple(item.name for item in self._session.get_outputs())

    def run(self, feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Return all outputs, in the order of `outputs`. Raises EngineFailed."""
        try:
            results: list[NDArray[Any]] = self._session.run(None, dict(feed))
        except Exception as error:  # the runtime's exceptions share no class of their own
            raise self._refused(error) from error
        return results

    def run_values(self, feed: Mapping[str, Value]) -> dict[str, Value]:
        """Return all outputs by name, in the runtime's memory: nothing is copied.

        Raises EngineFailed.
        """
        try:
            results = self._session.run_with_ort_values(self.outputs, dict(feed))
        except Exception as error:  # the runtime's exceptions share no class of their own
            raise self._refused(error) from error
        return dict(zip(self.outputs, results, strict=True))

    def run_named(self, feed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Return all outputs by name. Raises EngineFailed."""
        return dict(zip(self.outputs, self.run(feed), strict=True))

    def width(self, name: str) -> int:
        """Return the last dimension of the input `name`, a fixed one."""
        (shape,) = (item.shape for item in self._session.get_inputs() if item.name == name)
        return int(shape[-1])

    def _refused(self, error: Exception) -> EngineFailed:
        cause = (str(error).splitlines() or [type(error).__name__])[0]
        return EngineFailed(f"{self.path.name}: the runtime refused: {cause}")


def value_of(array: NDArray[Any]) -> Value:
    """Return `array` as the runtime's value; they share their memory."""
    return _runtime().OrtValue.ortvalue_from_numpy(array)


def write_optimised(source: Path, target: Path) -> None:
    """Write `source`, fused and folded, to `target`, for any CPU. Raises EngineFailed."""
    options = _options(1, optimised=False)
    # Extended, not all: the layout of the highest level fits the writing machine's CPU only.
    options.graph_optimization_level = _runtime().GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    _open(source, options)


def _options(threads: int, *, optimised: bool) -> Options:
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    if optimised:
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


def _open(path: Path, options: Options) -> Session:
    if not path.is_file():
        raise ModelMissing(path.name, str(path))
    try:
        return _runtime().InferenceSession(str(path), options, providers=_PROVIDERS)
    except Exception as error:  # the runtime's exceptions share no class of their own
        raise EngineFailed(
            f"{path}: the runtime cannot load this graph; fetch the model again"
        ) from error


@cache
def _runtime() -> Any:  # noqa: ANN401 - the library brings no types
    """Return onnxruntime. It takes 10 MB: a process by itself loads it with its first graph."""
    return importlib.import_module("onnxruntime")
