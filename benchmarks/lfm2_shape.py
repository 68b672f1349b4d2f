"""A tokenizer's GGUF in, a GGUF of LFM2-1.2B's exact shape with random weights out (Q4_K_M).

Speed and memory of a language model do not depend on the values of its weights, so the resident
thinker is measured with this file where the real one cannot be had. What it writes is noise:
figures made with it say so, and an answer needs `models.scripted`.

Shape: 16 blocks of width 2,048, attention (32 heads, 8 for keys and values) in six of them, short
convolutions of length 3 in the others, 65,536 tokens, embedding tied to the output; read from the
published model card and checked by llama.cpp, which refuses a file of any other shape.
"""

from __future__ import annotations

import argparse
import ctypes
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import gguf
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from benchmarks.byte_pairs import Tokenizer, read_tokenizer
from models.derived import build_once
from models.llama_library import journal, llama
from models.store import ModelStore, open_store

WEIGHT_SCALE: Final = 0.02
SEED: Final = 20_250_710
ARCHITECTURE: Final = "lfm2"
FILE_NAME: Final = "lfm2-1.2b-shape-random.Q4_K_M.gguf"
TOKENIZER_MODEL: Final = "qwen2.5-coder-0.5b"
"""Cut to LFM2's 65,536 entries, its tokenizer makes 1.8 tokens of a Spanish word and 1.3 of an
English one; one that knows English alone makes 2.1 of a Spanish word."""

CHATML: Final = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


class Shape(Struct, frozen=True, kw_only=True):
    """Dimensions of a model of LFM2's architecture."""

    vocabulary: int = 65_536
    width: int = 2_048
    feed_forward: int = 8_192
    blocks: int = 16
    heads: int = 32
    key_value_heads: int = 8
    attention_blocks: frozenset[int] = frozenset({2, 5, 8, 10, 12, 14})
    """The others are short convolutions."""
    convolution_length: int = 3

    @property
    def head_width(self) -> int:
        """Width of one attention head."""
        return self.width // self.heads


LFM2_1_2B: Final = Shape()


class TensorShape(Struct, frozen=True):
    """Name and dimensions of one tensor; `ones`: a norm, else random; `half`: float16."""

    name: str
    shape: tuple[int, ...]
    ones: bool = False
    half: bool = True


def tensor_shapes(model: Shape) -> Iterator[TensorShape]:
    """Yield every tensor of the model, in file order."""
    width, forward = model.width, model.feed_forward
    yield TensorShape("token_embd.weight", (model.vocabulary, width))
    yield TensorShape("token_embd_norm.weight", (width,), ones=True)
    for block in range(model.blocks):
        start = f"blk.{block}."
        yield TensorShape(start + "attn_norm.weight", (width,), ones=True)
        yield TensorShape(start + "ffn_norm.weight", (width,), ones=True)
        yield TensorShape(start + "ffn_gate.weight", (forward, width))
        yield TensorShape(start + "ffn_up.weight", (forward, width))
        yield TensorShape(start + "ffn_down.weight", (width, forward))
        attends = block in model.attention_blocks
        yield from (_attention if attends else _convolution)(start, model)


def _attention(start: str, model: Shape) -> Iterator[TensorShape]:
    width, narrow = model.width, model.key_value_heads * model.head_width
    yield TensorShape(start + "attn_q.weight", (width, width))
    yield TensorShape(start + "attn_k.weight", (narrow, width))
    yield TensorShape(start + "attn_v.weight", (narrow, width))
    yield TensorShape(start + "attn_output.weight", (width, width))
    yield TensorShape(start + "attn_q_norm.weight", (model.head_width,), ones=True)
    yield TensorShape(start + "attn_k_norm.weight", (model.head_width,), ones=True)


def _convolution(start: str, model: Shape) -> Iterator[TensorShape]:
    width, length = model.width, model.convolution_length
    yield TensorShape(start + "shortconv.in_proj.weight", (3 * width, width))
    yield TensorShape(start + "shortconv.out_proj.weight", (width, width))
    yield TensorShape(start + "shortconv.conv.weight", (width, length), half=False)


