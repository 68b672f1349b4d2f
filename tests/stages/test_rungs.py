from stages.rungs import Rungs


def test_a_rung_changes_between_turns_only() -> None:
    """What is ordered in the midst of a turn holds from the next one on, and is told of it."""
    rungs = Rungs()
    assert rungs.begin("home", 1, "thinker") == (None, None)
    rungs.wanted = 1
    assert rungs.begin("home", 1, "thinker") == (None, None)
    order, told = rungs.begin("home", 2, "thinker")
    assert order is not None
    assert (order.kind, order.rung) == ("degrade", 1)
    assert told is not None
    assert (told.stage, told.turn, told.rung) == ("thinker", 2, 1)
    assert rungs.begin("home", 2, "thinker") == (None, None)
    order, told = rungs.begin("home", 3, "thinker")
    assert order is None, "it is there already"
    assert told is not None
    rungs.wanted = 0
    order, told = rungs.begin("home", 4, "thinker")
    assert order is not None
    assert order.rung == 0
    assert told is None
