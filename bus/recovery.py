"""What a dead hub has left: its folder of frame logs in, open turns and the ends of others out."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

from bus.errors import LogDamaged
from bus.frames import AnyFrame, Closed
from bus.log import closed_files, path_of, turns_in
from bus.log_reader import cut_torn_record, read_frames
from config.logs import log

TurnKey = tuple[str, int]


def open_frames(folder: Path, *, since_ns: int = 0) -> list[AnyFrame]:
    """Return the frames of all turns that are not closed, in `seq` order.

    A torn last record is cut off, so that the log can be gone on with. A log that is broken
    before its end is deleted: its turn is lost, not the hub. So is one whose last frame is from
    before `since_ns`: nobody waits for its answer any more.
    """
    found: list[AnyFrame] = []
    for session, turn in turns_in(folder):
        path = path_of(folder, session, turn)
        try:
            cut_torn_record(path)
            frames = list(read_frames(path))
        except LogDamaged as error:
            log.warning("a turn is lost", reason=str(error))
            path.unlink(missing_ok=True)
            continue
        found += frames
        if frames and isinstance(frames[-1], Closed):
            path.unlink(missing_ok=True)  # the hub died before it could
        elif frames and frames[-1].at_ns < since_ns:
            log.info("a turn is too old to be gone on with", turn=turn)
            path.unlink(missing_ok=True)
            del found[-len(frames) :]
    return sorted(found, key=attrgetter("seq"))


def closed_turns(folder: Path) -> dict[TurnKey, Closed]:
    """Return how the last turns ended."""
    ends: dict[TurnKey, Closed] = {}
    for path in closed_files(folder):
        try:
            cut_torn_record(path)
            ends |= {
                (each.session, each.turn): each
                for each in read_frames(path)
                if isinstance(each, Closed)
            }
        except LogDamaged as error:
            log.warning("how turns ended is lost", reason=str(error))
    return ends
