"""The whole daemon over tcp: keys are wanted, and with them it answers."""

import json
from pathlib import Path

from bus import keys
from tests.bus.bus_running import three_free_ports
from tests.daemon import environment, run


def test_a_house_with_keys_answers_over_tcp(tmp_path: Path, recordings: Path) -> None:
    """Made by the command where they are looked for, they need not be named."""
    env = environment(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "configuration"))
    assert keys.main([str(tmp_path / "configuration" / "sarai" / "keys")]) == 0
    address = f"tcp://127.0.0.1:{three_free_ports()}"
    done = run(
        "ask", "--profile", "tiny", "--json", "--set", f"bus.address={address}",
        recordings / "question_en.wav", env=env,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["turns"][0]["heard"]


def test_without_keys_it_says_how_to_make_them(tmp_path: Path, recordings: Path) -> None:
    """Exit code 2, and one line."""
    done = run(
        "ask", "--profile", "tiny", "--set", "bus.address=tcp://127.0.0.1:1",
        "--set", f"bus.keys={tmp_path}/keys", recordings / "question_en.wav",
        env=environment(tmp_path),
    )  # fmt: skip
    assert done.returncode == 2
    assert f"python -m bus.keys {tmp_path}/keys" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
