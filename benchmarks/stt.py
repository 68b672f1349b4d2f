"""Recordings in, tables out: how well, how fast and in how much memory speech is written down.

Baselines: the same weights in float32, padded to 30 s as they were trained (accuracy), and
faster-whisper with the same weights, int8 and beam 1 (speed).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks import stt_partials
from benchmarks.figures import Figures, lines_of
from benchmarks.speech_clips import LANGUAGES, Clip, noise_windows, speech_clips
from benchmarks.stt_engines import Heard, HeardLog, Peer, hear, padded_float, shipped
from benchmarks.word_error_rate import WordErrors, error_rate, paired_bootstrap, word_errors
from config.load import load_settings
from config.settings import Settings
from models.protocols import Float32Array, Transcriber
from models.store import ModelStore, open_store
from models.transcript_guards import compression, loop_start

LEAST_WER_S: Final = 1.5
LEAST_LANGUAGE_S: Final = 2.0
SPEED_SETS: Final = ("es_common_voice", "en_common_voice")
SHORT_SETS: Final = ("es_words_gcompris", "en_digits", "es_prompts_allison", "en_prompts_allison")
_LOOP_COMPRESSION: Final = 2.4
_LOOP_REPEATS: Final = 3


class Bench:
    """What the measurements share: the clips, the engines, and what was heard already."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.data: Path = options.data
        self.limit: int | None = options.limit
        self.profile: str = options.profile
        self.settings: Settings = load_settings(options.profile)
        self.store: ModelStore = open_store()
        self._heard = HeardLog(options.log)
        self._engines: dict[str, Transcriber] = {}

    def clips(self) -> list[Clip]:
        """Return the Spanish and English clips."""
        return speech_clips(self.data, self.limit)

    def heard(self, engine: str, name: str, samples: Float32Array) -> Heard:
        """Return what an engine, `shipped` or `float`, makes of a sound."""
        key = f"{engine} {name}"
        known = self._heard.get(key)
        if known is None:
            known = hear(self.engine(engine), samples)
            self._heard.put(key, known)
        return known

    def engine(self, name: str) -> Transcriber:
        """Return an engine, loaded when it is first needed."""
        if name not in self._engines:
            load = shipped if name == "shipped" else padded_float
            self._engines[name] = load(self.settings, self.store)
        return self._engines[name]

    def clip(self, engine: str, clip: Clip) -> Heard:
        """Return what an engine makes of a clip."""
        return self.heard(engine, f"{clip.folder}/{clip.path.name}", clip.samples())


def measure_wer(bench: Bench) -> Figures:
    """Compare the word error rate with the float original's, clip by clip."""
    clips = [clip for clip in bench.clips() if clip.text and clip.seconds >= LEAST_WER_S]
    rows = [(clip, bench.clip("shipped", clip), bench.clip("float", clip)) for clip in clips]
    errors = [
        (
            word_errors(clip.text or "", ours.text, clip.language),
            word_errors(clip.text or "", theirs.text, clip.language),
        )
        for clip, ours, theirs in rows
    ]
    pairs = list(zip(clips, errors, strict=True))
    by_language: Figures = {
        name: _rates([pair for clip, pair in pairs if clip.language == name]) for name in LANGUAGES
    }
    by_set: Figures = {
        name: _rates([pair for clip, pair in pairs if clip.folder == name])
        for name in sorted({clip.folder for clip in clips})
    }
    return {
        "pooled": _rates(errors),
        **by_language,
        "loops_shipped": sum(_is_loop(ours.text) for _, ours, _ in rows),
        "loops_float": sum(_is_loop(theirs.text) for _, _, theirs in rows),
        "suppressed": sum(bool(ours.suppressed) for _, ours, _ in rows),
        "sets": by_set,
    }


def measure_speed(bench: Bench) -> Figures:
    """Time each clip with the shipped engine and with faster-whisper, one after the other."""
    peer = Peer(bench.settings, bench.store)
    engine = bench.engine("shipped")
    clips = [clip for clip in bench.clips() if clip.folder in SPEED_SETS]
    first = clips[0].samples()
    hear(engine, first)
    peer.milliseconds(first)
    timed = []
    for clip in clips:
        samples = clip.samples()
        timed.append((clip.seconds, hear(engine, samples).milliseconds, peer.milliseconds(samples)))
    near_5_s = [ours for seconds, ours, _ in timed if 4.5 <= seconds <= 5.5]
    return {
        "clips": len(timed),
        "median_clip_s": statistics.median(seconds for seconds, _, _ in timed),
        "shipped_median_ms": statistics.median(ours for _, ours, _ in timed),
        "faster_whisper_median_ms": statistics.median(theirs for _, _, theirs in timed),
        "times_faster_median": statistics.median(theirs / ours for _, ours, theirs in timed),
        "times_faster_worst": min(theirs / ours for _, ours, theirs in timed),
        "five_second_clip_ms": statistics.median(near_5_s) if near_5_s else None,
    }


