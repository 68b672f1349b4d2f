"""Kokoro's files in, a folder with a faster graph out, made once and then only loaded.

Run as a program by `models.voices`, so that the memory it takes is given back whole:
`python -m models.kokoro_prepare MODEL VOCABULARY STYLES FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import onnx

from models.apart import preparation
from models.errors import EngineFailed, ModelMissing
from models.kokoro import GRAPH_FILE, LEVEL_FILE, RATE, KokoroFiles, KokoroVoice, Level
from models.kokoro_graph import with_float_generator
from models.loudness import gain_for
from models.onnx_session import write_optimised


def prepare(model: Path, vocabulary: Path, styles: Path, folder: Path) -> None:
    """Write the faster graph into `folder`, an empty one, and measure how loud it is.

    Raises ModelMissing, EngineFailed.
    """
    if not model.is_file():
        raise ModelMissing(model.name, str(model))
    try:
        faster = with_float_generator(onnx.load(str(model)))
    except Exception as error:  # protobuf's and onnx's errors share no class
        raise EngineFailed(f"{model}: this is not Kokoro's graph; fetch it again") from error
    raw = folder / "raw.onnx"
    onnx.save(faster, str(raw))
    write_optimised(raw, folder / GRAPH_FILE)
    raw.unlink()
    files = KokoroFiles(folder, vocabulary, styles)
    voice = KokoroVoice(files, "es", threads=2, speed=1.0)
    gain = gain_for(voice.wave(voice.phonemes("Hola, buenos días. Uno, dos, tres.")), RATE)
    (folder / LEVEL_FILE).write_bytes(msgspec.json.encode(Level(gain)))


def main(arguments: list[str]) -> int:
    """Prepare, as `models.apart` asks; return an exit code."""
    model, vocabulary, styles, folder = map(Path, arguments)
    return preparation(lambda: prepare(model, vocabulary, styles, folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
