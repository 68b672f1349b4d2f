"""The files of a Piper voice in, its settings and the places of its three graphs out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from models.errors import EngineFailed, ModelMissing

SPLIT_FILE: Final = "split.json"
DURATION_NOISE: Final = "duration_noise"
"""Input of the prior: (1, 2, phonemes), standard normal. Absent where durations are not drawn."""
FRAME_NOISE: Final = "frame_noise"
"""Input of the shaper: the shape of the prior's first output, standard normal."""
PARTS: Final = ("prior", "shaper", "vocoder")


class Audio(Struct, frozen=True):
    """What the voice's sound is like."""

    sample_rate: int


class EspeakVoice(Struct, frozen=True):
    """Whose phonemes the voice was trained on."""

    voice: str


class Inference(Struct, frozen=True):
    """What its makers advise."""

    noise_scale: float = 0.667
    length_scale: float = 1.0
    noise_w: float = 0.8


class VoiceConfig(Struct, frozen=True, kw_only=True):
    """The `.onnx.json` beside a voice, as far as it is used; Piper's own format."""

    audio: Audio
    phoneme_id_map: dict[str, list[int]]
    espeak: EspeakVoice = EspeakVoice("en-us")
    inference: Inference = Inference()
    phoneme_type: str = "espeak"
    phoneme_map: dict[str, list[str]] = {}
    num_speakers: int = 1


class Split(Struct, frozen=True, kw_only=True):
    """What was measured when the voice was split."""

    hop_samples: int
    """Samples that the vocoder makes of a frame."""
    shaper_reach: int
    """Frames on each side that a frame of z depends on."""
    gain: float
    """Brings the voice to the level of all voices."""


class PreparedVoice(Struct, frozen=True, kw_only=True):
    """A voice that is ready to be loaded."""

    folder: Path
    split: Split
    config: VoiceConfig

    def graph(self, part: str) -> Path:
        """Return the file of `part`, one of PARTS."""
        return self.folder / f"{part}.onnx"


def read_config(file: Path) -> VoiceConfig:
    """Return a voice's settings. Raises ModelMissing, EngineFailed."""
    if not file.is_file():
        raise ModelMissing(file.name, str(file))
    try:
        config = msgspec.json.decode(file.read_bytes(), type=VoiceConfig)
    except msgspec.DecodeError as error:
        raise EngineFailed(f"{file}: not a Piper voice's settings: {error}") from error
    if config.phoneme_type != "espeak":
        raise EngineFailed(
            f"{file}: phoneme_type is {config.phoneme_type!r}; choose a voice of type 'espeak'"
        )
    return config


def open_prepared(folder: Path, config: Path) -> PreparedVoice:
    """Return what `models.piper_prepare` made in `folder`. Raises ModelMissing, EngineFailed."""
    file = folder / SPLIT_FILE
    if not file.is_file():
        raise ModelMissing(folder.name, str(file))
    split = msgspec.json.decode(file.read_bytes(), type=Split)
    return PreparedVoice(folder=folder, split=split, config=read_config(config))
