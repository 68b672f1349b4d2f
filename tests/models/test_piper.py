from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
import pytest

from models.derived import build_once
from models.errors import EngineFailed, ModelMissing
from models.piper import Pieces, PiperVoice
from models.piper_files import PreparedVoice, open_prepared, read_config
from models.piper_prepare import main, prepare
from models.protocols import Float32Array, Int16Array
from models.store import ModelStore
from tests.models.tiny_voices import write_tiny_piper

TEXT = "I turned the living room lamp on, and set a timer for ten."
WHOLE = Pieces(first=100_000, most=100_000, context=0)


@pytest.fixture(scope="module")
def joe(store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> PreparedVoice:
    """Return Piper's joe, split."""
    files = store.files("piper-joe")
    folder = build_once(
        tmp_path_factory.mktemp("joe") / "split",
        lambda target: prepare(files["voice"], files["voice-config"], target),
    )
    return open_prepared(folder, files["voice-config"])


def _voice(prepared: PreparedVoice, pieces: Pieces = Pieces(), noise: float = 0.667) -> PiperVoice:  # noqa: B008
    return PiperVoice(prepared, threads=2, speed=1.0, noise=noise, pieces=pieces)


def _wave(voice: PiperVoice, seed: int = 5) -> Float32Array:
    waves = voice.waves(voice.phonemes(TEXT), seed=seed)
    return np.concatenate([wave.samples for wave in waves if wave is not None])


def _sound(voice: PiperVoice, text: str = TEXT, seed: int = 5) -> Int16Array:
    return np.concatenate([c for c in voice.speak(text, seed=seed) if c is not None])


def test_chunks_equal_the_unsplit_sound(joe: PreparedVoice) -> None:
    """Windows with 12 frames of context make the samples that one piece makes."""
    whole = _wave(_voice(joe, WHOLE))
    for pieces in (Pieces(), Pieces(first=30, most=60), Pieces(first=7, most=13)):
        chunked = _wave(_voice(joe, pieces))
        assert chunked.shape == whole.shape
        assert np.abs(chunked - whole).max() < 1e-4


def test_chunks_equal_the_voice_as_it_was_fetched(joe: PreparedVoice, store: ModelStore) -> None:
    """Without noise the chunks are the samples of the untouched file in the plain runtime."""
    voice = _voice(joe, noise=0.0)
    ids = voice._ids(voice.phonemes(TEXT))
    session = ort.InferenceSession(
        str(store.files("piper-joe")["voice"]), providers=["CPUExecutionProvider"]
    )
    feed = {
        "input": ids,
        "input_lengths": np.array([ids.shape[1]], np.int64),
        "scales": np.array([0, 1, 0], np.float32),
    }
    original = session.run(None, feed)[0].reshape(-1)
    assert np.abs(_wave(voice) - original).max() < 1e-4


def test_a_seed_decides_the_sound(joe: PreparedVoice) -> None:
    """Same text and seed, same samples, from another instance too; another seed, another sound."""
    first, again = _sound(_voice(joe)), _sound(_voice(joe))
    assert np.array_equal(first, again)
    other = _sound(_voice(joe), seed=6)
    assert other.shape != first.shape or not np.array_equal(other, first)


def test_speech_begins_at_once_and_ends_in_a_pause(joe: PreparedVoice) -> None:
    """The first chunk holds a word within 60 ms; a full stop leaves a third of a second."""
    voice = _voice(joe)
    chunks = [chunk for chunk in voice.speak(TEXT, seed=1) if chunk is not None and chunk.size]
    loud = np.flatnonzero(np.abs(chunks[0]) > 700)
    assert loud[0] < 0.06 * voice.rate
    sound = np.concatenate(chunks)
    quiet = sound.size - np.flatnonzero(np.abs(sound) > 200)[-1]
    assert 0.25 * voice.rate < quiet < 0.45 * voice.rate


def test_the_first_chunk_is_short(joe: PreparedVoice) -> None:
    """At most first_chunk_frames are made before the first sound is out."""
    voice = _voice(joe)
    first = next(chunk for chunk in voice.speak(TEXT, seed=1) if chunk is not None and chunk.size)
    assert first.size <= 30 * 256


def test_int8_weights_speak_too(store: ModelStore, tmp_path: Path) -> None:
    """A voice stored in 8 bits is less than half as large and chunks as exactly."""
    files = store.files("piper-joe")
    code = main(["int8", str(files["voice"]), str(files["voice-config"]), str(tmp_path)])
    assert code == 0
    small = open_prepared(tmp_path, files["voice-config"])
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 25_000_000
    assert np.abs(_wave(_voice(small)) - _wave(_voice(small, WHOLE))).max() < 1e-4


def test_half_weights_say_the_same(joe: PreparedVoice, store: ModelStore, tmp_path: Path) -> None:
    """Sample for sample: the sound is 30 dB above what 16 bits change of it."""
    files = store.files("piper-joe")
    prepare(files["voice"], files["voice-config"], tmp_path, weights="half")
    small = open_prepared(tmp_path, files["voice-config"])
    wanted, found = _wave(_voice(joe)), _wave(_voice(small))
    assert wanted.shape == found.shape
    assert np.square(wanted - found).sum() < 1e-3 * np.square(wanted).sum()


_INTERRUPTED = """
import sys
from pathlib import Path
from models.piper import PiperVoice
from models.piper_files import open_prepared

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024

prepared = open_prepared(Path(sys.argv[1]), Path(sys.argv[2]))
voice = PiperVoice(prepared, threads=2, speed=1.0, noise=0.667)
text = "I turned the living room lamp on, and set a timer for ten."
list(voice.speak(text, seed=1))
before = resident_mb()
sound = voice.speak(text, seed=1)
while next(sound) is None:
    pass
sound.close()
print(resident_mb() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="malloc_trim is glibc's")
def test_an_interrupted_clause_gives_its_memory_back(joe: PreparedVoice, store: ModelStore) -> None:
    """As one that was said to its end: 30 MB."""
    config = store.files("piper-joe")["voice-config"]
    command = [sys.executable, "-c", _INTERRUPTED, str(joe.folder), str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 10


def test_every_speaker_of_a_voice_speaks(tmp_path: Path) -> None:
    """A voice of several speakers is prepared and spoken with like one of one."""
    voice = write_tiny_piper(tmp_path, speakers=3)
    config = voice.with_name("tiny.onnx.json")
    folder = tmp_path / "split"
    folder.mkdir()
    prepare(voice, config, folder)
    prepared = open_prepared(folder, config)
    sounds = [
        _wave(PiperVoice(prepared, threads=1, speed=1.0, noise=0.5, speaker=speaker))
        for speaker in range(3)
    ]
    assert not np.array_equal(sounds[0], sounds[1])
    assert not np.array_equal(sounds[1], sounds[2])


def test_speed_shortens(tmp_path: Path) -> None:
    """Twice the speed takes less than two thirds of the time; a pace is the same for one text."""
    voice = write_tiny_piper(tmp_path)
    config = voice.with_name("tiny.onnx.json")
    folder = tmp_path / "split"
    folder.mkdir()
    prepare(voice, config, folder)
    prepared = open_prepared(folder, config)
    slow, fast = (PiperVoice(prepared, threads=1, speed=speed, noise=0.0) for speed in (1.0, 2.0))
    assert _wave(fast).size < _wave(slow).size * 0.67
    said = [chunk for chunk in slow.speak(TEXT, seed=1, pace=2.0) if chunk is not None]
    assert np.array_equal(np.concatenate(said), _sound(fast, seed=1))


def test_nothing_to_say_makes_no_sound(joe: PreparedVoice) -> None:
    """A text without a phoneme ends without a chunk."""
    assert [chunk for chunk in _voice(joe).speak("...", seed=1) if chunk is not None] == []


def test_settings_that_do_not_fit_are_named(tmp_path: Path) -> None:
    """Missing, broken and unsuitable settings each give one line with the file in it."""
    file = tmp_path / "voice.onnx.json"
    with pytest.raises(ModelMissing, match=r"voice\.onnx\.json"):
        read_config(file)
    file.write_bytes(b"{")
    with pytest.raises(EngineFailed, match=r"voice\.onnx\.json: not a Piper voice's settings"):
        read_config(file)
    settings = {"audio": {"sample_rate": 1}, "phoneme_id_map": {}, "phoneme_type": "text"}
    file.write_bytes(msgspec.json.encode(settings))
    with pytest.raises(EngineFailed, match="phoneme_type is 'text'"):
        read_config(file)


def test_preparing_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program ends with exit code 3 and one line."""
    voice = write_tiny_piper(tmp_path)
    voice.unlink()
    config = voice.with_name("tiny.onnx.json")
    assert main(["float", str(voice), str(config), str(tmp_path)]) == 3
    assert capsys.readouterr().err.count("\n") == 1
