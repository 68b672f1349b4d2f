"""Endpointing benchmark: real clips in quiet and noisy rooms in, missed and split words out.

Each clip stands in a room (see `benchmarks.scenes`). Of all clips: the share not detected, split
into several utterances, guesses per utterance, and how long after the last word the guess and
the end come. Of studio clips also the error of the last word's end. Of sentences, by language:
when the turn is over, and how many are cut off where their speaker hesitates. Of noise and music:
false starts an hour. Of a quiet room: the CPU time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from msgspec import Struct

from benchmarks.hesitations import turn_ends
from benchmarks.scenes import BEFORE_SAMPLES, Scene, Sound, read, rows, scene
from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from config.load import load_settings
from config.stage_settings import Capture
from models.catalogue import load_catalogue
from models.protocols import Int16Array
from models.silero import open_silero
from models.smart_turn import HEAD_FILE, open_smart_turn
from models.store import ModelStore, default_root
from stages.boundaries import Boundary, Ended, Paused, Started
from stages.endpointing import Endpointer
from stages.resampling import to_int16
from stages.turn_judge import SoundJudge
from stages.voice_activity import VoiceActivityDetector

SETS: Final = (
    "en_prompts_allison",
    "es_prompts_allison",
    "es_words_gcompris",
    "en_digits",
    "es_common_voice",
    "en_common_voice",
    "en_read_misc",
    "es_read_misc",
    "en_fleurs",
    "en_home_commands",
)
STUDIO: Final = ("en_prompts_allison", "es_prompts_allison")
NOISES: Final = (("kitchen 20 dB", "pv_kitchen_0", 20.0), ("tap 15 dB", "sc_running_tap_0", 15.0))
_QUIET_S: Final = 120


class Outcome(Struct, frozen=True):
    """What became of one scene."""

    utterances: int
    guesses: int
    pause_ms: float
    """From the last word's end (reference) to the last guess."""
    end_ms: float
    error_ms: float
    false_starts: int


class Ears:
    """The whole of capture's decisions, as the daemon uses them."""

    def __init__(self, settings: Capture, head: Path = HEAD_FILE) -> None:
        store = ModelStore(default_root(), load_catalogue())
        self._silero = open_silero(store)
        model = settings.endpointing.model
        self._turn_model = open_smart_turn(model, store, head) if model else None
        self._settings = settings

    def hear(self, pcm: Int16Array) -> tuple[list[Boundary], float]:
        """Return the boundaries in `pcm`, and the share of time the detector ran."""
        detector = VoiceActivityDetector(self._settings.vad, self._silero)
        judge = SoundJudge(self._turn_model) if self._turn_model is not None else None
        endpointer = Endpointer(self._settings.endpointing, self._settings.vad, judge)
        found: list[Boundary] = []
        running = blocks = 0
        for at in range(0, len(pcm) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
            block = pcm[at : at + CHUNK_SAMPLES]
            if judge is not None:
                judge.hear(at, block)
            found += endpointer.feed(detector.feed(at, block))
            running += detector.open
            blocks += 1
        return found + endpointer.finish("source_ended"), running / max(1, blocks)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench endpointing", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--set", action="append", default=[], dest="assignments", metavar="k=v")
    parser.add_argument("--head", type=Path, default=HEAD_FILE, help="of another turn_head run")
    parser.add_argument("--half", type=int, choices=(0, 1), help="sentences of these speakers only")
    parser.add_argument("--sentences", action="store_true", help="nothing else")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    if not arguments.data.is_dir():
        sys.stderr.write(f"no recordings in {arguments.data}; name them with --data\n")
        return 2
    settings = load_settings("tiny", None, arguments.assignments).capture
    ears = Ears(settings, arguments.head)
    report: dict[str, Any] = {
        "sentences": [
            turn_ends(ears.hear, arguments.data, language, arguments.half)
            for language in ("es", "en")
        ]
    }
    if not arguments.sentences:
        report |= _all_else(ears, arguments.data)
    if arguments.json:
        print(json.dumps(report))
    else:
        _show(report)
    return 0


def _all_else(ears: Ears, data: Path) -> dict[str, Any]:
    return {
        "clips": [row for name in SETS for row in _set_rows(ears, data, name)],
        "false_starts": _false_starts(ears, data / "noise_music"),
        "quiet_room": _quiet_room(ears),
    }


