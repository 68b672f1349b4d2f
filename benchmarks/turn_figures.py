"""Answers and what their making took in, the figures of `bench turn` out."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from benchmarks.figures import Figures
from benchmarks.turn_daemon import Load
from benchmarks.turn_latency import SLOT_S, Answer, Block
from benchmarks.turn_room import last_sound_s

_PEERS: Final = ("ours", "usual")


def figures_of(blocks: Sequence[Block]) -> Figures:
    """Return all of it as one table."""
    answers = [answer for block in blocks for answer in block.answers]
    result: Figures = {
        "daemon": {
            **_answers(answers),
            "steps_ms": _steps(answers),
            "end_of_speech_error_ms": spread(_end_errors(blocks)),
            "ready_ms": spread([block.run.report["ready_ms"] for block in blocks]),
            "cpu_percent_of_a_core": _cpu(blocks),
            "pss_mb": _memory(blocks),
        },
        "cores_taken_by_others": spread(
            [share for block in blocks for share in [others_share(block.run.loads)] if share]
        ),
    }
    for name in _PEERS:
        if not any(name in block.peers for block in blocks):
            continue
        theirs = [answer for block in blocks for answer in block.peers[name]]
        same = [a for block in blocks for a in block.answers[: len(block.peers[name])]]
        results = [block.results[name] for block in blocks]
        result[name] = {
            **_answers(theirs),
            "early": sum(each.early for each in results),
            "steps_ms": {
                step: spread([ms[step] for each in results for ms in each.steps_ms])
                for step in ("transcript", "answer", "sound")
            },
            "pss_mb": max(each.pss_mb for each in results),
            "times_the_daemon": _ratio(theirs, same),
        }
    return result


def _answers(answers: Sequence[Answer]) -> Figures:
    known = [a.voice_to_voice_ms for a in answers]
    rows: Figures = {
        "turns": len(answers),
        "unanswered": sum(a.voice_to_voice_ms is None and not a.cut_off for a in answers),
        "cut_off": sum(a.cut_off for a in answers),
        "first_words_proven": sum(a.proven for a in answers),
        "voice_to_voice_ms": spread(known),
    }
    for language in sorted({a.language for a in answers}):
        of_it = [a.voice_to_voice_ms for a in answers if a.language == language]
        rows[f"voice_to_voice_ms_{language}"] = spread(of_it)
    return rows


def _steps(answers: Sequence[Answer]) -> Figures:
    turns = [a.reported for a in answers if a.reported is not None]
    if not turns:
        return {}
    names = turns[0]["steps_ms"]
    rows: Figures = {name: spread([turn["steps_ms"][name] for turn in turns]) for name in names}
    rows["revisions"] = spread([turn["revisions"] for turn in turns])
    return rows


def _end_errors(blocks: Iterable[Block]) -> list[float]:
    """Return by how much the daemon's end of the last word is later than the marked one, ms."""
    return [
        1000 * (answer.reported["speech_end_s"] - question.end_s)
        for block in blocks
        for question, answer in zip(block.stream.questions, block.answers, strict=True)
        if answer.reported is not None
    ]


def _ratio(theirs: Sequence[Answer], ours: Sequence[Answer]) -> float | None:
    medians = [spread([a.voice_to_voice_ms for a in answers])["p50"] for answers in (theirs, ours)]
    return round(medians[0] / medians[1], 2) if medians[0] and medians[1] else None


def _cpu(blocks: Sequence[Block]) -> Figures:
    """Return how much of a core each process takes while someone speaks, and while it answers."""
    used: dict[str, dict[str, list[float]]] = {"listening": {}, "answering": {}}
    for block in blocks:
        for question in block.stream.questions:
            ends_s = last_sound_s(block.run.room, question.end_s, question.end_s + SLOT_S)
            spans = {"listening": (question.start_s, question.end_s)}
            if ends_s is not None:
                spans["answering"] = (question.end_s, ends_s)
            for what, (from_s, to_s) in spans.items():
                clock_s = block.run.clock_s
                shares = cpu_shares(block.run.loads, clock_s + from_s, clock_s + to_s)
                for name, share in shares.items():
                    used[what].setdefault(name, []).append(100 * share)
    return {
        what: {name: round(statistics.fmean(each), 1) for name, each in shares.items()}
        for what, shares in used.items()
    }


def cpu_shares(loads: Sequence[Load], from_s: float, to_s: float) -> dict[str, float]:
    """Return the share of one core that each process took between two moments, and all of them."""
    inside = [load for load in loads if from_s <= load.at_s <= to_s]
    if len(inside) < 2:
        return {}
    first, last = inside[0], inside[-1]
    shares = {
        name: (last.cpu_s[name] - first.cpu_s[name]) / (last.at_s - first.at_s)
        for name in first.cpu_s
        if name in last.cpu_s
    }
    return {**shares, "total": sum(shares.values())}


def others_share(loads: Sequence[Load]) -> float | None:
    """Return how many cores were busy with what is not the daemon: whether figures can be trusted.

    The bench itself is among the others; it takes about a hundredth of a core. Looks at a daemon
    that is not whole yet, or no more, do not count.
    """
    most = max((len(load.cpu_s) for load in loads), default=0)
    whole = [load for load in loads if len(load.cpu_s) == most]
    if len(whole) < 2:
        return None
    first, last = whole[0], whole[-1]
    own_s = sum(last.cpu_s.values()) - sum(first.cpu_s.values())
    return round((last.machine_s - first.machine_s - own_s) / (last.at_s - first.at_s), 2)


def _memory(blocks: Sequence[Block]) -> Figures:
    """Return each process's highest PSS, and the highest sum of all at one moment."""
    looks = [load.pss_mb for block in blocks for load in block.run.loads if load.pss_mb]
    names = sorted({name for look in looks for name in look})
    rows: Figures = {name: round(max(look.get(name, 0.0) for look in looks), 1) for name in names}
    return {**rows, "total": round(max((sum(look.values()) for look in looks), default=0.0), 1)}


def spread(values: Sequence[float | None]) -> dict[str, float | None]:
    """Return median, 95th percentile and maximum of what is known of `values`."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return {"p50": None, "p95": None, "max": None}
    p95 = known[min(len(known) - 1, int(0.95 * len(known)))]
    p50, most = statistics.median(known), known[-1]
    return {"p50": round(p50, 1), "p95": round(p95, 1), "max": round(most, 1)}


def details(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return every answer, for who wants to look closer."""
    rows: list[dict[str, Any]] = []
    for block in blocks:
        everyone = {"daemon": block.answers, **block.peers}
        rows += [
            {"of": of, **msgspec.to_builtins(a)}
            for of, answers in everyone.items()
            for a in answers
        ]
    return rows
