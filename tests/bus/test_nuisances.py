import pytest

from bus.nuisances import MOST_IN_PERIOD, PERIOD_NS, Nuisances


@pytest.fixture
def nuisances() -> Nuisances:
    return Nuisances()


def offend(nuisances: Nuisances, identity: bytes, times: int, now_ns: int = 0) -> bool:
    return sum(nuisances.offended(identity, now_ns) for _ in range(times)) > 0


def test_a_few_malformed_messages_mute_nobody(nuisances: Nuisances) -> None:
    """A peer of another version is still heard."""
    assert not offend(nuisances, b"talker", MOST_IN_PERIOD - 1)
    assert not nuisances.mutes(b"talker", 1)


def test_a_flood_is_not_read_until_its_period_is_over(nuisances: Nuisances) -> None:
    """Then the peer is heard again, and may offend as often again."""
    assert offend(nuisances, b"stranger", MOST_IN_PERIOD, now_ns=7)
    assert nuisances.mutes(b"stranger", 8)
    assert nuisances.mutes(b"stranger", PERIOD_NS + 6)
    assert not nuisances.mutes(b"stranger", PERIOD_NS + 7)
    offend(nuisances, b"stranger", MOST_IN_PERIOD - 1, now_ns=PERIOD_NS + 8)
    assert not nuisances.mutes(b"stranger", PERIOD_NS + 9)


def test_it_is_said_once(nuisances: Nuisances) -> None:
    """A line for each flood would be a flood."""
    assert offend(nuisances, b"stranger", 10 * MOST_IN_PERIOD)
    assert not offend(nuisances, b"another", 10 * MOST_IN_PERIOD)


def test_one_peer_is_not_muted_for_another(nuisances: Nuisances) -> None:
    """Each is judged by what it sends itself."""
    offend(nuisances, b"stranger", MOST_IN_PERIOD)
    assert not nuisances.mutes(b"talker", 1)


def test_offences_long_ago_are_forgiven(nuisances: Nuisances) -> None:
    """One malformed message now and then never mutes."""
    for number in range(10 * MOST_IN_PERIOD):
        nuisances.offended(b"talker", number * PERIOD_NS // 2)
        assert not nuisances.mutes(b"talker", number * PERIOD_NS // 2)


def test_a_stranger_with_many_names_fills_no_memory(nuisances: Nuisances) -> None:
    """The oldest names are forgotten, muted or not."""
    for number in range(1_000):
        offend(nuisances, b"%d" % number, MOST_IN_PERIOD)
    assert len(nuisances._offences) <= 256
