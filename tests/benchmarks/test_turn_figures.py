from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.turn_daemon import Load, clock_of
from benchmarks.turn_figures import cpu_shares, others_share, spread
from benchmarks.turn_latency import blocks_of
from bus.frames import AudioChunk


def test_spread_leaves_out_what_is_not_known() -> None:
    """Median, 95th percentile and maximum are of the known values alone."""
    assert spread([3.0, None, 1.0, 2.0]) == {"p50": 2.0, "p95": 3.0, "max": 3.0}
    assert spread([None]) == {"p50": None, "p95": None, "max": None}


def test_cpu_is_counted_between_two_moments() -> None:
    """A process that used half of the time took half a core; one that came later is left out."""
    loads = [
        Load(0.0, {"a": 0.0}, {}),
        Load(1.0, {"a": 1.0}, {}),
        Load(2.0, {"a": 1.5, "b": 9.0}, {}),
        Load(3.0, {"a": 2.0, "b": 9.0}, {}),
    ]
    assert cpu_shares(loads, 0.5, 3.5) == {"a": 0.5, "total": 0.5}
    assert cpu_shares(loads, 0.5, 1.5) == {}


def test_what_others_took_of_the_machine_is_told() -> None:
    """All that was busy less the daemon's own is what others took; one look tells nothing."""
    loads = [Load(0.0, {"a": 1.0}, {}, 10.0), Load(2.0, {"a": 2.0}, {}, 14.0)]
    assert others_share(loads) == 1.5
    assert others_share(loads[:1]) is None


def test_a_daemon_that_ends_has_not_left_its_work_to_others() -> None:
    """Processes that are gone, or not there yet, are in no look that counts."""
    loads = [
        Load(0.0, {"a": 0.0}, {}, 10.0),
        Load(1.0, {"a": 0.5, "b": 0.5}, {}, 11.0),
        Load(3.0, {"a": 1.5, "b": 1.5}, {}, 13.5),
        Load(4.0, {"b": 1.5}, {}, 14.0),
    ]
    assert others_share(loads) == 0.25


def test_the_clock_is_read_off_the_quickest_block_of_sound() -> None:
    """Sample 0 lies a block's length and position before the block that came least late."""
    late = AudioChunk(session="s", turn=1, first_sample=0, pcm=b"", at_ns=5_090_000_000)
    quick = AudioChunk(session="s", turn=1, first_sample=16_000, pcm=b"", at_ns=6_021_000_000)
    assert clock_of([late, quick]) == pytest.approx(5.001)
    assert clock_of([]) == 0.0


def test_blocks_hold_one_language(tmp_path: Path) -> None:
    """Runs are of one language, no longer than asked for; recordings come again where needed."""
    blocks = list(blocks_of(60, 10, tmp_path))
    assert sum(map(len, blocks)) == 60
    assert all(len(block) <= 10 for block in blocks)
    assert [block[0].language for block in blocks] == ["es", "en"] * 3
    assert all(len({each.language for each in block}) == 1 for block in blocks)
    assert [len(block) for block in blocks_of(5, 10, tmp_path)] == [3, 2]


def test_without_a_folder_the_shipped_recordings_are_used() -> None:
    """Whoever has no more than the project can measure too."""
    blocks = list(blocks_of(6, 10, Path("there-is-no-such-folder")))
    assert {each.file for block in blocks for each in block} == {
        "question_es.wav",
        "question_en.wav",
        "timer_en.wav",
    }
