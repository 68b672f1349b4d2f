from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.scenes import WrongRecording
from benchmarks.turn_recordings import (
    Marks,
    compose,
    find_file,
    load,
    read_marks,
)

RATE = 16_000
NOWHERE = Path("there-is-no-such-folder")
SHIPPED = [each for each in read_marks() if "/" not in each.file]


def test_enough_recordings_are_marked() -> None:
    """At least 40, of both languages, of several sets, each named once, marks in order."""
    marks = read_marks()
    assert len(marks) >= 40
    assert len({each.file for each in marks}) == len(marks)
    assert len({each.file.partition("/")[0] for each in marks if "/" in each.file}) >= 5
    for language in ("es", "en"):
        assert sum(each.language == language for each in marks) >= 20
    assert all(0 <= each.start_ms < each.end_ms - 500 for each in marks)


@pytest.mark.parametrize("marks", SHIPPED, ids=lambda marks: marks.file)
def test_words_stand_where_the_stream_says(marks: Marks) -> None:
    """In a composed stream, speech rises and falls at the question's marks."""
    stream = compose([marks, marks], NOWHERE, slot_s=2.0)
    assert len(stream.questions) == 2
    for question in stream.questions:
        begin, end = (round(at_s * RATE) for at_s in (question.start_s, question.end_s))
        spoken = float(np.abs(stream.samples[begin:end]).max())
        around = np.concatenate(
            [stream.samples[begin - 3_200 : begin - 800], stream.samples[end + 1_600 : end + 8_000]]
        )
        assert float(np.abs(around).max()) < spoken / 8
        alone = load(marks, NOWHERE)[marks.start_ms * 16 : marks.end_ms * 16]
        assert np.array_equal(stream.samples[begin + 640 : end], alone[640 : end - begin])


def test_another_file_than_the_marked_one_is_refused(tmp_path: Path) -> None:
    """A missing recording and one with other bytes are named."""
    row = msgspec.structs.replace(SHIPPED[0], file="set/clip.wav")
    with pytest.raises(WrongRecording, match="not there"):
        load(row, tmp_path)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "clip.wav").write_bytes(find_file("dishes.wav", NOWHERE).read_bytes())
    with pytest.raises(WrongRecording, match="another file"):
        load(row, tmp_path)
