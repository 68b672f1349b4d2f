"""Speech benchmark: the configured voices in, latency, speed, memory and intelligibility out."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.tts_intelligibility import Intelligibility, intelligibility
from benchmarks.tts_quality import Quality, natural_quality, voice_quality
from benchmarks.tts_speed import Exactness, Speed, exactness, speed
from config.load import load_settings
from config.settings import Settings
from models.store import open_store
from models.voices import ESPEAK

PARTS = ("exactness", "speed", "memory", "words", "quality")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench tts", description=__doc__)
    parser.add_argument("--profile", default="offline", help="whose voices speak")
    parser.add_argument(
        "--voice", action="append", default=[], metavar="LANGUAGE=VOICE",
        help="measure these voices instead, such as en=piper-joe or es=espeak",
    )  # fmt: skip
    parser.add_argument(
        "--weights", choices=("float", "half", "int8"), help="how Piper's are stored"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="leave the rest out")
    parser.add_argument("--limit", type=int, default=30, help="sentences of each language")
    parser.add_argument("--repeats", type=int, default=15, help="runs behind a median")
    parser.add_argument("--data", type=Path, help="natural recordings to compare quality with")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    settings = _settings(arguments)
    rows = {
        f"{language} {voice}": _row(language, voice, settings, arguments)
        for language, voice in settings.talker.voices.items()
    }
    if arguments.data:
        natural = natural_quality(arguments.data, arguments.limit)
        rows |= {f"natural {name}": {"quality": value} for name, value in natural.items()}
    if arguments.json:
        print(json.dumps(msgspec.to_builtins(rows)))
    else:
        _show(rows)
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    settings = load_settings(arguments.profile)
    talker = settings.talker
    if arguments.voice:
        voices = dict(voice.split("=", 1) for voice in arguments.voice)
        talker = msgspec.structs.replace(talker, voices=voices)
    if arguments.weights:
        talker = msgspec.structs.replace(talker, weights=arguments.weights)
    return msgspec.structs.replace(settings, talker=talker)


def _row(
    language: str, voice: str, settings: Settings, arguments: argparse.Namespace
) -> dict[str, Any]:
    store = open_store()
    parts = arguments.only or PARTS
    row: dict[str, Any] = {}
    if "speed" in parts:
        row["speed"] = speed(language, voice, settings, store, arguments.repeats)
    if "memory" in parts:
        row["memory_mb"] = _memory_mb(language, settings)
    if "exactness" in parts and voice != ESPEAK and "voice" in store.resolve(voice):
        row["exactness"] = exactness(voice, settings, store)
    if "words" in parts:
        row["words"] = intelligibility(language, voice, settings, store, arguments.limit)
    if "quality" in parts:
        row["quality"] = voice_quality(language, voice, settings, store, arguments.limit)
    return row


def _memory_mb(language: str, settings: Settings) -> float:
    """Return the PSS of a fresh process that holds this one voice and has spoken with it."""
    given = msgspec.json.encode(settings).decode()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tts_memory", language],
        input=given, capture_output=True, text=True, check=True,
        cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    return float(done.stdout)


def _show(rows: dict[str, dict[str, Any]]) -> None:
    for name, row in rows.items():
        print(name)
        for part, value in row.items():
            match value:
                case Speed():
                    _show_speed(value)
                case Exactness():
                    print(f"  chunked against unsplit     {value.seeded:.1e} largest difference")
                    print(f"  against the fetched file    {value.file:.1e} (without noise)")
                case Intelligibility():
                    for said, heard in value.mistakes:
                        print(f"    said:  {said}\n    heard: {heard}")
                    print(
                        f"  heard back                  {value.word_error_rate:.1%} word errors"
                        f" in {value.sentences} sentences, {value.faultless} without any"
                    )
                case Quality():
                    print(
                        f"  DNSMOS                      {value.overall:.2f} overall"
                        f" (± {value.deviation:.2f} over {value.clips} clips),"
                        f" speech {value.speech:.2f}, background {value.background:.2f}"
                    )
                case _:
                    print(f"  {part:<27} {value:.0f} MB PSS in a process that only speaks")


def _show_speed(value: Speed) -> None:
    print(f"  load                        {value.load_ms:.0f} ms")
    print(
        f"  first chunk, 60 characters  {value.first_chunk_ms:.0f} ms median,"
        f" {value.least_first_chunk_ms:.0f} ms least"
    )
    print(
        f"  real-time factor            {value.real_time_factor:.3f} median,"
        f" {value.least_real_time_factor:.3f} least"
    )
    print(f"  silence before the word     {value.silence_ms:.0f} ms at most")


if __name__ == "__main__":
    sys.exit(main())