def _set_rows(ears: Ears, data: Path, name: str) -> list[dict[str, Any]]:
    rooms: list[tuple[str, Sound | None, float]] = [("own", None, 0.0)]
    for label, file, below_db in NOISES:
        rooms.append((label, read(data / "noise_music" / f"{file}.flac"), below_db))
    clips = [data / name / row["file"] for row in rows(data / name)]
    found = []
    for label, noise, below_db in rooms:
        outcomes = [_outcome(ears, scene(clip, noise, below_db)) for clip in clips]
        found.append({"set": name, "room": label, **_summary(outcomes, studio=name in STUDIO)})
    return found


def _outcome(ears: Ears, heard: Scene) -> Outcome:
    boundaries, _ = ears.hear(heard.pcm)
    margin = SAMPLE_RATE // 5
    starts = [each for each in boundaries if isinstance(each, Started)]
    true_starts = [
        s for s in starts if heard.first_sample - margin < s.sample < heard.end_sample + margin
    ]
    pauses = [each for each in boundaries if isinstance(each, Paused)]
    ends = [each for each in boundaries if isinstance(each, Ended)]
    if not true_starts:
        return Outcome(0, 0, 0.0, 0.0, 0.0, len(starts))
    per_ms = SAMPLE_RATE / 1000
    return Outcome(
        utterances=len(true_starts),
        guesses=len(pauses),
        pause_ms=(pauses[-1].sample - heard.end_sample) / per_ms,
        end_ms=(ends[-1].sample - heard.end_sample) / per_ms,
        error_ms=(ends[-1].speech_end_sample - heard.end_sample) / per_ms,
        false_starts=len(starts) - len(true_starts),
    )


def _summary(outcomes: list[Outcome], *, studio: bool) -> dict[str, Any]:
    heard = [each for each in outcomes if each.utterances]
    row: dict[str, Any] = {
        "clips": len(outcomes),
        "missed": len(outcomes) - len(heard),
        "split": sum(each.utterances > 1 for each in heard),
        "false": sum(each.false_starts for each in outcomes),
        "guesses": round(float(np.mean([each.guesses for each in heard])), 2),
    }
    if studio:  # elsewhere the reference is too rough
        row["error_ms"] = _percentiles([each.error_ms for each in heard], (5, 50, 95))
        row["pause_ms"] = _percentiles([each.pause_ms for each in heard], (50, 95))
        row["end_ms"] = _percentiles([each.end_ms for each in heard], (50, 95))
    return row


def _percentiles(values: list[float], which: tuple[int, ...]) -> list[int]:
    return [round(float(value)) for value in np.percentile(values, which)]


def _false_starts(ears: Ears, folder: Path) -> dict[str, dict[str, float]]:
    kinds: dict[str, list[tuple[int, float, float]]] = {}
    for row in rows(folder):
        sound = read(folder / row["file"])
        boundaries, running = ears.hear(to_int16(sound.astype(np.float32)))
        starts = sum(isinstance(each, Started) for each in boundaries)
        kinds.setdefault(row["kind"], []).append((starts, len(sound) / SAMPLE_RATE, running))
    found = {}
    for kind, results in kinds.items():
        seconds = sum(length for _, length, _ in results)
        starts = sum(count for count, _, _ in results)
        found[kind] = {
            "minutes": round(seconds / 60, 1),
            "starts": starts,
            "starts_per_hour": round(starts * 3_600 / seconds),
            "detector_runs": round(sum(s * r for _, s, r in results) / seconds, 2),
        }
    return found


def _quiet_room(ears: Ears) -> dict[str, float]:
    noise = np.random.default_rng(0).standard_normal(_QUIET_S * SAMPLE_RATE) * 10 ** (-60 / 20)
    pcm = to_int16(noise.astype(np.float32))
    before_s = time.process_time()
    boundaries, running = ears.hear(pcm)
    spent_s = time.process_time() - before_s
    return {
        "cpu_percent_of_a_core": round(100 * spent_s / _QUIET_S, 2),
        "detector_runs": round(running, 4),
        "starts": sum(isinstance(each, Started) for each in boundaries),
    }


def _show(report: dict[str, Any]) -> None:
    print(f"Scenes: {BEFORE_SAMPLES / SAMPLE_RATE:.0f} s of room before each clip.")
    for row in [*report["sentences"], *report.get("clips", [])]:
        print("  ".join(f"{key} {value}" for key, value in row.items()))
    for kind, row in report.get("false_starts", {}).items():
        print(f"{kind}: {row}")
    if "quiet_room" in report:
        print(f"quiet room: {report['quiet_room']}")


if __name__ == "__main__":
    raise SystemExit(main())
