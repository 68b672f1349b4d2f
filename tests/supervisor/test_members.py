import pytest

from bus.frames import StageName, Vitals
from config.settings import Settings
from supervisor.members import children, ends_all, lives_on_without


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


@pytest.mark.parametrize(
    ("stage", "exit_code", "started", "ends"),
    [
        ("talker", 3, False, True),
        ("talker", 3, True, False),
        ("thinker", 2, True, False),
        ("capture", 2, True, True),
        ("playback", 2, True, True),
        ("capture", 1, True, False),
    ],
)
def test_only_the_user_can_help(
    *, stage: StageName, exit_code: int, started: bool, ends: bool
) -> None:
    """A model that is gone ends a start; a house that lives does not die of a killed worker."""
    failure = Vitals(
        stage=stage, worker=0, incarnation=2, ready=False, busy=False, failure="no model",
        exit_code=exit_code,
    )  # fmt: skip
    assert ends_all(failure, started=started) is ends
