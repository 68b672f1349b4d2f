"""Whisper's weights in, the ONNX graph of its encoder out.

The graph computes only the positions that hold sound. Silence after them was encoded once: each
layer's silent keys and values come in as inputs, and own queries attend to both. What leaves the
graph are the keys and values that the decoder's layers attend to, silent ones appended.
"""

from __future__ import annotations

from models.onnx_writer import GraphWriter, Precision
from models.whisper_layers import Layers
from models.whisper_weights import WhisperWeights


def encoder_graph(weights: WhisperWeights, precision: Precision) -> GraphWriter:
    """Return the graph.

    Inputs, float32: `mel` (bands, 2T); per layer i `silent_keys_i` (heads, size, S) and
    `silent_values_i` (heads, S, size); for layer i of the decoder `silent_cross_keys_i` and
    `silent_cross_values_i` of the same shapes. Outputs, float32: for layer i of the decoder
    `cross_keys_i` (heads, size, T+S) and `cross_values_i` (heads, T+S, size).
    """
    layers = Layers(weights, precision)
    value = _front(layers)
    for index in range(layers.shape.encoder_layers):
        value = _layer(layers, value, index)
    states = layers.normalise(value, "encoder/layer_norm")
    sizes = [layers.shape.heads, layers.shape.head_size]
    for index in range(layers.shape.decoder_layers):
        joined = layers.linear(states, f"decoder/layer_{index}/attention/linear_1")
        key, own = layers.split(joined, 2)
        keys, values = _append(layers, key, own, "silent_cross", index)
        layers.writer.output(keys, f"cross_keys_{index}", [*sizes, "all"])
        layers.writer.output(values, f"cross_values_{index}", [sizes[0], "all", sizes[1]])
    return layers.writer


def _front(layers: Layers) -> str:
    """Two convolutions, and each frame's position added: (T, width)."""
    writer, weights = layers.writer, layers.weights
    mel = writer.input("mel", [layers.shape.bands, "frames"])
    value = writer.node("Unsqueeze", mel, writer.integers(0))
    for name, stride in (("conv1", 1), ("conv2", 2)):
        kernel, bias = map(writer.constant, weights.linear(f"encoder/{name}"))
        value = writer.node("Conv", value, kernel, bias, pads=[1, 1], strides=[stride])
        value = writer.node("Gelu", value, fused=True)
    value = writer.node("Squeeze", value, writer.integers(0))
    value = writer.node("Transpose", value, perm=[1, 0])
    table = writer.constant(weights.array("encoder/position_encodings/encodings"))
    places = writer.node("Slice", table, writer.integers(0), layers.rows(value))
    return writer.node("Add", value, places)


def _layer(layers: Layers, value: str, index: int) -> str:
    writer, prefix = layers.writer, f"encoder/layer_{index}"
    normal = layers.normalise(value, f"{prefix}/self_attention/layer_norm")
    joined = layers.query(normal, f"{prefix}/self_attention/linear_0")
    query, key, own = layers.split(joined, 3)
    keys, values = _append(layers, key, own, "silent", index)
    scores = writer.node("MatMul", layers.heads(query), keys)
    mixed = layers.mix(scores, None, values)
    mixed = layers.linear(mixed, f"{prefix}/self_attention/linear_1")
    return layers.add_feed_forward(writer.node("Add", value, mixed), f"{prefix}/ffn")


def _append(layers: Layers, key: str, own: str, silent: str, index: int) -> tuple[str, str]:
    """Return keys (heads, size, T+S) and values (heads, T+S, size), silent ones last."""
    writer, shape = layers.writer, layers.shape
    silent_keys = writer.input(f"{silent}_keys_{index}", [shape.heads, shape.head_size, "silent"])
    silent_values = writer.input(
        f"{silent}_values_{index}", [shape.heads, "silent", shape.head_size]
    )
    keys = writer.node("Concat", layers.heads(key, (1, 2, 0)), silent_keys, axis=2)
    values = writer.node("Concat", layers.heads(own), silent_values, axis=1)
    return keys, values
