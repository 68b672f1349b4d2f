"""A thinker process for tests: final transcripts in, two clauses out, then it lives on.

`python tests/bus/bus_thinker.py RUNTIME INCARNATION CLAUSES` prints one line for each Resumption:
how many inputs, how many outputs of its predecessor.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bus.frames import Clause, Done, Transcript
from bus.port import Port, Resumption
from config.load import settings_from_json


def main(runtime: Path, incarnation: int, clauses: int) -> None:
    """Think until killed; `clauses` of 2 are made."""
    settings = settings_from_json((runtime / "settings.json").read_bytes())
    port = Port(runtime, "thinker", 0, incarnation, settings.bus)
    port.open()
    port.ready()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        port.wait(None)
        while port.control() is not None:
            continue
        while (frame := port.data()) is not None:
            if isinstance(frame, Resumption):
                sys.stdout.write(f"{len(frame.inputs)} {len(frame.sent)}\n")
                sys.stdout.flush()
                answer(port, [each for each in frame.inputs if isinstance(each, Transcript)], 2)
            elif isinstance(frame, Transcript):
                answer(port, [frame], clauses)


def answer(port: Port, transcripts: list[Transcript], clauses: int) -> None:
    """Send the clauses of an answer, the first ones again if a predecessor sent them."""
    for heard in transcripts:
        for index in range(clauses):
            port.send(
                Clause(
                    session=heard.session,
                    turn=heard.turn,
                    revision=heard.revision,
                    index=index,
                    text=f"clause {index}",
                    language="en",
                    last=index == 1,
                )
            )
        if clauses == 2:
            port.send(
                Done(
                    session=heard.session,
                    turn=heard.turn,
                    revision=heard.revision,
                    stage="thinker",
                )
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
