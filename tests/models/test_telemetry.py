"""What engines would tell their makers: real imports in a home that nobody lives in."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from supervisor.forking import Zygote
from supervisor.zygote import Birth

_SWITCH = "ORT_DISABLE_TELEMETRY"


@pytest.mark.parametrize(
    "program",
    [
        "from models.onnx_session import value_of; import numpy; value_of(numpy.zeros(1))",
        "import models.onnx_asr_engine",
    ],
)
def test_nothing_is_collected_for_makers_of_engines(program: str, tmp_path: Path) -> None:
    """ONNX Runtime keeps a database of events and a device number, and sends what it collects."""
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    environment.pop(_SWITCH, None)
    count = "; import os; print(len(os.listdir('/proc/self/task')), 'threads')"
    done = subprocess.run(
        [sys.executable, "-c", program + count],
        env={**environment, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "1 threads" in done.stdout
    assert list(tmp_path.rglob("*")) == []


def test_the_zygote_tells_nobody_of_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor has it a thread, which a fork would leave behind."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.delenv(_SWITCH, raising=False)
    zygote = Zygote()
    sleeper = zygote.fork(Birth(module="tests.supervisor.sleeping", arguments=(), nice=0))
    assert sleeper is not None  # so all that it imports is imported
    assert len(list(Path(f"/proc/{zygote.pid}/task").iterdir())) == 1
    assert list(tmp_path.rglob("*")) == []
    zygote.end()
    sleeper.signal(signal.SIGKILL)
    assert sleeper.wait(10)
