import os
from pathlib import Path

from config.cgroup_plan import folder_of, plan, planned

OURS = folder_of("4:memory:/x\n0::/user.slice/sarai.service\n")
ALONE = f"{os.getpid()}\n"


def test_limits_are_set_where_the_cgroup_is_ours() -> None:
    """Delegated by systemd, with nobody else in it."""
    found = planned(OURS, "cpu memory pids", ALONE, writable=True)
    assert found.folder == Path("/sys/fs/cgroup/user.slice/sarai.service")


def test_where_they_cannot_be_set_it_is_said_why() -> None:
    """Once, by `doctor`; never an error."""
    cases = {
        "no cgroup v2": planned(folder_of("4:memory:/x\n"), None, "", writable=True),
        "no memory controller": planned(OURS, "cpu", ALONE, writable=True),
        "Delegate=memory": planned(OURS, "memory", ALONE, writable=False),
        "others live": planned(OURS, "memory", f"1\n{ALONE}", writable=True),
    }
    for reason, found in cases.items():
        assert found.folder is None
        assert reason in found.line
    assert plan().line
