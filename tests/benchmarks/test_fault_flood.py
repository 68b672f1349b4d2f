import pytest

from benchmarks.fault_flood import garbage
from bus import wire
from bus.errors import WireError


def test_garbage_is_refused_whatever_it_is() -> None:
    """Each message raises a named error and nothing else; one seed makes the same ones."""
    messages = garbage(seed=3)
    for message in messages:
        with pytest.raises(WireError):
            wire.decode(message)
    assert messages == garbage(seed=3)
    assert {len(message) for message in messages} >= {1, 2, 3}
