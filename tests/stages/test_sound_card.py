from __future__ import annotations

import time

import pytest

from stages.loudspeaker import Loudspeaker
from stages.microphone import Microphone
from stages.sound import SinkError, SourceError

NOBODYS = "a device that nobody has"


def test_no_microphone_is_one_line_with_a_remedy() -> None:
    """Without PortAudio, or without such a device, the error says what to install or to name."""
    with pytest.raises(SourceError) as failure:
        Microphone(NOBODYS, now_ns=time.monotonic_ns, start_ns=0)
    message = str(failure.value)
    assert "\n" not in message
    assert "libportaudio2" in message or "capture.device" in message


def test_no_loudspeaker_is_one_line_with_a_remedy() -> None:
    """The same for the loudspeaker."""
    with pytest.raises(SinkError) as failure:
        Loudspeaker(NOBODYS, block_ms=20, now_ns=time.monotonic_ns, start_ns=0)
    message = str(failure.value)
    assert "\n" not in message
    assert "libportaudio2" in message or "playback.device" in message
