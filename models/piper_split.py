"""A Piper voice's ONNX graph in, three graphs out that run in pieces, with noise fed from outside.

    prior    phonemes → what every frame shall sound like (text encoder, durations)
    shaper   that and noise → z, one latent vector a frame (the flow)
    vocoder  z → samples (the decoder, the nodes under /dec/)

The cut before the vocoder is the one tensor that enters the decoder. The cut before the shaper is
the noise: VITS (Kim, Kong, Son 2021) draws z from the prior, and its flow is a stack of
convolutions, so that shaper and vocoder may both be run on windows of frames. The two random
nodes become inputs, so that the caller's seed decides the sound.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import onnx
from msgspec import Struct

from models.errors import EngineFailed
from models.piper_files import DURATION_NOISE, FRAME_NOISE

_RANDOM: Final = "RandomNormalLike"
_DECODER: Final = "/dec/"
_DURATIONS: Final = "/dp/"


class SplitVoice(Struct, frozen=True, kw_only=True):
    """The three graphs of one voice, in memory."""

    prior: onnx.ModelProto
    shaper: onnx.ModelProto
    vocoder: onnx.ModelProto
    shaper_reach: int
    """Frames on each side that a frame of z depends on."""
    hop_samples: int
    """Samples that the vocoder makes of a frame."""


def split_voice(voice: Path) -> SplitVoice:
    """Return the three graphs of a Piper voice, of one speaker or of several.

    Raises EngineFailed when the file is no Piper voice.
    """
    graph, noise = _seeded(voice)
    vocoder = graph.with_followers(node for node in graph.nodes if _DECODER in node.name)
    shaper = graph.with_followers(graph.readers_of(FRAME_NOISE)) - vocoder
    if not vocoder or not shaper:
        raise _no_voice(voice)
    prior = set(range(len(graph.nodes))) - vocoder - shaper
    outputs = [noise.input[0], *graph.entering(shaper, prior), *graph.entering(vocoder, prior)]
    return SplitVoice(
        prior=graph.cut(prior, list(dict.fromkeys(outputs))),
        shaper=graph.cut(shaper, graph.entering(vocoder, shaper)),
        vocoder=graph.cut(vocoder, graph.outputs),
        shaper_reach=sum(_reach(graph.nodes[index]) for index in shaper),
        hop_samples=math.prod(_stride(graph.nodes[index]) for index in vocoder),
    )


def seeded_voice(voice: Path) -> onnx.ModelProto:
    """Return the unsplit graph of a Piper voice with its noise as inputs, to compare with.

    Raises EngineFailed when the file is no Piper voice.
    """
    graph, _ = _seeded(voice)
    return graph.cut(set(range(len(graph.nodes))), graph.outputs)


def _seeded(voice: Path) -> tuple[_Nodes, onnx.NodeProto]:
    """Return the nodes with noise from outside, and the node that made that of the frames."""
    try:
        model = onnx.load(str(voice))
    except Exception as error:  # protobuf's and onnx's errors share no class
        raise EngineFailed(f"{voice}: this is no ONNX file; fetch the voice again") from error
    noises = [node for node in model.graph.node if node.op_type == _RANDOM]
    frame_noises = [node for node in noises if _DURATIONS not in node.name]
    if len(frame_noises) != 1 or len(noises) > 2:
        raise _no_voice(voice)
    frame = frame_noises[0]
    names = {n.output[0]: FRAME_NOISE if n is frame else DURATION_NOISE for n in noises}
    for node in model.graph.node:
        for position, name in enumerate(node.input):
            node.input[position] = names.get(name, name)
    return _Nodes(model), frame


def _no_voice(voice: Path) -> EngineFailed:
    return EngineFailed(
        f"{voice}: this graph is not a Piper voice (VITS with a decoder under {_DECODER}); "
        "choose another voice"
    )


def _reach(node: onnx.NodeProto) -> int:
    """Return how many frames to a side a convolution looks."""
    if node.op_type != "Conv":
        return 0
    attributes = {item.name: item for item in node.attribute}
    kernel = attributes["kernel_shape"].ints[0]
    dilation = attributes["dilations"].ints[0] if "dilations" in attributes else 1
    return int((kernel - 1) // 2 * dilation)


def _stride(node: onnx.NodeProto) -> int:
    """Return how many times longer a transposed convolution makes its input."""
    if node.op_type != "ConvTranspose":
        return 1
    return int(next(item for item in node.attribute if item.name == "strides").ints[0])


class _Nodes:
    """The nodes of a graph by number, and who reads what."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self._types = _element_types(model)
        self._weights = {item.name: item for item in model.graph.initializer}
        self.nodes: list[onnx.NodeProto] = []
        self.outputs = [output.name for output in model.graph.output]
        for node in model.graph.node:
            if node.op_type == _RANDOM:
                continue
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                tensor = node.attribute[0].t
                tensor.name = node.output[0]
                self._weights[tensor.name] = tensor
            else:
                self.nodes.append(node)
        self._readers: dict[str, list[int]] = defaultdict(list)
        for index, node in enumerate(self.nodes):
            for name in node.input:
                self._readers[name].append(index)

    def index_of(self, node: onnx.NodeProto) -> int:
        """Return the number of `node`."""
        return next(index for index, other in enumerate(self.nodes) if other is node)

    def readers_of(self, name: str) -> list[onnx.NodeProto]:
        """Return the nodes that read a tensor."""
        return [self.nodes[index] for index in self._readers[name]]

    def with_followers(self, start: Iterable[onnx.NodeProto]) -> set[int]:
        """Return the nodes of `start` and all that depends on them."""
        found = {self.index_of(node) for node in start}
        waiting = list(found)
        while waiting:
            for name in self.nodes[waiting.pop()].output:
                new = set(self._readers[name]) - found
                found |= new
                waiting.extend(new)
        return found

    def entering(self, part: set[int], source: set[int]) -> list[str]:
        """Return the tensors that `part` reads and `source` makes."""
        made = {name for index in source for name in self.nodes[index].output}
        read = (name for index in sorted(part) for name in self.nodes[index].input)
        return [name for name in dict.fromkeys(read) if name in made]

    def cut(self, part: set[int], outputs: Sequence[str]) -> onnx.ModelProto:
        """Return the nodes of `part` that `outputs` need, as a model of their own."""
        nodes = self._needed(part, outputs)
        made = {name for node in nodes for name in node.output}
        read = dict.fromkeys(name for node in nodes for name in node.input if name)
        inputs = [name for name in read if name not in made and name not in self._weights]
        graph = onnx.helper.make_graph(
            nodes,
            "part",
            [self._tensor(name) for name in inputs],
            [self._tensor(name) for name in outputs],
            [self._weights[name] for name in read if name in self._weights],
        )
        return onnx.helper.make_model(
            graph,
            opset_imports=self._model.opset_import,
            ir_version=self._model.ir_version,
        )

    def _needed(self, part: set[int], outputs: Sequence[str]) -> list[onnx.NodeProto]:
        wanted = set(outputs)
        kept: list[onnx.NodeProto] = []
        for index in sorted(part, reverse=True):
            node = self.nodes[index]
            if wanted.intersection(node.output):
                kept.append(node)
                wanted.update(node.input)
        return kept[::-1]

    def _tensor(self, name: str) -> onnx.ValueInfoProto:
        kind = self._types.get(name, onnx.TensorProto.FLOAT)
        return onnx.helper.make_tensor_value_info(name, kind, None)


def _element_types(model: onnx.ModelProto) -> dict[str, int]:
    known = onnx.shape_inference.infer_shapes(model).graph
    return {
        item.name: item.type.tensor_type.elem_type
        for item in (*known.input, *known.value_info, *known.output)
    }
