"""Lines that are on file, for when a stage is lost: a Notice in, its sound out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import soundfile  # type: ignore[import-untyped]

from bus.frames import Notice, SpeechChunk

if TYPE_CHECKING:
    from models.protocols import Int16Array

_LINES: Final = Path(__file__).resolve().parent.parent / "config" / "lines"
_OTHERWISE: Final = "en"


def prerecorded(notice: Notice, folder: Path = _LINES) -> tuple[SpeechChunk, ...]:
    """Return the chunks that the talker would have made of `notice`.

    In English where the line is not on file in the notice's language.
    """
    path = folder / f"{notice.reason}.{notice.language}.flac"
    if not path.is_file():
        path = folder / f"{notice.reason}.{_OTHERWISE}.flac"
    pcm: Int16Array
    pcm, rate = soundfile.read(path, dtype="int16")
    return (
        _chunk(notice, 0, rate, pcm.tobytes(), last=False),
        _chunk(notice, len(pcm), rate, b"", last=True),
    )


def _chunk(notice: Notice, first_sample: int, rate: int, pcm: bytes, *, last: bool) -> SpeechChunk:
    return SpeechChunk(
        session=notice.session,
        turn=notice.turn,
        revision=notice.revision,
        clause=0,
        clause_text=notice.text,
        first_sample=first_sample,
        rate=rate,
        pcm=pcm,
        clause_last=last,
        last=last,
    )
