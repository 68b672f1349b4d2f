"""A sound server of our own: a folder in, a room with a loudspeaker and a microphone out.

PulseAudio with two null sinks keeps the pace of a sound card. What is played into "room" is what
the loudspeaker says; what is played into "mouth" is what the microphone hears.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

PROGRAMS = ("pulseaudio", "pactl", "parec")

_SCRIPT = """
load-module module-native-protocol-unix socket={socket} auth-anonymous=1
load-module module-null-sink sink_name=room rate=48000 norewinds=1
load-module module-null-sink sink_name=mouth rate=48000 norewinds=1
set-default-sink room
set-default-source mouth.monitor
"""
# norewinds: a null sink that may rewind sleeps 2 s at a time, which no card does

_ALSA = """
pcm.!default { type pulse }
ctl.!default { type pulse }
"""
# the machine's own settings may name another sound server


def missing_programs() -> list[str]:
    """Return what is not installed."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


def program(name: str) -> str:
    """Return where an installed program is."""
    return shutil.which(name) or name


class SoundServer:
    """A PulseAudio server that only those know who are given `environment`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        socket = folder / "native"
        (folder / "server.pa").write_text(_SCRIPT.format(socket=socket), encoding="utf-8")
        (folder / "alsa.conf").write_text(_ALSA, encoding="utf-8")
        self.environment = {
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": str(folder / "cookie"),
            "PULSE_RUNTIME_PATH": str(folder),
            "ALSA_CONFIG_PATH": str(folder / "alsa.conf"),
        }
        self._process = self._start()
        self._wait_for(socket)
        self._modules = {
            line.split("sink_name=")[1].split()[0]: line.split()[0]
            for line in self.control("list", "short", "modules").splitlines()
            if "sink_name=" in line
        }

    def _start(self) -> subprocess.Popen[bytes]:
        # with nobody connected it ends by itself, as when the tests were killed
        with (self._folder / "log").open("wb") as log:
            return subprocess.Popen(
                [
                    program("pulseaudio"), "-n", "-F", str(self._folder / "server.pa"),
                    "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=120",
                    "--disable-shm=yes", "--realtime=no", "--high-priority=no", "--log-level=warn",
                ],
                env=os.environ | self.environment | {"HOME": str(self._folder)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )  # fmt: skip

    def _wait_for(self, socket: Path) -> None:
        deadline_s = time.monotonic() + 20
        while not socket.is_socket() and time.monotonic() < deadline_s:
            if self._process.poll() is not None:
                break
            time.sleep(0.01)
        if not socket.is_socket():
            self.stop()
            raise RuntimeError((self._folder / "log").read_text(encoding="utf-8"))

    def control(self, *words: str) -> str:
        """Run pactl."""
        return subprocess.run(
            [program("pactl"), *words],
            env=os.environ | self.environment | {"HOME": str(self._folder)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def speak(self, recording: Path) -> None:
        """Play a recording into the microphone, beginning now."""
        self.control("upload-sample", str(recording), recording.stem)
        self.control("play-sample", recording.stem, "mouth")

    def let_microphone_hear_the_room(self) -> None:
        """Put the microphone beside the loudspeaker."""
        self.control(
            "load-module", "module-loopback", "source=room.monitor", "sink=mouth",
            "latency_msec=20",
        )  # fmt: skip

    def suspend(self, sink: str, *, suspended: bool) -> None:
        """Let a card stop taking and giving sound, or go on."""
        self.control("suspend-sink", sink, str(int(suspended)))

    def unplug(self, sink: str) -> None:
        """Take away "room" or "mouth"."""
        self.control("unload-module", self._modules.pop(sink))

    def unplug_all(self) -> None:
        """Take away both, so that nothing is left to move a stream to."""
        for sink in list(self._modules):
            self.unplug(sink)

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(10)
