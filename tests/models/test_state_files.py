from pathlib import Path

import pytest

from config.load import load_settings
from models.protocols import ModelState
from models.state_files import StateFiles

STATE = ModelState((1, 2, 3), b"memory of three tokens")
THINKER = load_settings("tiny").thinker


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"weights")
    return path


def test_a_state_is_there_at_the_next_start(tmp_path: Path, model: Path) -> None:
    """By the tokens behind which it stands, and by no others."""
    StateFiles(tmp_path / "states", model, THINKER).save(STATE)
    again = StateFiles(tmp_path / "states", model, THINKER)
    assert again.load([1, 2, 3]) == STATE
    assert again.load([1, 2]) is None


def test_another_model_has_other_states(tmp_path: Path, model: Path) -> None:
    """A file that changed has forgotten everything."""
    StateFiles(tmp_path / "states", model, THINKER).save(STATE)
    model.write_bytes(b"other weights")
    assert StateFiles(tmp_path / "states", model, THINKER).load([1, 2, 3]) is None


def test_a_damaged_state_is_no_state(tmp_path: Path, model: Path) -> None:
    """One flipped byte, or a file cut short."""
    states = StateFiles(tmp_path / "states", model, THINKER)
    states.save(STATE)
    path = next((tmp_path / "states").iterdir())
    whole = path.read_bytes()
    for damaged in (whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:], whole[:-5], b""):
        path.write_bytes(damaged)
        assert states.load([1, 2, 3]) is None


def test_a_folder_that_takes_nothing_costs_no_answer(tmp_path: Path, model: Path) -> None:
    """The state is read again at the next start."""
    (tmp_path / "states").write_bytes(b"a file where the folder should be")
    states = StateFiles(tmp_path / "states", model, THINKER)
    states.save(STATE)
    assert states.load([1, 2, 3]) is None


def test_old_states_go(tmp_path: Path, model: Path) -> None:
    """A persona that is rewritten often does not fill the disk."""
    states = StateFiles(tmp_path / "states", model, THINKER)
    for number in range(30):
        states.save(ModelState((number,), b"x"))
    assert len(list((tmp_path / "states").iterdir())) == 16
