"""Recordings in; how long the daemon and two sequential pipelines take to answer them, out.

The three take turns, block by block, on the same machine and the same recordings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from benchmarks.turn_daemon import SCRIPTS, Run, ask, stand_ins
from benchmarks.turn_peers import Job, Peer, PeerName, Result
from benchmarks.turn_recordings import Marks, Question, Stream, compose, read_marks
from benchmarks.turn_room import Listener, first_sound_s, read_room
from models.protocols import Float32Array
from models.store import open_store

SLOT_S: Final = 9.0
"""Room for an answer behind each question."""
_PEER_SLOT_S: Final = 40.0
_NEAR_S: Final = 1.0
_EARLY_S: Final = 0.3
_STILL_S: Final = 0.1
"""A sound in the last 0.1 s goes on: of an answer that came too late for its slot."""


class Answer(Struct, frozen=True):
    """What followed one question."""

    file: str
    language: str
    voice_to_voice_ms: float | None
    """Last word's end to the first sound; None: no sound, or one before the last word's end."""
    cut_off: bool
    """It was answered before its last word."""
    proven: bool
    """What sounded first was written down, and is how the answer begins."""
    reported: dict[str, Any] | None
    """What the daemon says of that turn."""


class Bench(Struct, frozen=True):
    """Where recordings come from and files go, and the settings to measure with."""

    data: Path
    folder: Path
    settings: tuple[str, ...]


class Block(Struct, frozen=True):
    """One start of the daemon, and what the others made of the same questions."""

    stream: Stream
    run: Run
    answers: list[Answer]
    peers: dict[str, list[Answer]]
    results: dict[str, Result]


def blocks_of(turns: int, most: int, data: Path) -> Iterator[list[Marks]]:
    """Yield `turns` recordings in runs of one language, Spanish and English in turn.

    most: the longest run. Of a language with fewer recordings they come again from the
    beginning; where there is no folder of recordings, those that are shipped do.
    """
    marks = [each for each in read_marks() if data.is_dir() or "/" not in each.file]
    sources = [cycle([each for each in marks if each.language == code]) for code in ("es", "en")]
    size = min(most, -(-turns // len(sources)))
    for number, begin in enumerate(range(0, turns, size)):
        source = sources[number % len(sources)]
        yield list(islice(source, min(size, turns - begin)))


def measure(bench: Bench, turns: int, peer_turns: int) -> list[Block]:
    """Run the daemon on `turns` recordings, and the others on `peer_turns` of them."""
    blocks = list(blocks_of(turns, 10, bench.data))
    listener = Listener()
    each = -(-peer_turns // len(blocks))
    with ExitStack() as stack:
        names: tuple[PeerName, ...] = ("ours", "usual") if peer_turns else ()
        peers = {str(name): stack.enter_context(Peer(name)) for name in names}
        return [_block(bench, marks, marks[:each], peers, listener) for marks in blocks]


def run_block(bench: Bench, marks: Sequence[Marks]) -> tuple[Stream, Run]:
    """Let the daemon answer recordings of one language."""
    stream = compose(marks, bench.data, SLOT_S)
    options = [*stand_ins(open_store(), SCRIPTS[marks[0].language]), *bench.settings]
    return stream, ask(
        [stream.write(bench.folder / "stream.wav")], bench.folder / "ROOM.wav", options
    )


def _block(
    bench: Bench,
    marks: Sequence[Marks],
    peer_marks: Sequence[Marks],
    peers: dict[str, Peer],
    listener: Listener,
) -> Block:
    stream, run = run_block(bench, marks)
    answers = answers_in(run.room, stream.questions, SLOT_S, listener, run.report["turns"])
    peer_answers, results = {}, {}
    for name, peer in peers.items():
        longer = compose(peer_marks, bench.data, _PEER_SLOT_S)
        results[name] = peer.answer(_job(longer, bench.folder, marks[0].language))
        room = read_room(bench.folder / "peer-room.wav")
        peer_answers[name] = answers_in(room, longer.questions, _PEER_SLOT_S, listener)
    return Block(stream, run, answers, peer_answers, results)


def _job(stream: Stream, folder: Path, language: str) -> Job:
    path = stream.write(folder / "peer-stream.wav")
    questions = tuple((q.start_s, q.end_s, q.end_s + _PEER_SLOT_S) for q in stream.questions)
    room = str(folder / "peer-room.wav")
    return Job(str(path), room, language, SCRIPTS[language], questions)


def answers_in(
    room: Float32Array,
    questions: Sequence[Question],
    slot_s: float,
    listener: Listener,
    reported: Sequence[dict[str, Any]] = (),
) -> list[Answer]:
    """Look for the answer to each question in what the room heard."""
    answers = []
    for each in questions:
        language = each.marks.language
        until_s = each.end_s + slot_s
        ends_s = [turn["speech_end_s"] for turn in reported if turn["speech_end_s"] is not None]
        early = any(each.start_s < end_s < each.end_s - _EARLY_S for end_s in ends_s)
        late = first_sound_s(room, each.start_s - _STILL_S, each.start_s) is not None
        spoken_over = first_sound_s(room, each.start_s, each.end_s) is not None
        cut_off = early or (spoken_over and not late)
        still = first_sound_s(room, each.end_s - _STILL_S, each.end_s) is not None
        sound_s = first_sound_s(room, each.end_s, until_s)
        known = sound_s is not None and not cut_off and not still
        proven = sound_s is not None and listener.begins(room, sound_s, SCRIPTS[language], language)
        waited_ms = 1000 * (sound_s - each.end_s) if known and sound_s is not None else None
        turn = _nearest(reported, each.end_s)
        answers.append(Answer(each.marks.file, language, waited_ms, cut_off, proven, turn))
    return answers


def _nearest(reported: Sequence[dict[str, Any]], end_s: float) -> dict[str, Any] | None:
    near = [
        turn
        for turn in reported
        if turn["speech_end_s"] is not None and abs(turn["speech_end_s"] - end_s) < _NEAR_S
    ]
    return min(near, key=lambda turn: abs(float(turn["speech_end_s"]) - end_s), default=None)
