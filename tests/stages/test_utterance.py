import numpy as np
import pytest

from bus.frames import AudioChunk
from stages.utterance import QUIETEST_DB, Utterance, level_db


def chunk(first_sample: int, value: int, samples: int = 320) -> AudioChunk:
    pcm = np.full(samples, value, "<i2").tobytes()
    return AudioChunk(session="s", turn=1, first_sample=first_sample, pcm=pcm)


def test_chunks_join_in_the_order_of_the_clock() -> None:
    """Sound that comes out of order, or twice, is put right."""
    utterance = Utterance()
    for frame in (chunk(1320, 2), chunk(1000, 1), chunk(1640, 3), chunk(1320, 2)):
        utterance.add(frame)
    samples = utterance.samples(1960)
    assert samples.dtype == np.float32
    assert len(samples) == 960
    assert np.array_equal(samples * 32_768, np.repeat([1, 2, 3], 320))


def test_the_end_is_the_first_missing_sample() -> None:
    """A boundary is complete once the sound up to it is there."""
    utterance = Utterance()
    assert utterance.end_sample == 0
    utterance.add(chunk(1000, 1))
    assert utterance.end_sample == 1320


def test_sound_behind_the_boundary_is_left_out() -> None:
    """What came after the pause does not belong to its candidate."""
    utterance = Utterance()
    for first in (0, 320, 640):
        utterance.add(chunk(first, 1))
    assert len(utterance.samples(640)) == 640
    assert len(utterance.samples(700)) == 700
    assert len(utterance.samples(5000)) == 960


def test_an_utterance_without_sound_is_empty() -> None:
    """Nothing in, nothing out."""
    assert Utterance().samples(100).shape == (0,)


def test_the_level_of_a_chunk() -> None:
    """Half of full scale is -6 dB; silence has a level too."""
    assert level_db(chunk(0, 16_384)) == pytest.approx(-6.02, abs=0.01)
    assert level_db(chunk(0, 0)) == level_db(chunk(0, 0, samples=0)) == QUIETEST_DB
