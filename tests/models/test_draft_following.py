from __future__ import annotations

from models.draft_following import DraftFollower


def _follow(draft: str, text: str) -> int:
    """Write `text` with guesses from `draft`; return how many passes that takes."""
    follower = DraftFollower([*draft.encode()])
    tokens, place, passes = [*text.encode()], 0, 0
    while place <= len(tokens):
        ahead = follower.ahead()
        right = 0
        while right < len(ahead) and [ahead[right]] == tokens[place + right : place + right + 1]:
            right += 1
        follower.note(tokens[place : place + right + 1])
        place, passes = place + right + 1, passes + 1
    return passes


def test_the_same_text_takes_one_pass() -> None:
    """A draft that is right is read once."""
    assert _follow("what time is it", "what time is it") == 1


def test_a_longer_text_takes_a_pass_for_each_new_token() -> None:
    """Behind the end of the draft, nothing is guessed."""
    assert _follow("what time is it", "what time is it now") == 5


def test_goes_on_behind_what_differs() -> None:
    """One token changed, left out or added, and the rest is found again in a few passes."""
    draft = "what time is it in Lima"
    assert _follow(draft, "what Time is it in Lima") <= 6
    assert _follow(draft, "what time s it in Lima") <= 6
    assert _follow(draft, "what times is it in Lima") <= 6


def test_another_text_takes_no_more_passes_than_without() -> None:
    """Guesses are wrong, but come along with what has to be read anyway."""
    for draft in ("", "zzzz", "emit tahw", "what"):
        assert _follow(draft, "tell me more") <= len("tell me more") + 1


def test_an_empty_draft_guesses_nothing() -> None:
    """Nothing in, nothing out."""
    follower = DraftFollower(())
    follower.note([1, 2, 3])
    assert follower.ahead() == ()
