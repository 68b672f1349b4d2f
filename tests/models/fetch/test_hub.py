from __future__ import annotations

from pathlib import Path

from tests.models.fetch.made_up import Served
from tests.models.fetch.rig import (
    HUB_BLOCK_BYTES,
    HUB_PATH,
    UNREACHABLE,
    WEIGHTS,
    start,
    wait_until,
)


def test_takes_the_next_source(tmp_path: Path, hub_catalogue: Path, served: Served) -> None:
    """Where the index lacks the package the hub serves the file, and both are said."""
    served.files[HUB_PATH] = WEIGHTS
    run = start(hub_catalogue, tmp_path, "fetch", "twin", HF_ENDPOINT=served.address)
    output, errors = run.communicate()
    assert (run.returncode, output) == (0, "twin: 1 MB from Hugging Face made/up\n")
    assert "the package index has no twin-one==1.0" in errors
    assert (tmp_path / "models" / "twin" / "weights.gguf").read_bytes() == WEIGHTS


def test_pins_what_it_sees_first(tmp_path: Path, hub_catalogue: Path, served: Served) -> None:
    """A file without SHA-256 is believed once, said to be so, and held to it from then on."""
    served.files[HUB_PATH] = WEIGHTS
    run = start(hub_catalogue, tmp_path, "fetch", "lone", HF_ENDPOINT=served.address)
    output, _ = run.communicate()
    assert "believed unseen" in output
    file = tmp_path / "models" / "lone" / "weights.gguf"
    file.unlink()
    served.files[HUB_PATH] = WEIGHTS[::-1]
    run = start(hub_catalogue, tmp_path, "fetch", "lone", HF_ENDPOINT=served.address)
    _, errors = run.communicate()
    assert run.returncode == 3
    assert "has SHA-256" in errors
    assert not file.exists()


def test_resumes_a_download_from_the_hub(
    tmp_path: Path, hub_catalogue: Path, served: Served
) -> None:
    """A fetch killed in mid-file asks the hub only for the rest."""
    content = WEIGHTS * (HUB_BLOCK_BYTES // len(WEIGHTS) + 2)
    served.files[HUB_PATH] = content
    served.held[HUB_PATH] = HUB_BLOCK_BYTES + 1
    victim = start(hub_catalogue, tmp_path, "fetch", "lone", HF_ENDPOINT=served.address)
    partial = tmp_path / "work" / "lone" / "hub"
    wait_until(
        lambda: any(path.stat().st_size >= HUB_BLOCK_BYTES for path in partial.rglob("*.partial")),
        victim,
    )
    victim.kill()
    victim.communicate()
    served.held.clear()
    run = start(hub_catalogue, tmp_path, "fetch", "lone", HF_ENDPOINT=served.address)
    _, errors = run.communicate()
    assert (run.returncode, errors) == (0, "")
    assert served.asked == [HUB_PATH, f"{HUB_PATH} from {HUB_BLOCK_BYTES}"]
    assert (tmp_path / "models" / "lone" / "weights.gguf").read_bytes() == content


def test_says_that_no_source_is_reachable(tmp_path: Path, hub_catalogue: Path) -> None:
    """No network at all: exit code 3 and one line that names each source."""
    unreachable = {
        "PIP_NO_INDEX": "",
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": f"{UNREACHABLE}/simple/",
    }
    run = start(hub_catalogue, tmp_path, "fetch", "twin", **unreachable)
    output, errors = run.communicate()
    assert (run.returncode, output) == (3, "")
    assert errors == (
        "model twin: weights.gguf: wheel twin-one==1.0: the package index cannot be reached; "
        "Hugging Face made/up: cannot be reached; connect to the network and try again\n"
    )
