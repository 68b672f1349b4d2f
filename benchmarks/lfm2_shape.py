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
import llama_cpp
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

VOCABULARY: Final = 65_536
WIDTH: Final = 2_048
FEED_FORWARD: Final = 8_192
BLOCKS: Final = 16
HEADS: Final = 32
KEY_VALUE_HEADS: Final = 8
HEAD_WIDTH: Final = 64
ATTENTION_BLOCKS: Final = frozenset({2, 5, 8, 10, 12, 14})
CONVOLUTION_LENGTH: Final = 3
WEIGHT_SCALE: Final = 0.02
SEED: Final = 20_250_710

NORMAL: Final = int(gguf.TokenType.NORMAL)
CONTROL: Final = int(gguf.TokenType.CONTROL)
UNUSED: Final = int(gguf.TokenType.UNUSED)

CHATML: Final = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


class Tokenizer(Struct, frozen=True):
    """A byte-pair vocabulary, cut or padded to VOCABULARY entries."""

    kind: str
    tokens: list[str]
    types: list[int]
    merges: list[str]


class TensorShape(Struct, frozen=True):
    """Name and dimensions of one tensor; `ones`: a norm, else random; `half`: float16."""

    name: str
    shape: tuple[int, ...]
    ones: bool = False
    half: bool = True


def tensor_shapes() -> Iterator[TensorShape]:
    """Yield every tensor of the model, in file order."""
    yield TensorShape("token_embd.weight", (VOCABULARY, WIDTH))
    yield TensorShape("token_embd_norm.weight", (WIDTH,), ones=True)
    for block in range(BLOCKS):
        start = f"blk.{block}."
        yield TensorShape(start + "attn_norm.weight", (WIDTH,), ones=True)
        yield TensorShape(start + "ffn_norm.weight", (WIDTH,), ones=True)
        yield TensorShape(start + "ffn_gate.weight", (FEED_FORWARD, WIDTH))
        yield TensorShape(start + "ffn_up.weight", (FEED_FORWARD, WIDTH))
        yield TensorShape(start + "ffn_down.weight", (WIDTH, FEED_FORWARD))
        yield from _mixer_shapes(start, attention=block in ATTENTION_BLOCKS)


def _mixer_shapes(start: str, *, attention: bool) -> Iterator[TensorShape]:
    if attention:
        narrow = KEY_VALUE_HEADS * HEAD_WIDTH
        yield TensorShape(start + "attn_q.weight", (WIDTH, WIDTH))
        yield TensorShape(start + "attn_k.weight", (narrow, WIDTH))
        yield TensorShape(start + "attn_v.weight", (narrow, WIDTH))
        yield TensorShape(start + "attn_output.weight", (WIDTH, WIDTH))
        yield TensorShape(start + "attn_q_norm.weight", (HEAD_WIDTH,), ones=True)
        yield TensorShape(start + "attn_k_norm.weight", (HEAD_WIDTH,), ones=True)
    else:
        yield TensorShape(start + "shortconv.in_proj.weight", (3 * WIDTH, WIDTH))
        yield TensorShape(start + "shortconv.out_proj.weight", (WIDTH, WIDTH))
        yield TensorShape(start + "shortconv.conv.weight", (WIDTH, CONVOLUTION_LENGTH), half=False)


def read_tokenizer(source: Path) -> Tokenizer:
    """Return the tokenizer of the GGUF `source`, fitted to VOCABULARY entries.

    A byte-pair vocabulary is ordered by merge, so that a larger one is cut by dropping its last
    merges; control tokens are kept, behind the cut where necessary.
    """
    reader = gguf.GGUFReader(source)

    def contents(key: str) -> list[str]:
        field = reader.get_field(key)
        if field is None:
            raise ValueError(f"{source}: no {key}: take a GGUF with a byte-pair tokenizer")
        found = field.contents()
        return found if isinstance(found, list) else [found]

    types = [int(kind) for kind in contents("tokenizer.ggml.token_type")]
    named = list(zip(contents("tokenizer.ggml.tokens"), types, strict=True))
    control = [entry for entry in named[VOCABULARY // 2 :] if entry[1] == CONTROL]
    kept = named if len(named) <= VOCABULARY else named[: VOCABULARY - len(control)] + control
    kept += [(f"<unused{index}>", UNUSED) for index in range(len(kept), VOCABULARY)]
    known = {token for token, _ in kept}
    merges = [pair for pair in contents("tokenizer.ggml.merges") if pair.replace(" ", "") in known]
    return Tokenizer(
        kind=contents("tokenizer.ggml.pre")[0],
        tokens=[token for token, _ in kept],
        types=[kind for _, kind in kept],
        merges=merges,
    )


def _write_description(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    writer.add_name("LFM2-1.2B-shape-random")
    writer.add_block_count(BLOCKS)
    writer.add_context_length(128_000)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(
        [KEY_VALUE_HEADS if block in ATTENTION_BLOCKS else 0 for block in range(BLOCKS)]
    )
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(1e6)
    writer.add_vocab_size(VOCABULARY)
    writer.add_shortconv_l_cache(CONVOLUTION_LENGTH)
    writer.add_file_type(int(gguf.LlamaFileType.MOSTLY_F16))
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


def write_float(path: Path, tokenizer: Tokenizer) -> None:
    """Write the model as float16, tensor by tensor: 2.3 GB of disk, 0.8 GB of memory."""
    writer = gguf.GGUFWriter(path, "lfm2")
    _write_description(writer, tokenizer)
    for shape in tensor_shapes():
        kind = np.dtype(np.float16 if shape.half and not shape.ones else np.float32)
        size_bytes = int(np.prod(shape.shape)) * kind.itemsize
        writer.add_tensor_info(shape.name, shape.shape, kind, size_bytes)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    random = np.random.default_rng(SEED)
    for shape in tensor_shapes():
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
        write_float(whole, read_tokenizer(tokenizer_source))
        wanted = llama_cpp.llama_model_quantize_default_params()
        wanted.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M
        wanted.nthread = threads
        failed = llama_cpp.llama_model_quantize(
            str(whole).encode(), str(packed).encode(), ctypes.byref(wanted)
        )
        if failed:
            raise OSError(f"{packed}: llama.cpp could not quantise it; is the disk full?")
        packed.rename(path)
    finally:
        whole.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)
    return path


def main(argv: Sequence[str]) -> int:
    """Write the file: `python -m benchmarks.lfm2_shape OUT.gguf TOKENIZER.gguf`."""
    parser = argparse.ArgumentParser(prog="lfm2_shape", description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("tokenizer", type=Path, help="a GGUF with a byte-pair tokenizer")
    arguments = parser.parse_args(argv)
    path = write_model(arguments.out, arguments.tokenizer)
    print(f"{path}: {path.stat().st_size / 1e6:.0f} MB, random weights, LFM2-1.2B's shape")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
