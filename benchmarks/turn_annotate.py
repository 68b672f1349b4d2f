"""Recordings in, where their first word begins and their last one ends out, with a proof of each.

Made once, offline, for `turn_recordings.json`; the daemon's own endpointing has no part in it.
A mark is found in three steps. Silero says roughly where speech is. From there the mark is moved
to the first or last 5 ms whose level (10 ms windows, rumble below 80 Hz taken off) is 8 dB above
the recording's own noise and within 35 dB of its loudest syllable nearby, three in a row, so that
a click does not count. Then the sound is cut at the marks and written down: the words must be
those of the whole recording. What fails is not written. `--plots DIR` draws the ends, for eyes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from benchmarks.room_tone import room_tone
from benchmarks.stt_engines import hear
from benchmarks.turn_recordings import MARKS, Marks, find_file, read_marks
from benchmarks.word_error_rate import normalise
from config.load import load_settings
from models.protocols import Float32Array, Transcriber
from models.silero import FRAME_SAMPLES, SileroDetector, open_silero
from models.store import open_store
from models.transcribers import open_transcriber
from stages.resampling import to_int16

RATE: Final = 16_000
_PER_MS: Final = RATE // 1000
_HOP: Final = 5 * _PER_MS
_WINDOW: Final = 10 * _PER_MS
_RUMBLE_HZ: Final = 80
_ABOVE_NOISE_DB: Final = 8.0
_BELOW_PEAK_DB: Final = 35.0
_STEADY: Final = 3
_NEAR_MS: Final = 1_500
_BEFORE_MS, _AFTER_MS = 350, 150
_AROUND_MS: Final = 10


def levels_db(sound: Float32Array) -> Float32Array:
    """Return a level for each 5 ms, of 10 ms windows, in dB of full scale, without rumble."""
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / RATE) < _RUMBLE_HZ] = 0
    clean = np.fft.irfft(spectrum, len(sound))
    starts = range(0, len(clean) - _WINDOW + 1, _HOP)
    power = np.array([np.mean(clean[at : at + _WINDOW] ** 2) for at in starts])
    return np.asarray(10 * np.log10(power + 1e-10), np.float32)


def speech_ms(sound: Float32Array, detector: SileroDetector) -> tuple[int, int]:
    """Return where Silero first and last hears speech. Raises ValueError where it never does."""
    detector.reset()
    lead = 10 * FRAME_SAMPLES
    padded = to_int16(np.pad(sound, (lead, lead)))
    starts = range(0, len(padded) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    voiced = [at for at in starts if detector.probability(padded[at : at + FRAME_SAMPLES]) >= 0.5]
    if not voiced:
        raise ValueError("no speech in it")
    first, last = voiced[0] - lead, voiced[-1] + FRAME_SAMPLES - lead
    return max(0, first // _PER_MS), min(len(sound), last) // _PER_MS


def marks_ms(sound: Float32Array, detector: SileroDetector) -> tuple[int, int]:
    """Return where the first word begins and the last one ends."""
    first_ms, last_ms = speech_ms(sound, detector)
    levels = levels_db(sound)
    noise_db = _noise_db(levels, first_ms, last_ms)
    turned = (len(levels) - 1) * 5 - first_ms
    first = len(levels) - 1 - _last_audible(levels[::-1], turned, noise_db)
    last = _last_audible(levels, last_ms, noise_db)
    if _heard(levels[last + 1 :], _loudest(levels, last), noise_db) is not None:
        raise ValueError("something sounds after the last word")
    return first * 5, min(last * 5 + _WINDOW // _PER_MS, len(sound) // _PER_MS)


def _noise_db(levels: Float32Array, first_ms: int, last_ms: int) -> float:
    """Return the level of the room before and behind the words, or of the quietest moments."""
    quiet = np.concatenate([levels[: max(0, first_ms - 200) // 5], levels[(last_ms + 200) // 5 :]])
    if len(quiet) >= 20:
        return float(np.percentile(quiet, 30))
    return float(np.percentile(levels, 2))


def _last_audible(levels: Float32Array, near_ms: int, noise_db: float) -> int:
    """Return the index of the last level near `near_ms` that is speech."""
    end = min(len(levels), (near_ms + _AFTER_MS) // 5)
    begin = max(0, (near_ms - _BEFORE_MS) // 5)
    last = _heard(levels[begin:end], _loudest(levels, end), noise_db)
    return min(len(levels) - 1, near_ms // 5 if last is None else begin + last)


def _loudest(levels: Float32Array, end: int) -> float:
    return float(levels[max(0, end - _NEAR_MS // 5) : end].max())


def _heard(levels: Float32Array, peak_db: float, noise_db: float) -> int | None:
    """Return the index of the last level that is heard, and of three in a row; None: none is."""
    audible = levels >= max(noise_db + _ABOVE_NOISE_DB, peak_db - _BELOW_PEAK_DB)
    for at in range(len(audible) - 1, _STEADY - 2, -1):
        if audible[at - _STEADY + 1 : at + 1].all():
            return at
    return None


def proof(marked: Marks, sound: Float32Array, recogniser: Transcriber) -> str:
    """Return what differs when the sound is cut at its marks; empty: no word does."""
    whole = normalise(hear(recogniser, _in_room(sound, sound)).text, marked.language)
    begin = (marked.start_ms - _AROUND_MS) * _PER_MS
    cut = sound[max(0, begin) : (marked.end_ms + _AROUND_MS) * _PER_MS]
    left = normalise(hear(recogniser, _in_room(cut, sound)).text, marked.language)
    same = whole.split()[:1] == left.split()[:1] and whole.split()[-2:] == left.split()[-2:]
    return "" if whole and same else f"{whole!r} is cut to {left!r}"


def _in_room(cut: Float32Array, sound: Float32Array) -> Float32Array:
    return np.concatenate([room_tone(sound, RATE // 2), cut, room_tone(sound, RATE)])


def main(argv: Sequence[str] | None = None) -> int:
    """Mark the recordings named in `turn_recordings.json`, or in a list; return 1 if one fails."""
    parser = argparse.ArgumentParser(prog="turn_annotate", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--names", type=Path, help="a list: file, language and text by tabs")
    parser.add_argument("--write", action="store_true", help="write what was found")
    parser.add_argument("--plots", type=Path, metavar="DIR")
    arguments = parser.parse_args(argv)
    rows = _named(arguments.names) if arguments.names else read_marks()
    detector = open_silero(open_store())
    recogniser = open_transcriber(load_settings("default"))
    found, failed = [], 0
    for row in rows:
        path = find_file(row.file, arguments.data)
        sound, _ = sf.read(path, dtype="float32")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        try:
            start_ms, end_ms = marks_ms(sound, detector)
        except ValueError as unclear:
            print(f"{row.file:55} {unclear}", flush=True)
            failed += 1
            continue
        marked = Marks(row.file, digest, row.language, row.text, start_ms, end_ms)
        difference = proof(marked, sound, recogniser)
        moved = f"{start_ms - row.start_ms:+} {end_ms - row.end_ms:+}" if row.end_ms else "new"
        print(f"{row.file:55} {start_ms:5} {end_ms:5}  {moved:10} {difference}", flush=True)
        failed += bool(difference)
        if not difference:
            found.append(marked)
        if arguments.plots:
            _draw(arguments.plots, marked, sound)
    if arguments.write:
        MARKS.write_text(_as_text(found), encoding="utf-8")
    return 1 if failed else 0


def _named(path: Path) -> list[Marks]:
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [Marks(file, "", language, text, 0, 0) for file, language, text in lines]


def _as_text(found: Sequence[Marks]) -> str:
    rows: list[dict[str, Any]] = [
        {name: getattr(each, name) for name in each.__struct_fields__} for each in found
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n"


def _draw(folder: Path, marked: Marks, sound: Float32Array) -> None:
    """Draw the sound around both marks: spectrum and level."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only who looks needs it

    figure = Figure((16, 5), layout="constrained")
    figure.suptitle(f"{marked.file}  {marked.text}")
    hiss = np.random.default_rng(1).standard_normal(len(sound)) * 3e-5
    times_ms = np.arange(len(levels := levels_db(sound))) * 5 + 5
    for place, mark_ms in enumerate((marked.start_ms, marked.end_ms)):
        upper, lower = figure.add_subplot(2, 2, place + 1), figure.add_subplot(2, 2, place + 3)
        upper.specgram(sound + hiss, NFFT=256, Fs=RATE / 1000, noverlap=192)
        lower.plot(times_ms, levels)
        for axes in (upper, lower):
            axes.axvline(mark_ms, color="red")
            axes.set_xlim(mark_ms - 700, mark_ms + 500)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{Path(marked.file).stem}.png", dpi=60)


if __name__ == "__main__":
    sys.exit(main())
