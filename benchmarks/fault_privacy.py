"""A turn that nobody records in; the files and lines in which anything of it is left out."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from benchmarks.fault_house import RECORDING, ROOT, House, Scene, seen
from benchmarks.figures import Figures
from bus.frames import AnyFrame, Clause, Played, SpeechChunk, Transcript
from models.store import default_root

_TAIL_S: Final = 12
"""Silence behind the question: the daemon lives on when the turn is over."""
_PROBE_SAMPLES: Final = 64
_HISTORY: Final = "history"
"""What was said lives in the runtime folder, in memory, as long as the daemon does."""


def measure(scene: Scene) -> Figures:
    """Search what was written: while the daemon lives, and when it has ended."""
    source = scene.folder / "source.wav"
    source.parent.mkdir(parents=True, exist_ok=True)
    samples, rate = sf.read(RECORDING, dtype="int16")
    sf.write(source, np.concatenate([samples, np.zeros(_TAIL_S * rate, np.int16)]), rate)
    started_s = source.stat().st_mtime
    arguments: list[str | Path] = ["run", "--source", source, "--sink", scene.folder / "sink.wav"]
    home = scene.folder / "home"
    home.mkdir()
    environment = {
        "HOME": str(home), "TMPDIR": str(home), "SARAI_CACHE": str(default_root()),
        "XDG_STATE_HOME": str(home), "XDG_CACHE_HOME": str(home),
    }  # fmt: skip
    with House(scene, "privacy", arguments, environment=environment) as house:
        house.reached(1, seen(Played))
        probes = [*_words(house.frames(1)), *_sounds(house.frames(1)), *_sound_of(samples)]
        while house.open_turns() and not house.ended:
            time.sleep(0.02)
        lived = not house.ended
        places = (house.folder, home, default_root(), ROOT)
        alive = _traces(places, started_s, probes)
        left = house.end(_TAIL_S + 20)
        ended = _traces(places, started_s, probes)
    return {
        "after a turn": {
            "probes": len(probes),
            "while it lives": sorted(alive),
            "when it has ended": sorted(ended),
            "exit_code": left.exit_code,
            "ok": lived
            and len(probes) > 2
            and not ended
            and all(_HISTORY in Path(each).parts for each in alive),
        }
    }


def _words(frames: Iterable[AnyFrame]) -> list[bytes]:
    texts = {frame.text for frame in frames if isinstance(frame, Transcript | Clause)}
    return [text.strip().encode() for text in texts if len(text.strip()) > 3]


def _sounds(frames: Iterable[AnyFrame]) -> list[bytes]:
    chunks = [frame.pcm for frame in frames if isinstance(frame, SpeechChunk)]
    return [
        chunk[len(chunk) // 4 * 2 :][: 2 * _PROBE_SAMPLES] for chunk in chunks if len(chunk) > 999
    ]


def _sound_of(samples: Sequence[int]) -> list[bytes]:
    """Return the loudest moment of the question."""
    loudest = int(np.argmax(np.abs(np.asarray(samples, np.int32))))
    return [np.asarray(samples[loudest : loudest + _PROBE_SAMPLES], "<i2").tobytes()]


def _traces(places: Iterable[Path], since_s: float, probes: Sequence[bytes]) -> list[str]:
    """Return the files touched since then in which a probe is found."""
    found = []
    for place in places:
        for file in place.rglob("*"):
            with contextlib.suppress(OSError):
                if file.is_file() and file.stat().st_mtime >= since_s and ".git" not in file.parts:
                    held = file.read_bytes()
                    if any(probe in held for probe in probes):
                        found.append(str(file.relative_to(place)))
    return found
