"""PortAudio: a device name in, the library and a format that the device takes out."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from stages.sound import SoundError

if TYPE_CHECKING:
    from types import ModuleType


_LIBC_STDERR: Final = "stderr"
"""The variable of the C library through which ALSA, JACK and PortAudio complain."""


class Format(NamedTuple):
    """How a device is opened, always with int16 samples."""

    device: int | str | None
    """None: the system's default."""
    rate: int
    channels: int


def load_portaudio(error: type[SoundError]) -> ModuleType:
    """Return the sounddevice library, which loads PortAudio. Raises `error` without PortAudio."""
    _hush_sound_libraries()
    try:
        import sounddevice  # type: ignore[import-untyped] # noqa: PLC0415 - only who speaks to a card needs it
    except OSError as failure:
        raise error(
            "no sound card can be used: the PortAudio library is not installed; "
            "install it (Debian and Ubuntu: apt install libportaudio2) "
            "or name recordings with --source and --sink"
        ) from failure
    module: ModuleType = sounddevice
    return module


@cache
def _hush_sound_libraries() -> None:
    """Let what C libraries write to the C library's stderr go nowhere, from any thread.

    ALSA and PortAudio tell each failure in several lines of source positions, and offer no common
    way to stop it; what they return is told in one line of ours. File descriptor 2, and with it
    sys.stderr, stays as it is. Where the C library has no such variable, nothing happens.
    """
    libc = ctypes.CDLL(None)
    try:
        stream = ctypes.c_void_p.in_dll(libc, _LIBC_STDERR)
    except ValueError:
        return
    libc.fopen.restype = ctypes.c_void_p
    stream.value = libc.fopen(b"/dev/null", b"w") or stream.value


def find_format(
    portaudio: Any,  # noqa: ANN401 - a module without types
    device: str,
    kind: Literal["input", "output"],
    error: type[SoundError],
) -> Format:
    """Return a format that `device` takes: 16 kHz mono if it can be, else its own rate.

    device: name or part of it, number, or empty for the default. Raises `error` without one.
    """
    wanted: int | str | None = int(device) if device.isdecimal() else device or None
    what = "microphone" if kind == "input" else "loudspeaker"
    stage = "capture" if kind == "input" else "playback"
    remedy = f"plug one in, or name one under {stage}.device (python -m sounddevice lists them)"
    try:
        found = portaudio.query_devices(wanted, kind)
    except (portaudio.PortAudioError, ValueError) as failure:
        if "Multiple" in str(failure):
            raise error(
                f'"{device}" is the name of more than one {what}; give its number under '
                f"{stage}.device (python -m sounddevice lists them)"
            ) from failure
        named = f' "{device}"' if device else ""
        raise error(f"there is no {what}{named}; {remedy}") from failure
    check = getattr(portaudio, f"check_{kind}_settings")
    own_rate = round(found["default_samplerate"])
    for rate, channels in ((16_000, 1), (own_rate, 1), (own_rate, 2)):
        try:
            check(device=wanted, channels=channels, dtype="int16", samplerate=rate)
        except (portaudio.PortAudioError, ValueError):
            continue
        return Format(wanted, rate, channels)
    raise error(f'the {what} "{found["name"]}" takes no sound of 16 bits; {remedy}')