def _write_description(writer: gguf.GGUFWriter, model: Shape, tokenizer: Tokenizer) -> None:
    writer.add_name("LFM2 shape, random weights")
    writer.add_block_count(model.blocks)
    writer.add_context_length(128_000)
    writer.add_embedding_length(model.width)
    writer.add_feed_forward_length(model.feed_forward)
    writer.add_head_count(model.heads)
    writer.add_head_count_kv(
        [
            model.key_value_heads if block in model.attention_blocks else 0
            for block in range(model.blocks)
        ]
    )
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(1e6)
    writer.add_vocab_size(model.vocabulary)
    writer.add_shortconv_l_cache(model.convolution_length)
    writer.add_file_type(int(gguf.LlamaFileType.MOSTLY_F16))
    _write_tokenizer(writer, tokenizer)


def _write_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(tokenizer.kind)
    writer.add_token_list(tokenizer.tokens)
    writer.add_token_types(tokenizer.types)
    writer.add_token_merges(tokenizer.merges)
    writer.add_bos_token_id(tokenizer.tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokenizer.tokens.index("<|im_end|>"))
    writer.add_add_bos_token(value=True)
    writer.add_chat_template(CHATML)


def _values(shape: TensorShape, random: np.random.Generator) -> NDArray[np.floating]:
    if shape.ones:
        return np.ones(shape.shape, np.float32)
    drawn = random.standard_normal(shape.shape, dtype=np.float32) * np.float32(WEIGHT_SCALE)
    return drawn.astype(np.float16) if shape.half else drawn


def write_float(path: Path, tokenizer_source: Path, model: Shape = LFM2_1_2B) -> None:
    """Write the model as float16, tensor by tensor: 2.3 GB of disk, 0.8 GB of memory."""
    writer = gguf.GGUFWriter(path, ARCHITECTURE)
    _write_description(writer, model, read_tokenizer(tokenizer_source, model.vocabulary))
    for shape in tensor_shapes(model):
        kind = np.dtype(np.float16 if shape.half and not shape.ones else np.float32)
        size_bytes = int(np.prod(shape.shape)) * kind.itemsize
        writer.add_tensor_info(shape.name, shape.shape, kind, size_bytes)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    random = np.random.default_rng(SEED)
    for shape in tensor_shapes(model):
        writer.write_tensor_data(_values(shape, random))
    writer.close()


def write_model(path: Path, tokenizer_source: Path, threads: int = 2) -> Path:
    """Write the Q4_K_M file at `path` unless it is there, and return it.

    tokenizer_source: a GGUF with a byte-pair tokenizer that knows ChatML's tokens.
    Takes about two minutes and 3 GB of disk once; nothing half-written stays at `path`.
    Raises ValueError when the source has no such tokenizer, OSError when llama.cpp cannot write.
    """
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    whole, packed = path.with_suffix(".f16.part"), path.with_suffix(".part")
    try:
        write_float(whole, tokenizer_source)
        functions = llama()
        wanted = functions.llama_model_quantize_default_params()
        wanted.ftype = functions.LLAMA_FTYPE_MOSTLY_Q4_K_M
        wanted.nthread = threads
        failed = functions.llama_model_quantize(
            str(whole).encode(), str(packed).encode(), ctypes.byref(wanted)
        )
        if failed:
            raise OSError(f"{packed}: llama.cpp could not quantise it ({journal.last_error()})")
        packed.rename(path)
    finally:
        whole.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)
    return path


def shape_file(store: ModelStore) -> Path:
    """Return the file in the cache, written first where it is not there.

    Raises ModelMissing where there is no model to take the tokenizer from.
    """
    tokenizer = store.files(TOKENIZER_MODEL)["model"]

    def build(folder: Path) -> None:
        write_model(folder / FILE_NAME, tokenizer)

    return build_once(store.derived(TOKENIZER_MODEL, "lfm2-1.2b-shape"), build) / FILE_NAME


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file into the cache, or where it is told to; print its path."""
    parser = argparse.ArgumentParser(prog="lfm2_shape", description=__doc__)
    parser.add_argument("--out", type=Path, help="a path of your own")
    parser.add_argument("--tokenizer", type=Path, help="a GGUF with a byte-pair tokenizer")
    arguments = parser.parse_args(argv)
    store = open_store()
    if arguments.out is None:
        print(shape_file(store))
        return 0
    tokenizer = arguments.tokenizer or store.files(TOKENIZER_MODEL)["model"]
    print(write_model(arguments.out, tokenizer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
