from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, repeat

import pytest

from config.stage_settings import Endpointing, Patience, VoiceActivity
from stages.boundaries import Activity, Boundary, Ended, Paused, Resumed, Started, TurnJudge
from stages.endpointing import Endpointer

MS = 16
"""Samples in a millisecond."""

BLOCK = 20 * MS
SPEECH = (0.9, -20.0)
SILENCE = (0.0, -70.0)
HUM = (0.0, -40.0)


def _endpointer(longest_s: int = 10, judge: TurnJudge | None = None) -> Endpointer:
    patience = Patience(
        sure_probability=0.9,
        sure_ms=300,
        unsure_ms=700,
        hesitant_probability=0.1,
        hesitant_ms=900,
    )
    return Endpointer(
        Endpointing(
            start_ms=100,
            preroll_ms=300,
            dip_ms=60,
            pause_ms=200,
            model="",
            judge_ms=200,
            style="normal",
            styles={"normal": patience},
            longest_s=longest_s,
        ),
        VoiceActivity(gate_mode=2, gate_open_ms=400, start_probability=0.5, stop_probability=0.35),
        judge,
    )


def _say(*parts: tuple[int, tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Yield probability and level of each 20 ms, for parts of so many milliseconds."""
    return chain.from_iterable(repeat(kind, length_ms // 20) for length_ms, kind in parts)


def _feed(
    endpointer: Endpointer, sound: Iterable[tuple[float, float]], first_sample: int = 0
) -> list[Boundary]:
    found: list[Boundary] = []
    for block, (probability, level_db) in enumerate(sound):
        at = first_sample + block * BLOCK
        found += endpointer.feed(Activity(at, BLOCK, probability, (level_db, level_db)))
    return found


def test_an_utterance_starts_pauses_and_ends() -> None:
    """A dip of 60 ms is a guess, silence of 700 ms the end, both counted from the last word."""
    found = _feed(_endpointer(), _say((500, SILENCE), (1_000, SPEECH), (1_000, SILENCE)))
    assert found == [
        Started(500 * MS),
        Paused(1_560 * MS, 1_500 * MS, 1),
        Ended(2_200 * MS, 1_500 * MS, 1, "silence"),
    ]


def test_a_second_guess_follows_when_the_speaker_goes_on() -> None:
    """Speech after a pause revokes the guess; the next guess has the next revision."""
    sound = _say((600, SPEECH), (400, SILENCE), (600, SPEECH), (1_000, SILENCE))
    found = _feed(_endpointer(), sound)
    assert [type(each) for each in found] == [Started, Paused, Resumed, Paused, Ended]
    assert found[2] == Resumed(1_100 * MS, 1)
    assert found[3] == Paused(1_660 * MS, 1_600 * MS, 2)
    assert found[4] == Ended(2_300 * MS, 1_600 * MS, 2, "silence")


def test_a_click_is_not_speech() -> None:
    """Less speech than start_ms within a short window begins nothing."""
    found = _feed(_endpointer(), _say(*[(60, SPEECH), (400, SILENCE)] * 20))
    assert found == []


def test_a_short_word_broken_by_a_plosive_is_speech() -> None:
    """Two sounds of 60 ms with a gap of 60 ms between them make up one start."""
    found = _feed(_endpointer(), _say((60, SPEECH), (60, SILENCE), (60, SPEECH), (900, SILENCE)))
    assert [type(each) for each in found] == [Started, Paused, Ended]
    assert found[0] == Started(0)


def test_a_click_in_a_pause_revokes_nothing_and_delays_little() -> None:
    """A noise shorter than a word neither resumes the utterance nor moves its end."""
    sound = _say((600, SPEECH), (400, SILENCE), (40, SPEECH), (1_000, SILENCE))
    found = _feed(_endpointer(), sound)
    assert [type(each) for each in found] == [Started, Paused, Ended]
    ended = found[-1]
    assert isinstance(ended, Ended)
    assert ended.speech_end_sample == 600 * MS
    assert ended.sample == 1_300 * MS


def test_a_word_that_begins_as_the_turn_would_end_is_still_heard() -> None:
    """The first sound of a word puts the end off until it is clear what it is."""
    sound = _say((600, SPEECH), (660, SILENCE), (600, SPEECH), (1_000, SILENCE))
    found = _feed(_endpointer(), sound)
    assert [type(each) for each in found] == [Started, Paused, Resumed, Paused, Ended]


def test_the_detectors_lag_is_taken_off() -> None:
    """The level says that the word ended 100 ms before the detector stopped seeing speech."""
    late = (0.9, -70.0)
    found = _feed(_endpointer(), _say((600, SPEECH), (100, late), (1_000, SILENCE)))
    ended = found[-1]
    assert isinstance(ended, Ended)
    assert ended.speech_end_sample == 600 * MS
    assert ended.sample == 1_300 * MS


def test_a_soft_final_sound_is_kept() -> None:
    """A final s 30 dB below the vowel belongs to the word, though it is hardly above a hum."""
    soft = (0.9, -50.0)
    found = _feed(_endpointer(), _say((600, SPEECH), (100, soft), (1_000, SILENCE)))
    ended = found[-1]
    assert isinstance(ended, Ended)
    assert ended.speech_end_sample == 700 * MS


def test_in_loud_noise_the_detector_is_believed() -> None:
    """Where noise hides the word's last sound, its end is the detector's, less its usual lag."""
    hidden = (0.9, -41.0)
    found = _feed(_endpointer(), _say((600, SPEECH), (200, hidden), (1_000, HUM)))
    ended = found[-1]
    assert isinstance(ended, Ended)
    assert ended.speech_end_sample == (800 - 80) * MS


def test_nobody_speaks_for_ever() -> None:
    """At longest_s the utterance ends, as a guess that is right at once."""
    found = _feed(_endpointer(longest_s=2), _say((2_000, SPEECH)))
    assert found == [
        Started(0),
        Paused(2_000 * MS, 2_000 * MS, 1),
        Ended(2_000 * MS, 2_000 * MS, 1, "maximum"),
    ]


def test_after_the_longest_utterance_another_begins() -> None:
    """Speech that goes on beyond longest_s is the next utterance, revisions count from 1."""
    found = _feed(_endpointer(longest_s=2), _say((3_000, SPEECH), (1_000, SILENCE)))
    assert [type(each) for each in found] == [Started, Paused, Ended, Started, Paused, Ended]
    assert found[3] == Started(2_000 * MS)
    assert found[-1] == Ended(3_700 * MS, 3_000 * MS, 1, "silence")


def test_the_longest_utterance_may_end_in_a_pause() -> None:
    """At longest_s a pause is confirmed with the revision it already has."""
    found = _feed(_endpointer(longest_s=1), _say((700, SPEECH), (1_000, SILENCE)))
    assert [type(each) for each in found] == [Started, Paused, Ended]
    assert found[-1] == Ended(1_000 * MS, 700 * MS, 1, "maximum")


def test_finish_ends_what_is_open() -> None:
    """At the end of a source an open utterance is guessed and confirmed; a closed one is not."""
    endpointer = _endpointer()
    assert endpointer.finish("source_ended") == []
    _feed(endpointer, _say((600, SPEECH)))
    assert endpointer.finish("source_ended") == [
        Paused(600 * MS, 600 * MS, 1),
        Ended(600 * MS, 600 * MS, 1, "source_ended"),
    ]
    assert endpointer.finish("source_ended") == []


def test_finish_confirms_a_pause() -> None:
    """A model that knows the turn is over confirms the guess that stands."""
    endpointer = _endpointer()
    _feed(endpointer, _say((600, SPEECH), (240, SILENCE)))
    assert endpointer.finish("model") == [Ended(840 * MS, 600 * MS, 1, "model")]


def test_reset_forgets_an_open_utterance() -> None:
    """After a reset there is nothing to end."""
    endpointer = _endpointer()
    _feed(endpointer, _say((600, SPEECH)))
    endpointer.reset()
    assert _feed(endpointer, _say((1_000, SILENCE)), 600 * MS) == []


def test_the_clock_may_jump() -> None:
    """After sound that was not heard, silence is counted by the clock, not by the blocks."""
    endpointer = _endpointer()
    _feed(endpointer, _say((600, SPEECH)))
    found = _feed(endpointer, _say((200, SILENCE)), 5_000 * MS)
    assert [type(each) for each in found] == [Paused, Ended]
    ended = found[-1]
    assert isinstance(ended, Ended)
    assert ended.speech_end_sample == 600 * MS


@pytest.mark.parametrize("piece_ms", [10, 30, 40])
def test_pieces_may_have_any_length(piece_ms: int) -> None:
    """Time is what the samples say: other pieces than 20 ms give the same boundaries."""
    endpointer = _endpointer()
    found: list[Boundary] = []
    for at_ms in range(0, 2_400, piece_ms):
        probability, level_db = SPEECH if at_ms < 1_200 else SILENCE
        levels = (level_db,) * (piece_ms // 10)
        found += endpointer.feed(Activity(at_ms * MS, piece_ms * MS, probability, levels))
    assert [type(each) for each in found] == [Started, Paused, Ended]
    ended = found[-1]
    assert isinstance(ended, Ended)
    assert ended.speech_end_sample == 1_200 * MS
    assert 1_900 * MS <= ended.sample < (1_900 + piece_ms) * MS


def test_the_start_is_within_reach() -> None:
    """Whoever keeps reach_samples of sound before now can still send an utterance's first word."""
    endpointer = _endpointer()
    for at, (probability, level_db) in enumerate(_say(*[(20, SPEECH), (20, SILENCE)] * 20)):
        for found in endpointer.feed(Activity(at * BLOCK, BLOCK, probability, (level_db,) * 2)):
            assert isinstance(found, Started)
            assert found.sample >= (at + 1) * BLOCK - endpointer.reach_samples
            return
    pytest.fail("speech with holes was not noticed")


class Judge:
    """Says the same each time, and notes what it is asked."""

    def __init__(self, probability: float) -> None:
        self._probability = probability
        self.asked: list[tuple[int, int, int]] = []

    def probability(self, began: int, speech_end: int, now: int) -> float:
        """Return what it always says."""
        self.asked.append((began, speech_end, now))
        return self._probability


def test_what_stirs_puts_the_end_off() -> None:
    """Sound that begins just before the end is waited for, though nothing says speech as yet."""
    unseen = (0.0, -20.0)
    sound = _say((600, SPEECH), (660, SILENCE), (80, unseen), (400, SPEECH), (1_000, SILENCE))
    assert [type(each) for each in _feed(_endpointer(), sound)][:3] == [Started, Paused, Resumed]


def test_a_sure_judge_ends_the_turn_early() -> None:
    """It is asked once, at 200 ms of silence, about the whole utterance; 300 ms end it then."""
    judge = Judge(0.95)
    found = _feed(_endpointer(judge=judge), _say((600, SPEECH), (1_000, SILENCE)))
    assert judge.asked == [(0, 600 * MS, 800 * MS)]
    assert found[-1] == Ended(900 * MS, 600 * MS, 1, "model")


def test_an_unsure_judge_waits() -> None:
    """Who may go on has the silence of 700 ms to do so; who is in a sentence has 900."""
    for probability, silence_ms in ((0.5, 700), (0.05, 900)):
        found = _feed(_endpointer(judge=Judge(probability)), _say((600, SPEECH), (1_000, SILENCE)))
        assert found[-1] == Ended((600 + silence_ms) * MS, 600 * MS, 1, "silence")


def test_the_judge_is_asked_for_each_guess() -> None:
    """Speech that goes on after a judgement makes it void."""
    judge = Judge(0.05)
    sound = _say((600, SPEECH), (400, SILENCE), (600, SPEECH), (1_000, SILENCE))
    _feed(_endpointer(judge=judge), sound)
    assert [speech_end for _, speech_end, _ in judge.asked] == [600 * MS, 1_600 * MS]


def test_a_dip_inside_a_word_is_a_guess_that_is_taken_back() -> None:
    """The level falls before the detector lets go; sound that comes back at once goes on."""
    inside = (0.9, -70.0)
    found = _feed(_endpointer(), _say((600, SPEECH), (80, inside), (600, SPEECH), (900, SILENCE)))
    assert [type(each) for each in found] == [Started, Paused, Resumed, Paused, Ended]
    assert found[1] == Paused(660 * MS, 600 * MS, 1)
    assert isinstance(found[2], Resumed)
    assert found[2].sample <= 720 * MS


def test_a_guess_that_cut_the_last_sound_is_made_again() -> None:
    """A soft final sound that the dip took for silence is part of what the last guess covers."""
    soft = (0.9, -49.0)
    found = _feed(_endpointer(), _say((600, SPEECH), (200, soft), (1_000, SILENCE)))
    assert [type(each) for each in found] == [Started, Paused, Resumed, Paused, Ended]
    last = found[3]
    assert isinstance(last, Paused)
    assert last.speech_end_sample == 800 * MS
    assert last.sample > last.speech_end_sample


def test_a_click_does_not_take_a_guess_back() -> None:
    """A tap of 10 ms right after the last word, while the detector still says speech."""
    endpointer = _endpointer()
    levels = [(-20.0, -20.0)] * 30 + [(-70.0, -70.0)] * 4 + [(-15.0, -70.0)] + [(-70.0, -70.0)] * 50
    found: list[Boundary] = []
    for at, pair in enumerate(levels):
        probability = 0.9 if at < 37 else 0.0
        found += endpointer.feed(Activity(at * BLOCK, BLOCK, probability, pair))
    assert [type(each) for each in found] == [Started, Paused, Ended]
    assert found[-1] == Ended(1_300 * MS, 600 * MS, 1, "silence")
