"""Questions in real time in, the sound of their answers out: the pipelines to compare with.

`ours`: the daemon's own engines, end of turn included, one strictly after the other: the whole
transcript, then the whole answer, then the whole sound. The model's state behind the history is
kept as the daemon keeps it. `usual`: as tutorials build it: webrtcvad with 500 ms of silence,
faster-whisper as it comes (int8, beam 5), llama-cpp-python's chat completion, piper-tts; the same
weights and threads, the same forced answer, the whole history in each request.

A program of its own, so that memory is seen: jobs come as JSON lines on stdin, results go out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, Protocol, Self, TypeAlias

import msgspec
import numpy as np
import soundfile as sf  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.turn_daemon import ROOT
from benchmarks.turn_room import RATE, read_room
from models.protocols import Float32Array, Int16Array
from stages.resampling import to_int16
from supervisor.memory import pss_mb

PeerName: TypeAlias = Literal["ours", "usual"]
_BEFORE_S: Final = 1.0
"""Heard of the room before the words begin."""


class Job(Struct, frozen=True):
    """A stream to answer."""

    stream: str
    """WAV."""
    room: str
    """Where the sound of the answers goes, WAV, on the stream's time line."""
    language: str
    script: str
    questions: tuple[tuple[float, float, float], ...]
    """Beginning and end of the words, and until when the answer must begin, in seconds."""


class Result(Struct, frozen=True):
    """How a job went."""

    early: int
    """Utterances that were ended before their last word, which were then heard on."""
    transcripts: tuple[str, ...]
    steps_ms: tuple[dict[str, float], ...]
    pss_mb: float
    """At the end, with everything used once."""


class Pipeline(Protocol):
    """One way to answer."""

    block_samples: int

    def begin(self, job: Job) -> None:
        """Forget the conversation, and take what is to be answered."""
        ...

    def listen(self) -> None:
        """Wait for the next utterance."""
        ...

    def feed(self, block: Int16Array) -> bool:
        """Hear a block; return whether the utterance is over."""
        ...

    def answer(self) -> tuple[str, Float32Array, dict[str, float]]:
        """Return transcript, the answer's whole sound at 16 kHz, and how long each step took."""
        ...


class Peer:
    """The program, as its parent sees it. A context manager."""

    def __init__(self, name: PeerName) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.turn_peers", name],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def answer(self, job: Job) -> Result:
        """Have a stream answered. Raises RuntimeError when the program has ended."""
        source, sink = self._process.stdin, self._process.stdout
        if source is None or sink is None:
            raise RuntimeError("started without pipes")
        source.write(msgspec.json.encode(job) + b"\n")
        source.flush()
        line = sink.readline()
        if not line:
            raise RuntimeError("the pipeline to compare with has failed; see above")
        return msgspec.json.decode(line, type=Result)


def timed(name: str, began_s: float, steps_ms: dict[str, float]) -> float:
    """Note how long a step took; return the time now."""
    now_s = time.monotonic()
    steps_ms[name] = round(1000 * (now_s - began_s), 1)
    return now_s


def _run(pipeline: Pipeline, job: Job) -> Result:
    stream = to_int16(read_room(Path(job.stream)))
    room = np.zeros(len(stream), np.float32)
    pipeline.begin(job)
    early, transcripts, steps = 0, [], []
    for start_s, end_s, until_s in job.questions:
        pipeline.listen()
        began_s = time.monotonic()
        from_s = max(0.0, start_s - _BEFORE_S)
        for at_s, block in _blocks(stream, from_s, until_s, pipeline.block_samples):
            time.sleep(max(0.0, began_s + at_s - from_s - time.monotonic()))
            if not pipeline.feed(block):
                continue
            if at_s < end_s:  # generous: what was cut off is thrown away, and it listens on
                early += 1
                pipeline.listen()
                continue
            transcript, sound, step_ms = pipeline.answer()
            transcripts.append(transcript)
            steps.append(step_ms)
            now = int((from_s + time.monotonic() - began_s) * RATE)
            sound = sound[: max(0, int(until_s * RATE) - now)]
            room[now : now + len(sound)] = sound
            break
    sf.write(job.room, room, RATE, "PCM_16")
    return Result(early, tuple(transcripts), tuple(steps), round(pss_mb(os.getpid()) or 0.0, 1))


def _blocks(
    stream: Int16Array, from_s: float, until_s: float, samples: int
) -> Iterator[tuple[float, Int16Array]]:
    """Yield each whole block with the moment at which it has been recorded."""
    end = min(int(until_s * RATE), len(stream))
    for at in range(int(from_s * RATE), end - samples + 1, samples):
        yield (at + samples) / RATE, stream[at : at + samples]


def main() -> int:
    """Answer jobs until stdin ends."""
    if sys.argv[1] == "usual":
        from benchmarks.turn_usual import UsualPipeline  # noqa: PLC0415 - only one is in memory

        pipeline: Pipeline = UsualPipeline()
    else:
        from benchmarks.turn_ours import OwnPipeline  # noqa: PLC0415

        pipeline = OwnPipeline()
    out = os.dup(1)
    os.dup2(2, 1)  # what libraries print must not be taken for a result
    for line in sys.stdin.buffer:
        result = _run(pipeline, msgspec.json.decode(line, type=Job))
        os.write(out, msgspec.json.encode(result) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
