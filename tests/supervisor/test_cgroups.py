import os
from pathlib import Path

from supervisor.cgroups import Cgroups


def test_each_process_is_put_below_its_own_limit(tmp_path: Path) -> None:
    """The supervisor into a leaf of its own: a cgroup with others below holds no process."""
    groups = Cgroups(tmp_path, {"hub": 200, "thinker": 1_400})
    groups.hold("thinker", 4_711)
    assert (tmp_path / "thinker" / "memory.max").read_text() == "1400000000"
    assert (tmp_path / "thinker" / "cgroup.procs").read_text() == "4711"
    assert (tmp_path / "supervisor" / "cgroup.procs").read_text() == str(os.getpid())
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory"


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    """The daemon runs without."""
    groups = Cgroups(tmp_path / "missing", {"hub": 200})
    groups.hold("hub", 1)
    groups.close()
    Cgroups(None, {"hub": 200}).hold("hub", 1)
