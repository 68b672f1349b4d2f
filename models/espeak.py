"""Text in, IPA phonemes or plain sound out: espeak-ng, loaded at run time as a shared library.

espeak-ng is GPL-3; it is neither copied into this project nor linked when it is built.
"""

from __future__ import annotations

import _ctypes
import ctypes
import re
import threading
from pathlib import Path
from typing import Final

import espeakng_loader  # type: ignore[import-untyped]
import numpy as np

from models.errors import EngineFailed
from models.protocols import Int16Array

VOICE_OF_LANGUAGE: Final = {"en": "en-us", "no": "nb", "zh": "cmn", "gl": "pt"}
"""espeak's name of the voice for a language; others go by their own code. It knows no Galician."""

_SYNCHRONOUS: Final = 2
_DO_NOT_EXIT: Final = 0x8000
_UTF8: Final = 1
_IPA: Final = 2
_POSITION_IN_CHARACTERS: Final = 1
_RATE_PARAMETER: Final = 1
_NORMAL_WORDS_PER_MINUTE: Final = 175
_LONGEST_DATA_PATH_BYTES: Final = 140
"""espeak-ng keeps its data path in a buffer of 160 bytes and cuts what is longer."""

_CLAUSE: Final = re.compile(r"(.*?)(?:([.,;:!?]+)(?=[\s\"'”»)\]]|$)|$)", re.DOTALL)
_BREAKS: Final = str.maketrans(
    {"\u2026": ".", "\u2014": ",", "\u2013": ",", "¿": None, "¡": None, "\n": ","}
)
"""Ellipsis, dashes, opening marks and line ends as marks that the voices know."""
_SWITCH: Final = re.compile(r"\([a-z]{2,3}(?:-[a-z0-9-]+)?\)")
"""espeak brackets a word that it says in another language: `(en)...(es)`."""

_SynthCallback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class _Library:
    """The shared library, loaded when first needed. Not safe for threads: hold `_LOCK`."""

    def __init__(self) -> None:
        self._loaded: ctypes.CDLL | None = None
        self.rate = 0

    def select(self, voice: str) -> ctypes.CDLL:
        """Return the library, speaking with `voice`."""
        if self._loaded is None:
            self._loaded = self._load()
        if self._loaded.espeak_SetVoiceByName(voice.encode()) != 0:
            raise EngineFailed(
                f"espeak-ng: there is no voice {voice!r}; name one of its languages, such as en-us"
            )
        return self._loaded

    def unload(self) -> None:
        """Forget everything, oscillator phases included, which espeak never sets back itself."""
        if self._loaded is not None:
            self._loaded.espeak_Terminate()
            _ctypes.dlclose(self._loaded._handle)  # noqa: SLF001 -- ctypes has no other way
            self._loaded = None

    def _load(self) -> ctypes.CDLL:
        data = Path(espeakng_loader.get_data_path())
        if len(str(data).encode()) > _LONGEST_DATA_PATH_BYTES:
            raise EngineFailed(
                f"espeak-ng: its data folder {data} has too long a path; install into a shorter one"
            )
        try:
            library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as error:
            raise EngineFailed(
                f"espeak-ng: the library does not load ({error}); reinstall espeakng-loader"
            ) from error
        _declare(library)
        self.rate = library.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), _DO_NOT_EXIT)
        if self.rate <= 0:
            raise EngineFailed(f"espeak-ng: no voices under {data}; reinstall espeakng-loader")
        return library


def _declare(library: ctypes.CDLL) -> None:
    """Tell ctypes the types of the functions that take more than plain ints."""
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [
        ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int,
    ]  # fmt: skip
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint,
        ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
    library.espeak_ng_SetRandSeed.restype = None


_LIBRARY: Final = _Library()
_LOCK: Final = threading.RLock()
"""The library keeps everything in globals: one caller at a time."""


def phonemes(text: str, voice: str) -> str:
    """Return the IPA phonemes of `text`, with `. , ; : ! ?` and spaces kept between clauses.

    The marks stay because Piper and Kokoro were trained on them: they carry pauses and melody.
    voice: espeak's name, such as "en-us", "es" or "es-419".
    Raises EngineFailed when there is no such voice.
    """
    spoken: list[str] = []
    with _LOCK:
        library = _LIBRARY.select(voice)
        for clause, marks in _CLAUSE.findall(text.translate(_BREAKS)):
            sound = _clause_phonemes(library, clause.strip())
            if sound:
                spoken.append(sound + _one_mark(marks))
            elif marks and spoken and spoken[-1][-1] not in ".,;:!?":
                spoken[-1] += _one_mark(marks)
    return " ".join(spoken)


def _one_mark(marks: str) -> str:
    """Return the strongest of several marks in a row: `?!` asks, `...` ends."""
    return next((mark for mark in "?!.;:," if mark in marks), "")


def _clause_phonemes(library: ctypes.CDLL, clause: str) -> str:
    """Return a clause's phonemes; a long one comes from espeak in several pieces."""
    if not clause:
        return ""
    buffer = ctypes.create_string_buffer(clause.encode())
    position = ctypes.c_void_p(ctypes.addressof(buffer))
    pieces: list[str] = []
    while position.value:
        piece = library.espeak_TextToPhonemes(ctypes.byref(position), _UTF8, _IPA)
        pieces.append(_SWITCH.sub("", piece.decode()).strip())
    return " ".join(piece for piece in pieces if piece)


def sample_rate(voice: str) -> int:
    """Return the samples per second of `voice`. Raises EngineFailed when there is none."""
    with _LOCK:
        _LIBRARY.select(voice)
        return _LIBRARY.rate


def synthesise(text: str, voice: str, *, speed: float, seed: int) -> tuple[Int16Array, int]:
    """Return the sound of `text`, shape (n,), int16, mono, and its samples per second.

    speed: 1 is espeak's normal rate. Same text and seed, same samples: to that end the library
    is loaded anew each time (8 ms), since it goes on from where its last utterance ended.
    Raises EngineFailed when there is no such voice.
    """
    blocks: list[Int16Array] = []

    def collect(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
        if samples and count:
            blocks.append(np.ctypeslib.as_array(samples, shape=(count,)).astype(np.int16))
        return 0

    callback = _SynthCallback(collect)
    encoded = text.encode()
    with _LOCK:
        _LIBRARY.unload()
        library = _LIBRARY.select(voice)
        library.espeak_SetSynthCallback(callback)
        words_per_minute = round(_NORMAL_WORDS_PER_MINUTE * speed)
        library.espeak_SetParameter(_RATE_PARAMETER, words_per_minute, 0)
        library.espeak_ng_SetRandSeed(seed & 0x7FFFFFFF)
        failed = library.espeak_Synth(
            encoded, len(encoded) + 1, 0, _POSITION_IN_CHARACTERS, 0, _UTF8, None, None
        )
        _LIBRARY.unload()
    if failed:
        raise EngineFailed(f"espeak-ng: speaking failed with status {failed}; restart the talker")
    return (np.concatenate(blocks) if blocks else np.zeros(0, np.int16)), _LIBRARY.rate
