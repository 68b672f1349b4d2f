"""Processes that hang in the middle of a turn: stopped, they are replaced and it is answered."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from bus.frames import AudioChunk, Clause
from tests.daemon import Moment, members, reached, seen
from tests.test_kills import asked

HANGS: dict[str, Moment] = {"capture": seen(AudioChunk, 20), "talker": seen(Clause)}


def test_a_worker_that_hangs_with_work_in_hand_is_replaced(
    tmp_path: Path, recordings: Path
) -> None:
    """One that was busy, and one that hung before its work came; no word is lost."""
    with asked(tmp_path, *[recordings / "question_en.wav"] * len(HANGS)) as process:
        for turn, (victim, moment) in enumerate(HANGS.items(), 1):
            reached(process, tmp_path, moment, turn)
            os.kill(members(process.pid)[victim], signal.SIGSTOP)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, ""), output
    result = json.loads(output)
    assert [turn["heard"] == turn["answer"] != "" for turn in result["turns"]] == [True, True]
    assert {name: result["workers"][name]["restarts"] for name in HANGS} == dict.fromkeys(HANGS, 1)
