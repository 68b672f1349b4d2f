"""Whisper's weights in, the ONNX graph of its decoder out.

One pass takes the embeddings of one or several tokens (looked up outside, so that the table is not
held twice), the keys and values of the tokens before them, and those of the encoder. It returns the
logits of the tokens from `first` on, which is all of them when a guess is to be verified.
"""

from __future__ import annotations

from onnx import TensorProto

from models.onnx_writer import GraphWriter, Precision
from models.whisper_layers import Layers
from models.whisper_weights import WhisperWeights


def decoder_graph(weights: WhisperWeights, precision: Precision) -> GraphWriter:
    """Return the graph.

    Inputs: `embedded` (n, width), token and position added; `mask` (n, P+n), added to the scores
    of self-attention; `sound_bias` (m,), to those of attention to the sound; `first` (1,) int64;
    per layer i `cross_keys_i` (heads, size, m) and `cross_values_i` (heads, m, size),
    `past_keys_i` and `past_values_i` (heads, P, size).
    Outputs: `logits` (n - first, vocabulary); per layer `keys_i`, `values_i` (heads, P+n, size).
    """
    layers = Layers(weights, precision)
    writer, shape = layers.writer, layers.shape
    value = writer.input("embedded", ["n", shape.width])
    writer.input("mask", ["n", "seen"])
    writer.input("sound_bias", ["all"])
    first = writer.input("first", [1], TensorProto.INT64)
    for index in range(shape.decoder_layers):
        prefix = f"decoder/layer_{index}"
        normal = layers.normalise(value, f"{prefix}/self_attention/layer_norm")
        value = writer.node("Add", value, _attend_to_tokens(layers, normal, index))
        normal = layers.normalise(value, f"{prefix}/attention/layer_norm")
        value = writer.node("Add", value, _attend_to_sound(layers, normal, index))
        value = layers.add_feed_forward(value, f"{prefix}/ffn")
    value = writer.node("Slice", value, first, writer.integers(shape.context))
    value = layers.normalise(value, "decoder/layer_norm")
    table = weights.array("decoder/projection/weight")
    logits = writer.linear(value, table, None, precision)
    writer.output(logits, "logits", ["wanted", shape.vocabulary])
    return writer


def _attend_to_tokens(layers: Layers, value: str, index: int) -> str:
    writer, shape = layers.writer, layers.shape
    prefix = f"decoder/layer_{index}/self_attention"
    query, *own = layers.split(layers.query(value, f"{prefix}/linear_0"), 3)
    seen = []
    for kind, part in zip(("keys", "values"), own, strict=True):
        past = writer.input(f"past_{kind}_{index}", [shape.heads, "past", shape.head_size])
        seen.append(writer.node("Concat", past, layers.heads(part), axis=1))
        writer.output(seen[-1], f"{kind}_{index}", [shape.heads, "seen", shape.head_size])
    scores = writer.node("FusedMatMul", layers.heads(query), seen[0], fused=True, transB=1)
    return layers.linear(layers.mix(scores, "mask", seen[1]), f"{prefix}/linear_1")


def _attend_to_sound(layers: Layers, value: str, index: int) -> str:
    writer, shape = layers.writer, layers.shape
    prefix = f"decoder/layer_{index}/attention"
    keys = writer.input(f"cross_keys_{index}", [shape.heads, shape.head_size, "all"])
    values = writer.input(f"cross_values_{index}", [shape.heads, "all", shape.head_size])
    query = layers.query(value, f"{prefix}/linear_0")
    scores = writer.node("MatMul", layers.heads(query), keys)
    return layers.linear(layers.mix(scores, "sound_bias", values), f"{prefix}/linear_2")
