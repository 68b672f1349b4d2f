from __future__ import annotations

from pathlib import Path

import pytest

from config.free_memory import free_mb
from config.load import load_settings
from supervisor.members import children
from supervisor.memory_plan import needs_mb, shortage


def test_what_fits_is_not_refused() -> None:
    """To the megabyte, and where nobody knows what is free."""
    assert shortage({"thinker": 800, "encoder": 200}, 1_000.0) == ""
    assert shortage({"thinker": 800}, None) == ""


def test_what_does_not_fit_is_refused_part_by_part() -> None:
    """The user sees which part needs what, the largest first."""
    assert shortage({"encoder": 200, "thinker": 800}, 912.4) == (
        "1000 MB are needed (thinker 800, encoder 200) and 912 MB are free; "
        "end other programs, or choose a smaller profile or model"
    )


@pytest.mark.parametrize(("profile", "most_mb"), [("default", 1_335), ("tiny", 610)])
def test_profiles_say_what_they_need(profile: str, most_mb: int) -> None:
    """A stage with two workers needs twice as much."""
    needs = needs_mb(children(load_settings(profile)))
    assert 400 < sum(needs.values()) <= most_mb
    settings = load_settings(profile, None, ["encoder.workers=2"])
    more = needs_mb(children(settings))
    assert sum(more.values()) - sum(needs.values()) == needs["encoder"]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return the files of a machine with 2,000 MB available and a group of 1,000 MB."""
    _write(tmp_path / "proc/meminfo", "MemTotal: 9 kB\nMemAvailable: 1953125 kB\n")
    _write(tmp_path / "proc/self/cgroup", "0::/house/voice\n")
    _write(tmp_path / "cgroup/house/memory.max", "1000000000\n")
    _write(tmp_path / "cgroup/house/memory.current", "400000000\n")
    _write(tmp_path / "cgroup/house/memory.stat", "anon 1\nactive_file 50000000\n")
    _write(tmp_path / "cgroup/house/voice/memory.max", "max\n")
    return tmp_path


def test_a_container_may_take_less_than_the_machine_has(machine: Path) -> None:
    """The tightest group around the process counts, its file cache as free."""
    assert free_mb(machine / "proc", machine / "cgroup") == pytest.approx(650.0)


def test_without_groups_the_machine_counts(machine: Path) -> None:
    """A system without cgroups, and one that tells nothing."""
    assert free_mb(machine / "proc", machine / "none") == pytest.approx(2_000.0)
    assert free_mb(machine / "none", machine / "none") is None
