"""Whisper's weights in, the ONNX graph of its encoder out.

The graph computes only the positions that hold sound. Silence after them was encoded once: each
layer's silent keys and values come in as inputs, and own queries attend to both. What leaves the
graph are the keys and values that the decoder's layers attend to, silent ones appended.
"""

from __future__ import annotations

from models.onnx_writer import GraphWriter, Precision
from models.whisper_files import MIDDLE
from models.whisper_layers import Layers
from models.whisper_weights import WhisperWeights


def encoder_graph(weights: WhisperWeights, precision: Precision) -> GraphWriter:
    """Return the graph.

    Inputs, float32: `mel` (bands, 2T); `bias` (1, 1, T, T+S), added to the scores of all layers;
    per layer i `silent_keys_i` and `silent_values_i`, for layer i of the decoder
    `silent_cross_keys_i` and `silent_cross_values_i`, all (S, width).
    Outputs, float32: for layer i of the decoder `cross_keys_i` (heads, size, T+S) and
    `cross_values_i` (heads, T+S, size); and MIDDLE (T, width), what the layer in the middle
    leaves: more of how something is said than the last layer, which knows what is said.
    """
    layers = Layers(weights, precision)
    value = _front(layers)
    layers.writer.input("bias", [1, 1, "T", "all"])
    for index in range(layers.shape.encoder_layers):
        value = _layer(layers, value, index)
        if index + 1 == layers.shape.encoder_layers // 2:
            layers.writer.output(value, MIDDLE, ["T", layers.shape.width])
    states = layers.normalise(value, "encoder/layer_norm")
    sizes = [layers.shape.heads, layers.shape.head_size]
    for index in range(layers.shape.decoder_layers):
        joined = layers.linear(states, f"decoder/layer_{index}/attention/linear_1")
        keys, values = _append(layers, layers.split(joined, 2), "silent_cross", index)
        keys, values = layers.heads(keys, (1, 2, 0)), layers.heads(values)
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
    query, *own = layers.split(joined, 3)
    batch = writer.integers(0)
    operands = [
        writer.node("Unsqueeze", each, batch)
        for each in (query, *_append(layers, own, "silent", index))
    ]
    mixed = writer.node(
        "MultiHeadAttention",
        *operands,
        "",
        "",
        "bias",
        fused=True,
        num_heads=layers.shape.heads,
        scale=1.0,
    )
    mixed = writer.node("Squeeze", mixed, batch)
    mixed = layers.linear(mixed, f"{prefix}/self_attention/linear_1")
    return layers.add_feed_forward(writer.node("Add", value, mixed), f"{prefix}/ffn")


def _append(layers: Layers, own: list[str], silent: str, index: int) -> list[str]:
    """Return keys and values, (T+S, width) each, silent ones last."""
    writer = layers.writer
    return [
        writer.node(
            "Concat",
            part,
            writer.input(f"{silent}_{kind}_{index}", ["silent", layers.shape.width]),
            axis=0,
        )
        for kind, part in zip(("keys", "values"), own, strict=True)
    ]
