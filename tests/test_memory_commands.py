from __future__ import annotations

from pathlib import Path

from tests.daemon import environment, run


def test_what_is_remembered_is_recalled_and_forgotten(tmp_path: Path) -> None:
    """Facts and documents, by three processes; a file that cannot be read costs only itself."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "oven.txt").write_text("The oven is cleaned with lemon, never with soap.\n")
    (folder / "scan.pdf").write_bytes(b"no PDF")
    env = environment(tmp_path, SARAI_DATA=str(tmp_path / "data"))
    kept = run("remember", "--text", "La caldera la revisa Ernesto.", folder, env=env)
    assert kept.returncode == 2
    assert kept.stderr.count("\n") == 1
    assert "scan.pdf" in kept.stderr
    assert "2 passages in" in kept.stdout
    recalled = run("recall", "Who looks after the boiler?", env=env)
    assert recalled.returncode == 0
    number, _, text = recalled.stdout.splitlines()[0].split(maxsplit=2)
    assert (number, text) == ("1", "La caldera la revisa Ernesto.")
    assert "(oven.txt)" in run("recall", "limpiar el horno", env=env).stdout
    assert run("forget", "1", "oven.txt", env=env).returncode == 0
    assert run("forget", "1", env=env).returncode == 1
    assert run("recall", "Who looks after the boiler?", env=env).returncode == 1


def test_a_store_that_cannot_be_had_is_one_line(tmp_path: Path) -> None:
    """A key that is not there ends with 2 and says what to do."""
    env = environment(tmp_path, SARAI_DATA=str(tmp_path))
    key = f"memory.key_file={tmp_path}/key"
    for command in ("remember", "recall", "forget"):
        done = run(
            command, *(["--text"] if command == "remember" else []), "1", "--set", key, env=env
        )
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "key" in done.stderr
