from __future__ import annotations

import contextlib
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import zmq
from msgspec.structs import replace

from bus.errors import HubSilent
from bus.frames import Clause, Closed, Hello, Notice, SpeechChunk, Transcript
from bus.link import Link
from bus.port import Port, Resumption
from bus.sockets import Line, Rendezvous
from bus.workers import WorkerId
from tests.bus.bus_frames import audio, clause, done, ended, final, played, speech, started
from tests.bus.bus_running import ROOT, RunningHub, gather, names, read_line, until


def test_a_killed_worker_loses_no_answer(hub: RunningHub) -> None:
    """SIGKILL in mid-answer: the successor gets the turn and nothing is said twice."""
    capture, encoder = hub.join("capture"), hub.join("encoder")
    talker, supervisor = hub.join("talker"), hub.join("supervisor")
    script = str(ROOT / "tests" / "bus" / "bus_thinker.py")
    first = hub.run(script, str(hub.runtime), "1", "1")
    assert read_line(first) == "ready"
    for frame in (started(), audio(0), ended()):
        capture.send(frame)
    gather(encoder, "SpeechEnded")
    encoder.send(final())
    gather(talker, "Clause")
    first.send_signal(signal.SIGKILL)
    first.wait()
    supervisor.send(hub.bury("thinker"))
    second = hub.run(script, str(hub.runtime), "2", "2")
    assert read_line(second) == "ready"
    assert read_line(second) == "3 1"
    (again,) = [each for each in gather(talker, "Clause") if isinstance(each, Clause)]
    assert again.index == 1


def test_a_resumption_comes_before_what_happens_next(hub: RunningHub) -> None:
    """The past of a turn is handed out whole, then its new frames, on either socket."""
    capture, supervisor = hub.join("capture"), hub.join("supervisor")
    encoder = hub.join("encoder")
    for frame in (started(), audio(0), audio(320)):
        capture.send(frame)
    gather(encoder, "SpeechStarted", "AudioChunk", "AudioChunk")
    supervisor.send(hub.bury("encoder"))
    successor = hub.join("encoder", incarnation=2)
    capture.send(audio(640))
    capture.send(ended())
    found = gather(successor, "Resumption")
    past = found[0]
    assert isinstance(past, Resumption)
    told = names([*past.inputs, *found[1:]])
    # What reached the hub before the successor's Ready is a part of the past.
    everything = ["AudioChunk", "AudioChunk", "AudioChunk", "SpeechEnded", "SpeechStarted"]
    late = Counter(everything) - Counter(told)
    told += names(gather(successor, *late.elements()))
    assert sorted(told) == everything
    assert {"AudioChunk", "SpeechStarted"} <= set(names(list(past.inputs)))


def test_the_dead_cannot_speak(hub: RunningHub) -> None:
    """After Gone an incarnation's frames are dropped and its Hello is not answered."""
    capture, talker = hub.join("capture"), hub.join("talker")
    supervisor, playback = hub.join("supervisor"), hub.join("playback")
    capture.send(started())
    gather(playback, "SpeechStarted")
    supervisor.send(hub.bury("talker"))
    ghost = Port(hub.runtime, "talker", 0, 1, hub.settings.bus)
    hub.ports.append(ghost)
    with pytest.raises(HubSilent):
        ghost.open(within_ms=200)
    talker.send(speech())
    successor = hub.join("talker", incarnation=2)
    successor.send(speech(640))
    (chunk,) = [each for each in gather(playback, "SpeechChunk") if isinstance(each, SpeechChunk)]
    assert chunk.first_sample == 640


def _restart(hub: RunningHub, ports: dict[str, Port]) -> None:
    """Kill the hub, start the next one, and let the supervisor tell everybody."""
    hub.process.kill()
    hub.process.wait()
    hub.start()
    for port in ports.values():
        port.greet()


def test_a_killed_hub_loses_no_turn(hub: RunningHub) -> None:
    """What was said before and during its death arrives once, at workers that live on."""
    ports = hub.join_all()
    for frame in (started(), audio(0), audio(320)):
        ports["capture"].send(frame)
    gather(ports["encoder"], "SpeechStarted", "AudioChunk", "AudioChunk")
    hub.process.kill()
    hub.process.wait()
    ports["capture"].send(audio(640))
    ports["capture"].send(ended())
    hub.start()
    ports["capture"].greet()
    until(lambda: _answers(ports["capture"]))
    ports["encoder"].greet()
    told = names(gather(ports["encoder"], "AudioChunk", "SpeechEnded"))
    assert sorted(told) == ["AudioChunk", "SpeechEnded"]


def _answers(port: Port) -> bool:
    """Let a port do its part; return whether there was something to do."""
    busy = port.wait(50)
    assert port.data() is None
    assert port.control() is None
    return busy


