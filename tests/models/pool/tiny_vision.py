"""A folder in; a projector with random weights, for SmolLM2, and a picture out."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import gguf
import numpy as np

_SIZE, _PATCH, _WIDTH, _INNER, _BLOCKS, _OUT = 28, 14, 16, 32, 2, 576


def write_tiny_projector(path: Path) -> Path:
    """Write a vision transformer of LLaVA's kind: 4 patches, 2 blocks, into SmolLM2's width."""
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_bool("clip.has_vision_encoder", val=True)
    writer.add_string("clip.projector_type", "mlp")
    writer.add_bool("clip.use_gelu", val=True)
    writer.add_uint32("clip.vision.image_size", _SIZE)
    writer.add_uint32("clip.vision.patch_size", _PATCH)
    writer.add_uint32("clip.vision.embedding_length", _WIDTH)
    writer.add_uint32("clip.vision.feed_forward_length", _INNER)
    writer.add_uint32("clip.vision.block_count", _BLOCKS)
    writer.add_uint32("clip.vision.projection_dim", _OUT)
    writer.add_uint32("clip.vision.attention.head_count", 2)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    draw = np.random.default_rng(5)
    for name, shape in _shapes().items():
        values = draw.standard_normal(shape) * 0.1
        writer.add_tensor(name, values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _shapes() -> dict[str, tuple[int, ...]]:
    patches = (_SIZE // _PATCH) ** 2
    shapes: dict[str, tuple[int, ...]] = {
        "v.class_embd": (_WIDTH,),
        "v.patch_embd.weight": (_WIDTH, 3, _PATCH, _PATCH),
        "v.position_embd.weight": (patches + 1, _WIDTH),
        "mm.0.weight": (_OUT, _WIDTH),
        "mm.0.bias": (_OUT,),
        "mm.2.weight": (_OUT, _OUT),
        "mm.2.bias": (_OUT,),
    }
    for end in ("pre_ln", "post_ln"):
        shapes |= {f"v.{end}.weight": (_WIDTH,), f"v.{end}.bias": (_WIDTH,)}
    for block in range(_BLOCKS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_out"):
            shapes[f"v.blk.{block}.{part}.weight"] = (_WIDTH, _WIDTH)
            shapes[f"v.blk.{block}.{part}.bias"] = (_WIDTH,)
        for part in ("ln1", "ln2"):
            shapes[f"v.blk.{block}.{part}.weight"] = (_WIDTH,)
            shapes[f"v.blk.{block}.{part}.bias"] = (_WIDTH,)
        shapes[f"v.blk.{block}.ffn_up.weight"] = (_INNER, _WIDTH)
        shapes[f"v.blk.{block}.ffn_up.bias"] = (_INNER,)
        shapes[f"v.blk.{block}.ffn_down.weight"] = (_WIDTH, _INNER)
        shapes[f"v.blk.{block}.ffn_down.bias"] = (_WIDTH,)
    return shapes


def write_picture(path: Path, red: int) -> Path:
    """Write a PNG of one colour, 40 by 30."""
    rows = b"".join(b"\0" + bytes([red, 40, 90]) * 40 for _ in range(30))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path
