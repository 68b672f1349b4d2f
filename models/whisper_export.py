"""A Whisper checkpoint in, a folder with its two ONNX graphs and all they need out.

Run as a program by `models.transcribers`, so that the gigabyte it takes for half a minute is given
back whole: `python -m models.whisper_export WEIGHTS TOKENIZER FOLDER`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from models import whisper_files as files
from models.apart import preparation
from models.errors import EngineFailed
from models.log_mel import FLOOR, SAMPLE_RATE, log_mel
from models.onnx_session import value_of
from models.onnx_writer import Precision
from models.protocols import Float32Array
from models.whisper_decoder_graph import decoder_graph
from models.whisper_encoder_graph import encoder_graph
from models.whisper_passes import WhisperPasses, with_tail
from models.whisper_reference import Encoded, WhisperReference
from models.whisper_vocabulary import Vocabulary, read_vocabulary
from models.whisper_weights import WhisperShape, WhisperWeights

MOST_STATES_ERROR: Final = 0.3
MOST_LOGITS_ERROR: Final = 0.1
"""Norm of the difference over norm of the original. Right exports of Whisper base have 0.18 and
0.02; a graph with one mistake in it, a sign or a transposition, has more than 0.5."""

_CHECK_S: Final = 2.0
_CHECK_TOKENS: Final = (40, 50, 60, 70)
"""Any ordinary ones will do."""


class Precisions(Struct, frozen=True):
    """How the two graphs compute."""

    encoder: Precision
    decoder: Precision


SHIPPED: Final = Precisions(encoder="rows", decoder="blocks")


def export_whisper(
    weights: Path,
    tokenizer: Path,
    folder: Path,
    advance: Callable[[int], None],
    precisions: Precisions = SHIPPED,
) -> None:
    """Write the graphs of a checkpoint into `folder`, an empty one, and check them.

    advance: told how many of `whisper_files.STEPS` are done. Raises ModelMissing, and EngineFailed
    when the checkpoint cannot be read or the graphs' results are too far from the original's.
    """
    checkpoint = WhisperWeights.read(weights)
    shape = checkpoint.shape
    reference = WhisperReference(checkpoint)
    _write_silence(folder, reference)
    advance(1)
    encoder_graph(checkpoint, precisions.encoder).write(folder / files.ENCODER)
    advance(2)
    decoder_graph(checkpoint, precisions.decoder).write(folder / files.DECODER)
    table = checkpoint.array("decoder/embeddings/weight")
    table.astype(np.float16).tofile(folder / files.EMBEDDING)
    np.save(folder / files.POSITIONS, checkpoint.array("decoder/position_encodings/encodings"))
    advance(3)
    vocabulary = read_vocabulary(tokenizer, shape.vocabulary)
    _describe(folder, shape, vocabulary, (0.0, 0.0))
    _describe(folder, shape, vocabulary, _check(folder, reference, vocabulary))
    advance(4)


def _write_silence(folder: Path, reference: WhisperReference) -> None:
    shape = reference.shape
    silent = reference.encode(np.full((shape.bands, 2 * shape.positions), FLOOR, np.float32))
    pairs = (
        *zip(silent.keys, silent.values, strict=True),
        *zip(silent.cross_keys, silent.cross_values, strict=True),
    )
    arrays = np.stack([each for pair in pairs for each in pair])
    np.save(folder / files.SILENCE, arrays)
    np.save(folder / files.SILENT_GROUPS, files.grouped(arrays))


def _describe(
    folder: Path, shape: WhisperShape, vocabulary: Vocabulary, errors: tuple[float, float]
) -> None:
    description = files.Description(
        shape=shape, vocabulary=vocabulary, states_error=errors[0], logits_error=errors[1]
    )
    (folder / files.DESCRIPTION).write_bytes(msgspec.msgpack.encode(description))


def _check(
    folder: Path, reference: WhisperReference, vocabulary: Vocabulary
) -> tuple[float, float]:
    """Return the errors of the graphs on a made-up sound. Raises EngineFailed when too large."""
    passes = WhisperPasses(folder, threads=1)
    mel = log_mel(voice_like(_CHECK_S), reference.shape.bands)
    right = reference.encode(with_tail(mel, reference.shape.positions))
    memory = cross_memory(right, reference.shape)
    heard = passes.listen(mel, silence_positions=0).memory
    crossed = [name for name in memory if name.startswith("cross")]
    states_error = max(_distance(heard[name].numpy(), memory[name]) for name in crossed)
    tokens = [vocabulary.start, *vocabulary.prompt("en"), *_CHECK_TOKENS]
    reading = passes.begin({name: value_of(array) for name, array in memory.items()})
    logits_error = _distance(
        reading.read(tokens, wanted=len(tokens)), reference.logits(tokens, right)
    )
    if states_error > MOST_STATES_ERROR or logits_error > MOST_LOGITS_ERROR:
        raise EngineFailed(
            f"{folder.name}: the exported graphs differ from the original "
            f"(encoder {states_error:.3f}, decoder {logits_error:.3f}); report this as a bug"
        )
    return states_error, logits_error


def cross_memory(encoded: Encoded, shape: WhisperShape) -> dict[str, Float32Array]:
    """Return what the decoder attends to, laid out and named as its graph takes it."""
    memory: dict[str, Float32Array] = {"sound_bias": np.zeros(len(encoded.states), np.float32)}
    split = (-1, shape.heads, shape.head_size)
    for layer, keys in enumerate(encoded.cross_keys):
        values = encoded.cross_values[layer]
        memory[f"cross_keys_{layer}"] = keys.reshape(split).transpose(1, 2, 0)
        memory[f"cross_values_{layer}"] = values.reshape(split).transpose(1, 0, 2)
    return {name: np.ascontiguousarray(array) for name, array in memory.items()}


def _distance(found: Float32Array, right: Float32Array) -> float:
    return float(np.linalg.norm(found - right) / np.linalg.norm(right))


def voice_like(seconds: float) -> Float32Array:
    """Return a sound with a voice's harmonics and loudness, the same each time."""
    time_s = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch_hz = 120 + 30 * np.sin(2 * np.pi * 0.7 * time_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE
    sound = sum(
        np.sin(order * phase + order) / order * (1 + np.cos(2 * np.pi * time_s * (1 + order / 7)))
        for order in range(1, 25)
    )
    loud = np.clip(np.sin(2 * np.pi * 2.3 * time_s) + 0.6, 0.0, 1.0)
    result: Float32Array = (0.05 * sound * loud).astype(np.float32)
    return result


def main(arguments: list[str]) -> int:
    """Export; writes each step's number on stdout as it is done.

    Returns an exit code, as `models.apart` asks.
    """
    weights, tokenizer, folder = map(Path, arguments)

    def advance(done: int) -> None:
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()

    return preparation(lambda: export_whisper(weights, tokenizer, folder, advance))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
