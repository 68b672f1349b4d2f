"""A recording in, the sound of its room out: as long as is wanted, and without a word in it."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.scenes import levels, room, speech_db
from bus.frames import SAMPLE_RATE
from models.protocols import Float32Array

_PIECE: Final = SAMPLE_RATE // 5
_BLEND: Final = SAMPLE_RATE // 50
_QUIETEST_DB: Final = -80.0
"""Of full scale: where a recording's pauses are digital silence, which no room is."""
_QUIETEST: Final = 10 ** (_QUIETEST_DB / 20)

_BELOW_SPEECH_DB: Final = 30.0
"""No detector takes so much less than somebody's speech for theirs."""
_ABOVE_FLOOR_DB: Final = 6.0
_SWING_DB: Final = 8.0
"""Noise stays within them over 200 ms, words and their ends do not."""


def room_tone(sound: Float32Array, length: int, seed: int = 1) -> Float32Array:
    """Return `length` samples of the recording's own room: its quietest 200 ms, over and over.

    Pieces of it are taken at random places, turned around at random and blended, so that nothing
    repeats audibly: `pauses.tone`, made for moments, would buzz. Digital silence is given a hiss
    of -80 dBFS. A recording that is cut so closely that its quietest 200 ms are speech is given a
    room 40 dB below its speech: repeated speech would be heard as somebody who goes on talking.
    """
    draw = np.random.default_rng(seed)
    quietest = _quietest(sound)
    if _is_room(quietest, sound):
        tone = _repeated(quietest, length, draw)
    else:
        tone = room(sound.astype(np.float64), length, draw).astype(np.float32)
    return tone + draw.standard_normal(length).astype(np.float32) * np.float32(_QUIETEST)


def _repeated(piece: Float32Array, length: int, draw: np.random.Generator) -> Float32Array:
    out = np.zeros(length + _PIECE, np.float32)
    fade = np.sqrt(np.linspace(0, 1, _BLEND, dtype=np.float32))
    at = 0
    while at < length:
        begin = int(draw.integers(0, max(1, len(piece) // 2)))
        part = piece[begin:].copy()
        if draw.random() < 0.5:
            part = part[::-1].copy()
        if at:
            part[:_BLEND] *= fade
        part[-_BLEND:] *= fade[::-1]
        part = part[: len(out) - at]
        out[at : at + len(part)] += part
        at += max(1, len(part) - _BLEND)
    return out[:length]


def _quietest(sound: Float32Array) -> Float32Array:
    starts = range(0, max(1, len(sound) - _PIECE + 1), _PIECE // 8)
    power = [float(np.mean(sound[at : at + _PIECE] ** 2)) for at in starts]
    # an encoder's digital silence at the edges is no room where there is other quiet sound
    audible = [at for at, each in zip(starts, power, strict=True) if each > _QUIETEST**2]
    best = min(audible or starts, key=lambda at: float(np.mean(sound[at : at + _PIECE] ** 2)))
    piece = sound[best : best + _PIECE]
    return piece if len(piece) == _PIECE else np.resize(piece, _PIECE)


def _is_room(piece: Float32Array, sound: Float32Array) -> bool:
    """Return whether no word is in it: far below speech, or steady and as quiet as it ever gets."""
    heard_db, all_db = levels(piece.astype(np.float64)), levels(sound.astype(np.float64))
    loudest_db, mean_db = float(heard_db.max()), float(heard_db.mean())
    if loudest_db < speech_db(sound.astype(np.float64)) - _BELOW_SPEECH_DB:
        return True
    audible_db = all_db[all_db > _QUIETEST_DB]
    floor_db = float(np.percentile(audible_db, 5)) if audible_db.size else _QUIETEST_DB
    return loudest_db - mean_db < _SWING_DB and mean_db < floor_db + _ABOVE_FLOOR_DB
