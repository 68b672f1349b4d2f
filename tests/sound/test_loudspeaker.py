from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator

import numpy as np
import pytest

from bus.frames import SAMPLE_RATE
from models.protocols import Int16Array
from stages import loudspeaker
from stages.loudspeaker import Loudspeaker
from stages.sound import Heard, SinkError
from stages.sound_card import Format
from tests.sound.listening import Ear, find
from tests.sound.sound_server import SoundServer

CLOSE_NS = 60_000_000
"""How far reports and the witness may differ; the witness itself is some 10 ms late."""


class Speaker:
    """Plays through a loudspeaker, and keeps all that it reports, and when it did."""

    def __init__(self) -> None:
        self.start_ns = time.monotonic_ns()
        self.ahead_ns = 0
        self.loudspeaker = Loudspeaker("", block_ms=20, now_ns=self._now_ns, start_ns=self.start_ns)
        self.reports: list[tuple[int, Heard]] = []

    def _now_ns(self) -> int:
        return time.monotonic_ns() + self.ahead_ns

    def say(self, pcm: Int16Array) -> None:
        """Queue a whole answer."""
        self.loudspeaker.begin()
        self.loudspeaker.play(pcm, SAMPLE_RATE)
        self.loudspeaker.finish()

    def heard(self) -> Heard:
        """Ask how far it has come, a few milliseconds later."""
        time.sleep(0.005)
        report = self.loudspeaker.heard()
        self.reports.append((time.monotonic_ns(), report))
        return report

    def say_until(self, samples: int) -> Heard:
        """Go on until `samples` were heard, or all."""
        report = self.heard()
        while report.samples < samples and report.queued_samples:
            report = self.heard()
        return report

    def instant_ns(self, clock_sample: int) -> int:
        """Return the monotonic instant of a sample of the capture clock."""
        return self.start_ns + clock_sample * 1_000_000_000 // SAMPLE_RATE


@pytest.fixture
def speaker(server: SoundServer) -> Iterator[Speaker]:  # noqa: ARG001 - it must run first
    speaking = Speaker()
    yield speaking
    speaking.loudspeaker.close(0)


@pytest.mark.parametrize("own_format", [None, Format(None, 44_100, 2)])
def test_an_answer_is_heard_whole_and_when_it_is_said_to_be(
    server: SoundServer,
    clip: Int16Array,
    own_format: Format | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The room hears every sample, and each report tells how many of them it has heard.

    The same for a card that knows only stereo and a rate of its own.
    """
    if own_format is not None:
        monkeypatch.setattr(loudspeaker, "find_format", lambda *_: own_format)
    speaker = Speaker()
    with Ear(server, "room") as ear:
        speaker.say(clip)
        end = speaker.say_until(len(clip))
        ear.wait(0.15)
    speaker.loudspeaker.close(0)
    at, alike = find(clip, ear.sound)
    assert alike > 0.98
    assert (end.samples, end.queued_samples) == (len(clip), 0)
    began_ns = ear.instant_ns(at)
    assert end.first_clock_sample is not None
    assert abs(speaker.instant_ns(end.first_clock_sample) - began_ns) < CLOSE_NS
    assert abs(speaker.instant_ns(end.clock_sample) - ear.instant_ns(at + len(clip))) < CLOSE_NS
    for asked_ns, report in speaker.reports:
        if 0 < report.samples < len(clip):
            truly = (asked_ns - began_ns) * SAMPLE_RATE / 1e9
            assert abs(report.samples - truly) * 1e9 / SAMPLE_RATE < CLOSE_NS


def test_a_stopped_answer_falls_silent(
    server: SoundServer, speaker: Speaker, clip: Int16Array
) -> None:
    """Only what the card had taken already is heard, and it is counted."""
    with Ear(server, "room") as ear:
        speaker.say(clip)
        speaker.say_until(SAMPLE_RATE)
        stopped_ns = time.monotonic_ns()
        last = speaker.loudspeaker.stop()
        ear.wait(0.3)
    at, _ = find(clip[: SAMPLE_RATE // 2], ear.sound)
    end = int(np.flatnonzero(np.abs(ear.sound.astype(np.int32)) > 8)[-1])
    assert ear.instant_ns(end) - stopped_ns < 150e6
    assert abs(last.samples - (end - at)) * 1e9 / SAMPLE_RATE < CLOSE_NS
    assert abs(speaker.instant_ns(last.clock_sample) - ear.instant_ns(end)) < CLOSE_NS


def test_an_answer_goes_on_after_the_card_ran_dry(
    server: SoundServer, speaker: Speaker, clip: Int16Array, capfd: pytest.CaptureFixture[str]
) -> None:
    """Before and after the gap all is heard, and what comes after it is reported right."""
    with Ear(server, "room") as ear:
        speaker.say(clip)
        speaker.say_until(SAMPLE_RATE)
        ctypes.PyDLL(None).usleep(300_000)  # no thread of this process runs Python meanwhile
        end = speaker.say_until(len(clip))
        ear.wait(0.15)
    assert (end.samples, end.queued_samples) == (len(clip), 0)
    early, alike_early = find(clip[:SAMPLE_RATE], ear.sound)
    late, alike_late = find(clip[20_000:26_000], ear.sound)
    assert min(alike_early, alike_late) > 0.98
    gap_samples = late - early - 20_000
    assert 0.2 * SAMPLE_RATE < gap_samples < 0.4 * SAMPLE_RATE
    truly_ended_ns = ear.instant_ns(late - 20_000 + len(clip))
    assert abs(speaker.instant_ns(end.clock_sample) - truly_ended_ns) < CLOSE_NS
    assert capfd.readouterr() == ("", "")


def test_an_unplugged_loudspeaker_is_told_in_one_line(
    server: SoundServer, speaker: Speaker, clip: Int16Array, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is amiss and what to do, and no word of the libraries in between."""
    speaker.say(clip)
    speaker.say_until(1_600)
    server.unplug_all()
    with pytest.raises(SinkError) as failure:
        speaker.say_until(len(clip))
    assert "\n" not in str(failure.value)
    assert "playback.device" in str(failure.value)
    assert capfd.readouterr() == ("", "")


def test_a_loudspeaker_that_takes_nothing_more_is_noticed(
    server: SoundServer, speaker: Speaker, clip: Int16Array
) -> None:
    """A card that another program has suspended does not hold up an answer for ever."""
    speaker.say(clip)
    speaker.say_until(1_600)
    server.suspend("room", suspended=True)
    speaker.ahead_ns = 5_000_000_000
    with pytest.raises(SinkError, match="stopped taking sound"):
        speaker.say_until(len(clip))


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("device", ["a device that nobody has", "99"])
def test_a_loudspeaker_that_is_not_there_is_named(device: str) -> None:
    """The error names it, and says how to see which there are."""
    with pytest.raises(SinkError) as failure:
        Loudspeaker(device, block_ms=20, now_ns=time.monotonic_ns, start_ns=0)
    assert device in str(failure.value)
    assert "playback.device" in str(failure.value)
