import numpy as np

from stages.replay_tolerance import judged, word_errors


def test_words_are_compared_without_case_and_marks() -> None:
    """One changed, one missing, one too many: three errors."""
    assert word_errors("Set a timer, please.", "set a timer please") == (0, 4)
    assert word_errors("one two three four", "one too three") == (2, 4)
    assert word_errors("one", "one two") == (1, 1)
    assert word_errors("", "word") == (1, 0)


def test_sound_that_rounds_otherwise_is_alike() -> None:
    """One step of 65,536 is nothing; sound that is not there is."""
    sound = (10_000 * np.sin(np.arange(8_000) / 9)).astype("<i2")
    close = (sound + 1).astype("<i2").tobytes()
    lines, passed = judged([("sound of clause 0", sound.tobytes(), close)])
    assert passed
    assert lines == ["sound: 77 dB above its difference, at least 20"]
    assert not judged([("sound of clause 0", sound.tobytes(), close[:8_000])])[1]
    assert not judged([("sound of clause 0", sound.tobytes(), None)])[1]


def test_a_word_in_two_may_differ_in_answers_not_in_transcripts() -> None:
    """Over all turns together."""
    pair = ("what time is it", "what time was it")
    assert judged([("clause 0", *pair)])[1]
    assert not judged([("transcript", *pair)])[1]


def test_boundaries_have_to_be_the_same() -> None:
    """Capture counts samples; no rounding moves them."""
    assert judged([("boundaries", "a", "a")]) == (["other parts: 0 of 1 differ, none may"], True)
    assert not judged([("boundaries", "a", "b")])[1]
