from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import CHUNK_SAMPLES
from config.settings import Settings
from config.stage_settings import VoiceActivity
from models.protocols import Int16Array
from models.silero import FRAME_SAMPLES, SileroDetector
from stages.boundaries import Activity, Ended, Started
from stages.endpointing import Endpointer
from stages.voice_activity import VoiceActivityDetector


class _Counting:
    """A detector that notes what it is asked, and says that all is speech, or nothing."""

    def __init__(self, probability: float) -> None:
        self.frames: list[Int16Array] = []
        self.resets = 0
        self._probability = probability

    def reset(self) -> None:
        self.resets += 1

    def probability(self, frame: Int16Array) -> float:
        self.frames.append(frame.copy())
        return self._probability


def _voice(settings: Settings) -> VoiceActivity:
    return settings.capture.vad


def _blocks(pcm: Int16Array) -> Int16Array:
    return pcm[: len(pcm) // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, CHUNK_SAMPLES)


def _feed(detector: VoiceActivityDetector, pcm: Int16Array) -> list[Activity]:
    return [detector.feed(at * CHUNK_SAMPLES, b) for at, b in enumerate(_blocks(pcm))]


def _room(seconds: float, level_db: float = -65.0) -> Int16Array:
    noise = np.random.default_rng(1).standard_normal(int(seconds * 16_000))
    return np.rint(noise * 32_768 * 10 ** (level_db / 20)).astype(np.int16)


def _question(recordings: Path) -> Int16Array:
    pcm: Int16Array = sf.read(recordings / "syrup_es.wav", dtype="int16")[0]
    return pcm


def test_a_quiet_room_costs_nothing(settings: Settings) -> None:
    """In a minute of a quiet room the detector is hardly ever asked."""
    counting = _Counting(0.0)
    activity = _feed(VoiceActivityDetector(_voice(settings), counting), _room(60))
    assert len(counting.frames) * FRAME_SAMPLES < 0.02 * 60 * 16_000
    assert all(each.probability == 0.0 for each in activity[100:])


def test_the_detector_hears_what_came_before_the_gate_opened(
    settings: Settings, recordings: Path
) -> None:
    """The detector is given all sound from before the gate opened, in order and without gaps."""
    counting = _Counting(0.0)
    pcm = np.concatenate([_room(2), _question(recordings)])
    detector = VoiceActivityDetector(_voice(settings), counting)
    _feed(detector, _room(2))
    counting.frames.clear()
    for at, block in enumerate(_blocks(pcm)):
        detector.feed(at * CHUNK_SAMPLES, block)
        if counting.frames:
            break
    heard = np.concatenate(counting.frames)
    first = (at + 1 - 17) * CHUNK_SAMPLES
    assert np.array_equal(heard, pcm[first : first + len(heard)])


def test_speech_keeps_the_gate_open(settings: Settings) -> None:
    """While the detector is sure, it goes on listening, whatever the cheap gate says."""
    sure = _Counting(0.9)
    detector = VoiceActivityDetector(_voice(settings), sure)
    _feed(detector, _room(0.2, -15))
    _feed(detector, _room(10))
    assert detector.open


def test_the_gate_closes_after_a_while(settings: Settings) -> None:
    """Where the detector finds no speech, it is left alone again after gate_open_ms."""
    detector = VoiceActivityDetector(_voice(settings), _Counting(0.0))
    _feed(detector, _room(1))
    _feed(detector, _room(0.1, -15))
    _feed(detector, _room(5))
    assert not detector.open


def test_reset_closes_the_gate(settings: Settings) -> None:
    """After a reset nothing from before is heard again."""
    counting = _Counting(0.9)
    detector = VoiceActivityDetector(_voice(settings), counting)
    _feed(detector, _room(1, -15))
    detector.reset()
    assert not detector.open
    before = len(counting.frames)
    _feed(detector, _room(0.06, -15))
    assert (len(counting.frames) - before) * FRAME_SAMPLES <= 0.06 * 16_000


def test_levels_are_decibels_of_full_scale(settings: Settings) -> None:
    """A full sine is at -3 dB, half of it 6 dB lower, and silence at the lowest level."""
    detector = VoiceActivityDetector(_voice(settings), _Counting(0.0))
    sine = np.sin(np.arange(CHUNK_SAMPLES) * 2 * np.pi / 80)
    loud = detector.feed(0, np.rint(sine * 32_767).astype(np.int16))
    half = detector.feed(320, np.rint(sine * 16_384).astype(np.int16))
    none = detector.feed(640, np.full(CHUNK_SAMPLES, 1_000, np.int16))
    assert np.allclose(loud.levels_db, -3.01, atol=0.05)
    assert np.allclose(half.levels_db, -9.03, atol=0.05)
    assert none.levels_db == (-100.0, -100.0)


def test_real_speech_is_one_utterance(
    settings: Settings, silero_model: Path, recordings: Path
) -> None:
    """A question with a pause in it, in a quiet room, is heard once, from start to end."""
    pcm = np.concatenate([_room(1), _question(recordings), _room(1.5)])
    detector = VoiceActivityDetector(_voice(settings), SileroDetector(silero_model))
    endpointer = Endpointer(settings.capture.endpointing, _voice(settings))
    found = [b for activity in _feed(detector, pcm) for b in endpointer.feed(activity)]
    started = [each for each in found if isinstance(each, Started)]
    ended = [each for each in found if isinstance(each, Ended)]
    assert len(started) == len(ended) == 1
    # the first and last 10 ms of the recording that are within 40 dB of its loudest
    assert abs(started[0].sample - (16_000 + 11_040)) < 0.1 * 16_000
    assert abs(ended[0].speech_end_sample - (16_000 + 32_960)) < 0.05 * 16_000


def test_noise_starts_nothing(settings: Settings, silero_model: Path, recordings: Path) -> None:
    """A kitchen without words is no utterance."""
    pcm, _ = sf.read(recordings / "dishes.wav", dtype="int16")
    detector = VoiceActivityDetector(_voice(settings), SileroDetector(silero_model))
    endpointer = Endpointer(settings.capture.endpointing, _voice(settings))
    assert [b for activity in _feed(detector, pcm) for b in endpointer.feed(activity)] == []
