"""GGUF files, versions 2 and 3, of either byte order: metadata, then where each tensor is, then the tensors.

A tensor of blocks (``Q4_K`` and the like) has no dtype but a quantization of that scheme. Shapes are in the order of NumPy, the last
dimension fastest; the file has them the other way round. Of a long list in the metadata, such as a vocabulary, the length is told.

Source: docs/gguf.md of ggml-org/ggml; types and block sizes are those of the ``gguf`` package 0.19 (``constants.py``).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from typing import Any

from deplint.formats.wire import RawData
from deplint.model import Graph, Model, Quant, Stored, Tensor, Unreadable
from deplint.project import File

ITEMS_LIMIT = 4_000_000
"""Strings, entries and tensors that are looked at: a vocabulary of 250,000 tokens with its merges has 500,000."""

TEXT_LIMIT = 1 << 16
"""Bytes of a string of the metadata beyond which only its size is told."""

SHOWN = 16
"""Elements up to which a list is told."""

DIMENSIONS_LIMIT = 8
DEPTH_LIMIT = 4

_NUMBERS: Mapping[int, str] = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_NAMES: Mapping[int, str] = {
    0: "uint8", 1: "int8", 2: "uint16", 3: "int16", 4: "uint32", 5: "int32", 6: "float32", 7: "bool", 8: "string", 9: "array",
    10: "uint64", 11: "int64", 12: "float64",
}  # fmt: skip
_STRING, _ARRAY = 8, 9

TYPES: Mapping[int, tuple[str, int, int]] = {
    0: ("float32", 1, 4), 1: ("float16", 1, 2), 24: ("int8", 1, 1), 25: ("int16", 1, 2), 26: ("int32", 1, 4), 27: ("int64", 1, 8),
    28: ("float64", 1, 8), 30: ("bfloat16", 1, 2),
    2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136), 29: ("IQ1_M", 256, 56),
    34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18),
}  # fmt: skip
"""Tensor types: name, elements of a block, bytes of a block."""


def read(file: File) -> Model:
    """The model: metadata, and a graph with tensors and no operators.

    Raises:
        Unreadable: it is of another version, cut short, or contradicts itself.
    """
    return _Reader(file).model()


class _Reader:
    def __init__(self, file: File) -> None:
        self.file = file
        self.data: bytes | mmap.mmap = file.map()
        self.pos, self.left, self.order = 4, ITEMS_LIMIT, "<"
        if self.data[:4] != b"GGUF":
            raise Unreadable("no GGUF file")
        version = self.number("I")
        if version & 0xFFFF == 0:
            self.order, self.pos = ">", 4
            version = self.number("I")
        if version not in (2, 3):
            raise Unreadable(f"GGUF version {version}, and deplint reads 2 and 3")
        self.version = version

    def number(self, code: str) -> Any:
        form = struct.Struct(self.order + code)
        return form.unpack_from(self.data, self.take(form.size))[0]

    def take(self, size: int) -> int:
        start = self.pos
        if size > len(self.data) - start:
            raise Unreadable(f"{size:,} bytes announced at byte {start:,} of a file of {len(self.data):,} bytes: it was cut short")
        self.pos = start + size
        return start

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Unreadable(f"more than {ITEMS_LIMIT:,} strings, entries and tensors")

    def text(self) -> str:
        size = self.number("Q")
        start = self.take(size)
        return str(self.data[start : start + size], "utf-8", "replace") if size <= TEXT_LIMIT else f"{size:,} bytes"

    def model(self) -> Model:
        tensors, entries = self.number("Q"), self.number("Q")
        self.spend(min(tensors, ITEMS_LIMIT + 1) + min(entries, ITEMS_LIMIT + 1))
        model = Model(self.file.shown, "gguf", ir_version=self.version, size=self.file.size)
        alignment = 32
        for _ in range(entries):
            key = self.text()
            value = self.value(self.number("I"))
            model.metadata[key] = str(value).lower() if isinstance(value, bool) else str(value)
            if key == "general.alignment":
                alignment = value
        if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20 or alignment & alignment - 1:
            raise Unreadable(f"an alignment of {alignment!r} bytes")
        graph = Graph("main")
        for _ in range(tensors):
            tensor = self.tensor()
            if tensor.name in graph.tensors:
                raise Unreadable(f"two tensors named {tensor.name!r}")
            graph.tensors[tensor.name] = tensor
        self.place(graph, -(-self.pos // alignment) * alignment)
        model.graphs = [graph]
        return model

    def value(self, kind: int, depth: int = 0) -> Any:
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY or depth > DEPTH_LIMIT:
            raise Unreadable(f"a value of unknown type {kind} at byte {self.pos:,}")
        kind, count = self.number("I"), self.number("Q")
        if count <= SHOWN:
            return [self.value(kind, depth + 1) for _ in range(count)]
        if kind in _NUMBERS:
            self.take(count * struct.calcsize(_NUMBERS[kind]))
        else:
            self.spend(min(count, ITEMS_LIMIT + 1))
            for _ in range(count):
                if kind == _STRING:
                    self.take(self.number("Q"))
                else:
                    self.value(kind, depth + 1)
        return f"{count:,} of {_NAMES.get(kind, kind)}"

    def tensor(self) -> Tensor:
        """A tensor; where it is stored is still counted from where tensors begin."""
        name, dimensions = self.text(), self.number("I")
        if dimensions > DIMENSIONS_LIMIT:
            raise Unreadable(f"tensor {name!r} of {dimensions:,} dimensions")
        shape = tuple(reversed([int(self.number("Q")) for _ in range(dimensions)]))
        kind, offset = self.number("I"), self.number("Q")
        if kind not in TYPES:
            raise Unreadable(f"tensor {name!r} of unknown type {kind}")
        scheme, block, width = TYPES[kind]
        tensor = Tensor(name, scheme if block == 1 else "", shape, Quant((), scheme=scheme) if block > 1 else None)
        if shape and shape[-1] % block:
            raise Unreadable(f"tensor {name!r} has rows of {shape[-1]:,} elements, and {scheme} stores {block} together")
        tensor.stored = Stored(self.file.shown, offset, (tensor.elements or 0) // block * width)
        return tensor

    def place(self, graph: Graph, start: int) -> None:
        for tensor in graph.weights:
            assert tensor.stored is not None
            offset, nbytes = start + tensor.stored.offset, tensor.stored.nbytes
            if offset + nbytes > self.file.size:
                raise Unreadable(
                    f"tensor {tensor.name!r} ends at byte {offset + nbytes:,} of a file of {self.file.size:,} bytes: it was cut short"
                )
            tensor.stored = Stored(self.file.shown, offset, nbytes)
            tensor.data = RawData(self.file.path, offset) if self.order == "<" else None
