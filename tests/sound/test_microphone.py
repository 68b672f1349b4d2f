from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from models.protocols import Int16Array
from stages import microphone
from stages.microphone import Microphone
from stages.sound import SourceError
from stages.sound_card import Format
from tests.sound.listening import Ear, find
from tests.sound.sound_server import SoundServer


class Listener:
    """Reads a microphone to the moment, and keeps what it heard on the capture clock."""

    def __init__(self, device: str = "") -> None:
        self.start_ns = time.monotonic_ns()
        self.microphone = Microphone(device, now_ns=time.monotonic_ns, start_ns=self.start_ns)
        self.first_sample = self.microphone.clock_sample
        self.blocks: list[Int16Array] = []
        self.places: list[int] = []

    def listen(self, seconds: float) -> None:
        """Read until so much more was heard."""
        until = self.microphone.clock_sample + round(seconds * SAMPLE_RATE)
        while self.microphone.clock_sample < until:
            place = self.microphone.clock_sample
            block = self.microphone.read()
            if block is None:
                time.sleep((self.microphone.due_ms() or 0.0) / 1000)
            else:
                self.blocks.append(block)
                self.places.append(place)

    @property
    def sound(self) -> Int16Array:
        """Return all that was heard."""
        return np.concatenate(self.blocks)

    def instant_ns(self, sample: int) -> int:
        """Return the monotonic instant of a sample of `sound`, as the capture clock has it."""
        return self.start_ns + (self.first_sample + sample) * 1_000_000_000 // SAMPLE_RATE


@pytest.mark.parametrize("own_format", [None, Format(None, 44_100, 2)])
def test_a_question_is_heard_whole_where_it_was_said(
    server: SoundServer,
    question: Path,
    clip: Int16Array,
    own_format: Format | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No block is lost, each is 20 ms after the last, and the clock tells when it sounded.

    The same for a card that knows only stereo and a rate of its own.
    """
    if own_format is not None:
        monkeypatch.setattr(microphone, "find_format", lambda *_: own_format)
    listener = Listener()
    with Ear(server, "mouth") as ear:
        listener.listen(0.3)
        server.speak(question)
        listener.listen(len(clip) / SAMPLE_RATE + 0.6)
        behind_ms = (time.monotonic_ns() - listener.instant_ns(len(listener.sound))) / 1e6
    listener.microphone.close()
    at, alike = find(clip, listener.sound)
    truly_at, _ = find(clip, ear.sound)
    assert alike > 0.98
    assert listener.microphone.lost_samples == 0
    assert {len(block) for block in listener.blocks} == {CHUNK_SAMPLES}
    assert set(np.diff(listener.places)) == {CHUNK_SAMPLES}
    assert -50 < behind_ms < 300
    error_ms = (listener.instant_ns(at) - ear.instant_ns(truly_at)) / 1e6
    assert abs(error_ms) < 50


def test_the_clock_is_right_after_the_card_has_lost_sound(
    server: SoundServer, question: Path, clip: Int16Array
) -> None:
    """A card that stood still leaves silence, and what comes after it has its right time."""
    listener = Listener()
    listener.listen(0.2)
    server.suspend("mouth", suspended=True)
    time.sleep(0.3)
    server.suspend("mouth", suspended=False)
    with Ear(server, "mouth") as ear:
        listener.listen(1.3)
        server.speak(question)
        listener.listen(len(clip) / SAMPLE_RATE + 0.6)
    listener.microphone.close()
    at, alike = find(clip, listener.sound)
    truly_at, _ = find(clip, ear.sound)
    assert alike > 0.98
    assert listener.microphone.lost_samples > 0.2 * SAMPLE_RATE
    assert abs(listener.instant_ns(at) - ear.instant_ns(truly_at)) < 50e6


def test_an_unplugged_microphone_is_told_in_one_line(
    server: SoundServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is amiss and what to do, and no word of the libraries in between."""
    listener = Listener()
    listener.listen(0.1)
    server.unplug_all()
    with pytest.raises(SourceError) as failure:
        listener.listen(60)
    listener.microphone.close()
    assert "\n" not in str(failure.value)
    assert "capture.device" in str(failure.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("device", ["a device that nobody has", "99"])
def test_a_microphone_that_is_not_there_is_named(device: str) -> None:
    """The error names it, and says how to see which there are."""
    with pytest.raises(SourceError) as failure:
        Listener(device)
    assert device in str(failure.value)
    assert "capture.device" in str(failure.value)
