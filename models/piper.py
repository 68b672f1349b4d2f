"""A clause in, its sound out chunk by chunk: Piper's voices, split in three and run in windows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models import espeak
from models.heap_trim import give_back
from models.loudness import Finisher, pause_after
from models.onnx_session import Graph
from models.phoneme_runs import runs
from models.piper_files import DURATION_NOISE, FRAME_NOISE, PARTS, PreparedVoice
from models.protocols import Float32Array, Int16Array
from models.windows import Window, windows

Tensors: TypeAlias = dict[str, NDArray[Any]]

_BEGIN, _END, _PAD = "^", "$", "_"
_LONGEST_RUN: Final = 220
"""Phonemes said in one run: about 14 s of speech, 200 ms of work in the prior."""
_SHAPER_FRAMES: Final = 240
"""Frames of z made in a step after the first: about 40 ms of work on two cores."""


class Pieces(Struct, frozen=True, kw_only=True):
    """In what pieces the sound of a run is made, in vocoder frames."""

    first: int = 30
    most: int = 120
    context: int = 12
    """Frames on each side of a piece: with 12 the pieces equal the unsplit sound."""


PIECES: Final = Pieces()


class Wave(Struct, frozen=True):
    """A piece of a run's sound: shape (n,), as loud as the model made it."""

    samples: Float32Array
    last: bool


class PiperVoice:
    """A voice of Piper. Implements `models.protocols.Voice`.

    threads: what each graph may use. speed: 1 is the voice's own. noise: scale of the random
    variation, 0.667 by Piper's own default, 0 for none. speaker: number of the speaker where the
    voice has several.
    Raises ModelMissing, EngineFailed.
    """

    def __init__(
        self,
        prepared: PreparedVoice,
        *,
        threads: int,
        speed: float,
        noise: float,
        pieces: Pieces = PIECES,
        speaker: int = 0,
    ) -> None:
        self.rate = prepared.config.audio.sample_rate
        self._config = prepared.config
        self._split = prepared.split
        self._pieces = pieces
        self._prior, self._shaper, self._vocoder = (
            # Three graphs have three pools of threads: while one works, the others must sleep.
            Graph(prepared.graph(part), threads=threads, optimised=True, spinning=False)
            for part in PARTS
        )
        advised = prepared.config.inference
        duration_noise = advised.noise_w * noise / (advised.noise_scale or 1.0)
        self._scales = np.array([noise, advised.length_scale / speed, duration_noise], np.float32)
        self._speaker = np.array([speaker], np.int64)

    def speak(self, text: str, *, seed: int, pace: float = 1.0) -> Iterator[Int16Array | None]:
        """Yield the sound of `text` in chunks, None between steps; see `Voice`."""
        try:
            for number, run in enumerate(runs(self.phonemes(text), most=_LONGEST_RUN)):
                finisher = Finisher(gain=self._split.gain, rate=self.rate, pause_s=pause_after(run))
                for wave in self.waves(run, seed=(seed, number), pace=pace):
                    yield None if wave is None else finisher.feed(wave.samples, last=wave.last)
        finally:  # of one that was interrupted, too
            give_back()

    def phonemes(self, text: str) -> str:
        """Return the phonemes of `text` as this voice was trained on them."""
        return espeak.phonemes(text, self._config.espeak.voice)

    def waves(
        self, run: str, *, seed: int | tuple[int, ...], pace: float = 1.0
    ) -> Iterator[Wave | None]:
        """Yield the sound of one run of phonemes as the vocoder makes it, None between steps.

        Put together, the samples equal those of the unsplit model within 1e-4.
        """
        feed, prior = self._begin(run, seed, pace)
        yield None
        frame_noise = feed[FRAME_NOISE]
        frames = frame_noise.shape[2]
        latent = _Latent(self._shaper, self._split.shaper_reach, prior, frame_noise)
        pieces = self._pieces
        plan = windows(frames, first=pieces.first, most=pieces.most, context=pieces.context)
        for window in plan:
            yield from latent.reach(window.high)
            yield Wave(self._vocode(window, latent.frames, prior), window.end == frames)

    def fed(self, run: str, *, seed: int | tuple[int, ...]) -> Tensors:
        """Return what the unsplit graph is to be fed to make the sound of `waves`."""
        return self._begin(run, seed, 1.0)[0]

    def _begin(self, run: str, seed: int | tuple[int, ...], pace: float) -> tuple[Tensors, Tensors]:
        """Return all that the graphs are fed from outside, and what the prior made of it."""
        noise = np.random.default_rng(seed)
        ids = self._ids(run)
        feed: Tensors = {
            "input": ids,
            "input_lengths": np.array([ids.shape[1]], np.int64),
            "scales": self._scales / np.array([1.0, pace, 1.0], np.float32),
            "sid": self._speaker,
            DURATION_NOISE: noise.standard_normal((1, 2, ids.shape[1]), np.float32),
        }
        prior = self._prior.run_named({name: feed[name] for name in self._prior.inputs})
        shape = prior[self._prior.outputs[0]].shape
        feed[FRAME_NOISE] = noise.standard_normal(shape, np.float32)
        return feed, prior

    def _ids(self, run: str) -> NDArray[np.int64]:
        """Return the voice's numbers of the phonemes, shape (1, n), padded as in training."""
        table = self._config.phoneme_id_map
        pad = table[_PAD]
        ids = [*table[_BEGIN], *pad]
        for symbol in unicodedata.normalize("NFD", run):
            for mapped in self._config.phoneme_map.get(symbol, [symbol]):
                # A phoneme that the voice never learnt is left out, as Piper itself does.
                if mapped in table:
                    ids += [*table[mapped], *pad]
        return np.array([[*ids, *table[_END]]], np.int64)

    def _vocode(self, window: Window, latent: Float32Array, prior: Tensors) -> Float32Array:
        feed = {name: prior.get(name, latent) for name in self._vocoder.inputs}
        feed = _cut(feed, latent.shape[2], window.low, window.high)
        sound: Float32Array = self._vocoder.run(feed)[0].reshape(-1)
        hop = self._split.hop_samples
        return sound[(window.first - window.low) * hop : (window.end - window.low) * hop]


class _Latent:
    """z of one run, made as far as it is asked for."""

    def __init__(self, shaper: Graph, reach: int, prior: Tensors, noise: Float32Array) -> None:
        self.frames: Float32Array = np.zeros_like(noise)
        self._shaper = shaper
        self._reach = reach
        self._feed = {name: prior.get(name, noise) for name in shaper.inputs}
        self._made = 0

    def reach(self, end: int) -> Iterator[None]:
        """Make z up to frame `end`, or further, in steps."""
        total = self.frames.shape[2]
        while self._made < end:
            # The first step serves the first chunk, for which someone waits, and makes no more;
            # the second one must not take longer than that chunk sounds.
            step = min(_SHAPER_FRAMES, 2 * self._made) or end
            stop = min(total, self._made + step)
            low, high = max(0, self._made - self._reach), min(total, stop + self._reach)
            made = self._shaper.run(_cut(self._feed, total, low, high))[0]
            self.frames[:, :, self._made : stop] = made[:, :, self._made - low : stop - low]
            self._made = stop
            yield None


def _cut(feed: Tensors, frames: int, low: int, high: int) -> Tensors:
    """Return `feed` with the tensors that have a value for each frame cut to [low, high)."""
    return {
        name: np.ascontiguousarray(value[:, :, low:high])
        if value.ndim == 3 and value.shape[2] == frames
        else value
        for name, value in feed.items()
    }
