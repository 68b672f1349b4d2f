"""Log-mel and tokens in, logits out: the passes through an exported Whisper's two graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct

from models import whisper_files as files
from models.log_mel import FLOOR
from models.onnx_session import Graph, Value, value_of
from models.protocols import Float32Array

TAIL_FRAMES: Final = 20
"""Silence after the sound that is encoded with it, 200 ms. Without it, the model repeats one word
in forty for ever, because cached silence never heard that a word has just ended."""
Memory: TypeAlias = dict[str, Value]
"""What the decoder attends to, and how much, by the names of its inputs."""
_NEVER: Final = -1e9
"""Added to the score of a token that must not be seen; finite, because infinities make NaN."""


class Impression(Struct, frozen=True):
    """What the encoder makes of a stretch of sound."""

    memory: Memory
    mel: Float32Array
    """(bands, frames), as it was given."""
    middle: Float32Array
    """(positions, width): what its layer in the middle leaves, TAIL_FRAMES included."""


class WhisperPasses:
    """An exported Whisper model, loaded.

    Raises ModelMissing, EngineFailed.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        self.description = files.read_description(folder)
        self.shape = self.description.shape
        # Not spinning: on two cores the other thread's core belongs to another worker's work.
        self._encoder = Graph(
            folder / files.ENCODER, threads=threads, optimised=True, packed=False, spinning=False
        )
        self._decoder = Graph(
            folder / files.DECODER, threads=threads, optimised=True, spinning=False
        )
        self._table = files.TokenTable(folder, self.shape)
        self._places: Float32Array = np.load(folder / files.POSITIONS)
        self._silence = files.SilentMemory(folder, self.shape)

    def listen(self, mel: Float32Array, *, silence_positions: int) -> Impression:
        """Return what the encoder makes of `mel`.

        mel: (bands, frames) as `log_mel` returns it, 2 frames a position; TAIL_FRAMES of silence
        are added. Longer than the model's positions: the rest is cut off. silence_positions: how
        much cached silence is heard after it.
        Raises EngineFailed.
        """
        padded = with_tail(mel, self.shape.positions)
        positions = padded.shape[1] // 2
        end = min(positions + silence_positions, self.shape.positions)
        silence = self._silence.between(positions, end)
        row = np.concatenate([np.zeros(positions, np.float32), silence.bias])
        bias = np.ascontiguousarray(np.broadcast_to(row, (1, 1, positions, len(row))))
        feed = {"mel": padded, "bias": bias, **silence.inputs}
        memory = self._encoder.run_values({name: value_of(each) for name, each in feed.items()})
        middle = memory.pop(files.MIDDLE).numpy()
        return Impression(memory | {"sound_bias": value_of(row)}, mel, middle)

    def begin(self, memory: Memory) -> Reading:
        """Return a decoding of `memory`, nothing read yet."""
        return Reading(self, memory)

    def embed(self, tokens: list[int], first: int) -> Float32Array:
        """Return the embeddings (tokens, width) of `tokens` at positions `first` and after."""
        return self._table.rows(tokens) + self._places[first : first + len(tokens)]

    def decode(self, feed: Mapping[str, Value]) -> dict[str, Value]:
        """Run the decoder once. Raises EngineFailed."""
        return self._decoder.run_values(feed)


def with_tail(mel: Float32Array, most_positions: int) -> Float32Array:
    """Return `mel` with TAIL_FRAMES of silence behind it: (bands, an even number of frames)."""
    positions = min(-(-(mel.shape[1] + TAIL_FRAMES) // 2), most_positions)
    result = np.full((len(mel), 2 * positions), FLOOR, np.float32)
    count = min(mel.shape[1], 2 * positions)
    result[:, :count] = mel[:, :count]
    return result


class Reading:
    """The decoder's memory of the tokens it has read."""

    def __init__(self, passes: WhisperPasses, memory: Memory) -> None:
        shape = passes.shape
        self._passes = passes
        self._memory = memory
        self.length = 0
        """Tokens read."""
        self._held = 0
        """Tokens in `_past`, some of which may be forgotten."""
        nothing = value_of(np.zeros((shape.heads, 0, shape.head_size), np.float32))
        self._past = {
            f"past_{kind}_{layer}": nothing
            for kind in ("keys", "values")
            for layer in range(shape.decoder_layers)
        }

    def read(self, tokens: Sequence[int], *, wanted: int = 1) -> Float32Array:
        """Read `tokens`; return the logits after the last `wanted`, (wanted, vocabulary).

        What is read in one call or in several gives the same logits, to the bit.
        Raises EngineFailed, also when they do not fit into the model's context.
        """
        count = len(tokens)
        # One row alone takes other kernels, whose results differ in the third digit.
        read = [*tokens, tokens[-1]] if count == 1 else list(tokens)
        mask = np.zeros((len(read), self.length + len(read)), np.float32)
        mask[:, self.length :] = np.triu(np.full((len(read), len(read)), _NEVER, np.float32), 1)
        feed = {
            "embedded": value_of(self._passes.embed(read, self.length)),
            "mask": value_of(mask),
            "first": value_of(np.array([count - wanted], np.int64)),
        }
        result = self._passes.decode(feed | self._memory | self._known())
        logits: Float32Array = result.pop("logits").numpy()
        self._past = {f"past_{name}": value for name, value in result.items()}
        self._held = self.length + len(read)
        self.length += count
        return logits[:wanted]

    def forget(self, count: int) -> None:
        """Go back to before the last `count` tokens."""
        self.length -= count

    def _known(self) -> dict[str, Value]:
        """Return keys and values of the tokens that count."""
        if self._held > self.length:
            self._past = {
                name: value_of(value.numpy()[:, : self.length].copy())
                for name, value in self._past.items()
            }
            self._held = self.length
        return self._past
