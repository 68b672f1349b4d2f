from __future__ import annotations

import signal
from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from bus.errors import HubSilent
from bus.frames import (
    Clause,
    Closed,
    SpeechChunk,
)
from bus.port import Port, Resumption
from tests.bus.bus_frames import audio, ended, final, speech, started
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


def test_workers_find_a_restarted_hub(hub: RunningHub) -> None:
    """The open turn is given up, the next one is answered by the same workers."""
    ports = hub.join_all()
    ports["capture"].send(started(1))
    gather(ports["encoder"], "SpeechStarted")
    hub.process.kill()
    hub.process.wait()
    hub.start()
    (closed,) = [each for each in gather(ports["capture"], "Closed") if isinstance(each, Closed)]
    assert (closed.turn, closed.reason) == (1, "given_up")
    turns = count(2)
    until(lambda: _everybody_hears(ports, next(turns)))


def _everybody_hears(ports: dict[str, Port], turn: int) -> bool:
    """Begin a turn; return whether every listener is there to hear of it."""
    ports["capture"].send(started(turn))
    heard = 0
    for member in ("encoder", "thinker", "playback"):
        ports[member].wait(50)
        ports[member].data()
        heard += ports[member].control() is not None
    return heard == 3


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
