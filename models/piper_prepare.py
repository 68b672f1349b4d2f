"""A Piper voice's file in, a folder with its three graphs out, made once and then only loaded.

Run as a program by `models.voices`, so that what this takes, 200 MB for two seconds, is given
back whole: `python -m models.piper_prepare WEIGHTS VOICE CONFIG FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import onnx

from models.apart import preparation
from models.compact_weights import compact, halve
from models.errors import ModelMissing
from models.loudness import gain_for
from models.onnx_session import write_optimised
from models.piper import PiperVoice
from models.piper_files import PARTS, SPLIT_FILE, PreparedVoice, Split, read_config
from models.piper_split import split_voice

_LEVEL_TEXT: Final = "Hola, buenos dias. One, two, three, four, five, six."
"""Spoken once to measure how loud the voice is; its language does not matter for that."""

_STORED: Final = {"half": halve, "int8": compact}
_STORED_PARTS: Final = {"half": PARTS, "int8": ("prior", "shaper")}
"""In 8 bits the vocoder would add noise of its own."""


def prepare(voice: Path, config: Path, folder: Path, *, weights: str = "float") -> None:
    """Split the voice into `folder`, an empty one, and measure how loud it is.

    weights: "float"; "half" to store them in half of the memory; "int8" to store those of prior
    and shaper in a quarter of it.
    Raises ModelMissing, EngineFailed.
    """
    settings = read_config(config)
    if not voice.is_file():
        raise ModelMissing(voice.name, str(voice))
    parts = split_voice(voice)
    for part in PARTS:
        raw = folder / f"{part}.raw.onnx"
        onnx.save(getattr(parts, part), str(raw))
        write_optimised(raw, folder / f"{part}.onnx")
        raw.unlink()
        if part in _STORED_PARTS.get(weights, ()):
            written = folder / f"{part}.onnx"
            onnx.save(_STORED[weights](onnx.load(str(written))), str(written))
    split = Split(hop_samples=parts.hop_samples, shaper_reach=parts.shaper_reach, gain=1.0)
    prepared = PreparedVoice(folder=folder, split=split, config=settings)
    split = msgspec.structs.replace(split, gain=_gain(prepared))
    (folder / SPLIT_FILE).write_bytes(msgspec.json.encode(split))


def _gain(prepared: PreparedVoice) -> float:
    voice = PiperVoice(prepared, threads=1, speed=1.0, noise=0.0)
    waves = voice.waves(voice.phonemes(_LEVEL_TEXT), seed=0)
    return gain_for(
        np.concatenate([wave.samples for wave in waves if wave is not None]), voice.rate
    )


def main(arguments: list[str]) -> int:
    """Prepare, as `models.apart` asks; return an exit code."""
    weights = arguments[0]
    voice, config, folder = map(Path, arguments[1:])
    return preparation(lambda: prepare(voice, config, folder, weights=weights))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
