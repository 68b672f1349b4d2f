"""What engines would tell their makers: real imports in a home that nobody lives in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "program",
    [
        "from models.onnx_session import value_of; import numpy; value_of(numpy.zeros(1))",
        "import models.onnx_asr_engine",
        (
            "from supervisor.processes import Nursery; from supervisor.zygote import Birth; "
            "birth = Birth(module='bus.hub', arguments=('--help',), nice=0); "
            "nursery = Nursery(); print(nursery.start(birth).wait(30)); nursery.close()"
        ),
    ],
)
def test_nothing_is_collected_for_makers_of_engines(program: str, tmp_path: Path) -> None:
    """ONNX Runtime keeps a database of events and a device number, and sends what it collects."""
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    count = "; import os; print(len(os.listdir('/proc/self/task')), 'threads')"
    done = subprocess.run(
        [sys.executable, "-c", program + count],
        env={**environment, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "1 threads" in done.stdout
    assert list(tmp_path.rglob("*")) == []
