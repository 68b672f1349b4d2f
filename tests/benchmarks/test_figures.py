from __future__ import annotations

from benchmarks.figures import lines_of


def test_plain_figures_share_a_line() -> None:
    """Groups of plain figures are one line each, groups of groups are indented."""
    figures = {"pooled": {"clips": 2, "rate": 0.123456}, "sets": {"a": {"clips": 1}}, "none": None}
    assert list(lines_of(figures)) == [
        "pooled                   clips 2  rate 0.1235",
        "sets",
        "  a                        clips 1",
        "none                     None",
    ]
