from __future__ import annotations

from stages.dips import Dips

LOUD, QUIET, HUM = -20.0, -70.0, -32.0


def _fed(*parts: tuple[int, float]) -> Dips:
    dips = Dips()
    for length_ms, level_db in parts:
        dips.add((level_db,) * (length_ms // 10))
    return dips


def test_quiet_is_counted_from_the_last_loud_level() -> None:
    """It has been quiet since the level fell, to the sample."""
    assert _fed((500, LOUD), (60, QUIET)).quiet_samples == 60 * 16


def test_a_click_does_not_end_a_dip() -> None:
    """One loud level of 10 ms is part of the dip; two are speech again."""
    assert _fed((500, LOUD), (60, QUIET), (10, LOUD), (30, QUIET)).quiet_samples == 100 * 16
    assert _fed((500, LOUD), (60, QUIET), (20, LOUD)).quiet_samples == 0


def test_loudness_is_counted_without_a_break() -> None:
    """How long it has been loud starts again after each quiet level."""
    assert _fed((500, LOUD), (60, QUIET), (40, LOUD)).loud_samples == 40 * 16
    assert _fed((500, LOUD), (10, QUIET), (20, LOUD)).loud_samples == 20 * 16


def test_noise_is_no_speech() -> None:
    """A hum that was there before the speech is a dip in it, though it is not 27 dB below."""
    hum = -45.0
    assert _fed((1_000, hum), (500, LOUD), (60, hum)).quiet_samples == 60 * 16


def test_in_loud_noise_there_are_no_dips() -> None:
    """Noise just below the speech hides where it ends."""
    assert _fed((1_000, HUM), (500, LOUD), (100, HUM)).quiet_samples == 0


def test_forgets() -> None:
    """After a gap in the sound the levels before it are no measure."""
    dips = _fed((500, LOUD), (100, QUIET))
    dips.clear()
    assert dips.quiet_samples == 0