def measure_noise(bench: Bench) -> Figures:
    """Count windows without words in which none were invented."""
    windows = list(noise_windows(bench.data))
    found = [
        (window, bench.heard("shipped", f"noise/{window.name}", window.samples))
        for window in windows
    ]
    kinds: dict[str, list[bool]] = {}
    for window, heard in found:
        kinds.setdefault(window.kind, []).append(not heard.text)
    counted = [quiet for kind, quiets in kinds.items() if kind != "babble" for quiet in quiets]
    return {
        "windows": len(counted),
        "without_words": _share(counted),
        "kinds": {kind: _share(quiets) for kind, quiets in kinds.items()},
        "invented": [h.text for window, h in found if h.text and window.kind != "babble"],
    }


def measure_language(bench: Bench) -> Figures:
    """Count clips whose language was recognised, and short clips that were written down at all."""
    rows = [(clip, bench.clip("shipped", clip)) for clip in bench.clips()]
    right = [(clip, heard.language == clip.language) for clip, heard in rows]
    figures: Figures = {
        "long": _share([ok for clip, ok in right if clip.seconds >= LEAST_LANGUAGE_S]),
        "short": _share([ok for clip, ok in right if clip.seconds < LEAST_LANGUAGE_S]),
    }
    for name in LANGUAGES:
        own = [
            (clip.seconds >= LEAST_LANGUAGE_S, ok) for clip, ok in right if clip.language == name
        ]
        figures[f"{name}_long"] = _share([ok for is_long, ok in own if is_long])
        figures[f"{name}_short"] = _share([ok for is_long, ok in own if not is_long])
    figures["written_down"] = {
        name: _share([bool(heard.text) for clip, heard in rows if clip.folder == name])
        for name in SHORT_SETS
    }
    return figures


def measure_partials(bench: Bench) -> Figures:
    """Write utterances down while they are spoken, and noise as if it were one."""
    clips = [clip for clip in bench.clips() if clip.seconds >= stt_partials.LEAST_S]
    windows = [window for window in noise_windows(bench.data) if window.kind != "babble"]
    engine = bench.engine("shipped")
    return stt_partials.measure(engine, bench.settings, clips, windows[: bench.limit])


def measure_memory(bench: Bench) -> Figures:
    """Load the shipped engine in a process of its own and read its proportional set size."""
    bench.engine("shipped")  # exported before, not in the process that is measured
    command = [sys.executable, "-m", "benchmarks.stt_memory", bench.profile]
    done = subprocess.run(command, capture_output=True, check=True)
    figures: Figures = msgspec.json.decode(done.stdout, type=dict[str, Any])
    return figures


MEASUREMENTS: Final[dict[str, Callable[[Bench], Figures]]] = {
    "wer": measure_wer,
    "speed": measure_speed,
    "noise": measure_noise,
    "language": measure_language,
    "partials": measure_partials,
    "memory": measure_memory,
}


def main(argv: Sequence[str]) -> int:
    """Run the measurements that `argv` asks for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bench stt", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--profile", default="offline", help="whose [encoder] is measured")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, help="repeatable")
    parser.add_argument("--limit", type=int, help="clips of each set")
    parser.add_argument("--log", type=Path, help="texts heard, kept so that a run can be resumed")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    if not options.data.is_dir():
        sys.stderr.write(f"bench stt: no recordings in {options.data}; name them with --data\n")
        return 2
    bench = Bench(options)
    results = {name: MEASUREMENTS[name](bench) for name in options.only or MEASUREMENTS}
    if options.json:
        print(msgspec.json.encode(results).decode())
    else:
        print("\n".join(lines_of(results)))
    return 0


def _rates(pairs: Sequence[tuple[WordErrors, WordErrors]]) -> Figures:
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    if not pairs:
        return {"clips": 0}
    gap = paired_bootstrap(ours, theirs)
    return {
        "clips": len(pairs),
        "shipped": error_rate(ours),
        "float_30_s": error_rate(theirs),
        "difference": gap.mean,
        "low": gap.low,
        "high": gap.high,
    }


def _is_loop(text: str) -> bool:
    words = [hash(word) for word in text.lower().split()]
    return compression(text) > _LOOP_COMPRESSION or loop_start(words, _LOOP_REPEATS) is not None


def _share(outcomes: Iterable[bool]) -> float | None:
    listed = list(outcomes)
    return sum(listed) / len(listed) if listed else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