def test_a_hub_killed_between_two_stages_loses_nothing(hub: RunningHub) -> None:
    """A frame that the dead hub had logged and not sent is sent by the next one."""
    ports = hub.join_all()
    for frame in (started(), audio(0), ended()):
        ports["capture"].send(frame)
    gather(ports["encoder"], "SpeechStarted", "AudioChunk", "SpeechEnded")
    gather(ports["thinker"], "SpeechEnded")
    ports["encoder"].send(final())
    until((hub.runtime / "log" / "home.1.frames").exists)
    _restart(hub, ports)
    told = [type(each) for each in _gather_among(ports, "thinker", "Transcript")]
    assert told.count(Transcript) == 1
    _answer(ports)
    closed = _gather_among(ports, "capture", "Closed")[-1]
    assert isinstance(closed, Closed)
    assert closed.reason == "answered"


def test_a_new_hub_is_told_who_is_gone_for_good(hub: RunningHub) -> None:
    """It would wait for a thinker that never comes, and the user with it."""
    ports = hub.join_all()
    gone = replace(hub.bury("thinker"), for_good=True)
    ports["supervisor"].send(gone)
    ports.pop("thinker")
    _restart(hub, ports)
    until(lambda: not _answers(ports["supervisor"]))
    for frame in (started(), audio(0), ended()):
        ports["capture"].send(frame)
    _gather_among(ports, "encoder", "SpeechEnded")
    ports["encoder"].send(final())
    notice = _gather_among(ports, "playback", "Notice")[-1]
    assert isinstance(notice, Notice)
    assert notice.reason == "thinker_lost"


def test_what_was_said_to_a_dead_hub_does_not_overtake(hub: RunningHub) -> None:
    """Frames in front of a socket's Hello are left to be sent again, in their order."""
    capture, playback = hub.join("capture"), hub.join("playback")
    capture.send(started())
    gather(playback, "SpeechStarted")
    with _bare_talker(hub) as (data, control, hello):
        control.send(hello, 1_000)
        until(lambda: control.take() is not None)
        for frame in (speech(640), hello, speech(0), speech(640)):
            data.send(frame, 1_000)
        found = gather(playback, "SpeechChunk", "SpeechChunk")
    told = [each.first_sample for each in found if isinstance(each, SpeechChunk)]
    assert told == [0, 640]


@contextlib.contextmanager
def _bare_talker(hub: RunningHub) -> Iterator[tuple[Link, Link, Hello]]:
    """Yield a talker's two sockets, with nothing said on them, and its Hello."""
    worker = WorkerId("talker", 0, 1)
    hello = Hello(stage="talker", worker=0, incarnation=1, window_bytes=1 << 20)
    lines: Sequence[Line] = ("data", "control")
    meeting = Rendezvous(hub.runtime)
    with zmq.Context[zmq.Socket[bytes]]() as context:
        links = [Link(meeting.connect(context, line, worker.identity), line) for line in lines]
        yield links[0], links[1], hello
        for link in links:
            link.close()


def _gather_among(ports: dict[str, Port], member: str, wanted: str) -> list[object]:
    """Receive at `member` until `wanted` has come, while the others do their part too."""
    found: list[object] = []

    def came() -> bool:
        for name, port in ports.items():
            port.wait(5)
            for receive in (port.control, port.data):
                while (frame := receive()) is not None:
                    if name == member:
                        found.append(frame)
        return wanted in [type(each).__name__ for each in found]

    until(came)
    return found


def _answer(ports: dict[str, Port]) -> None:
    """Answer the open turn: one clause, its sound, heard to the end."""
    ports["encoder"].send(done("encoder"))
    ports["thinker"].send(clause(0))
    ports["talker"].send(speech(0))
    ports["talker"].send(done("talker"))
    ports["playback"].send(played(640, last=True))
    ports["thinker"].send(done("thinker"))
    ports["playback"].send(done("playback"))


def test_a_hub_without_settings_ends_in_order(hub: RunningHub) -> None:
    """A folder that is no runtime ends it with one line and exit code 2."""
    stray = hub.run("-m", "bus.hub", "--runtime", str(hub.runtime / "log"))
    assert stray.wait(20) == 2


def test_the_hub_ends_with_its_parent(hub: RunningHub, tmp_path: Path) -> None:
    """A hub whose starter was killed does not live on alone."""
    code = (
        "import signal, subprocess, sys; "
        "hub = subprocess.Popen([sys.executable, '-m', 'bus.hub', '--runtime', sys.argv[1], "
        "'--incarnation', '7']); print(hub.pid, flush=True); signal.pause()"
    )
    hub.stop()
    starter = hub.run("-c", code, str(tmp_path))
    orphan = int(read_line(starter))
    hub.beat(lambda vitals: vitals.incarnation == 7)
    starter.kill()
    until(lambda: not _lives(orphan))


def _lives(pid: int) -> bool:
    """Return whether a process runs; one that nobody has reaped does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
