"""What grows from turn to turn, of samples made up by hand."""

from __future__ import annotations

from benchmarks.soak import Sample, growth


def test_what_fills_up_at_first_is_no_growth() -> None:
    """Only the later samples count: 20 MB at once, then 2 MB per 1,000 turns and a new file."""
    held_mb = [10.0, *(30.0 + 0.2 * step for step in range(1, 8))]
    samples = [
        Sample(turns=100 * at, pss_mb=mb, files=9 if at < 6 else 10, threads=4)
        for at, mb in enumerate(held_mb)
    ]
    assert growth(samples, left_out=0.25) == {
        "mb_per_1000_turns": 2.0,
        "first_mb": 30.4,
        "last_mb": 31.4,
        "more_files": 1,
        "more_threads": 0,
    }
