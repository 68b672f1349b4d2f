import pytest

from config.settings import Settings
from supervisor.members import children, lives_on_without


def test_the_hub_starts_first_and_ends_last(settings: Settings) -> None:
    """They stop in reverse order."""
    names = [child.name for child in children(settings)]
    assert names == ["hub", "capture", "encoder", "thinker", "talker", "playback"]


@pytest.mark.parametrize(
    ("name", "started", "recordings", "goes_on"),
    [
        ("talker", True, False, True),
        ("talker", True, True, True),
        ("capture", True, False, True),
        ("capture", True, True, False),
        ("playback", True, True, False),
        ("talker", False, False, False),
        ("hub", True, False, False),
    ],
)
def test_the_others_live_on(*, name: str, started: bool, recordings: bool, goes_on: bool) -> None:
    """At home, once all had been ready, and as long as there is a hub."""
    assert lives_on_without(name, started=started, recordings=recordings) is goes_on
