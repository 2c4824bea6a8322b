"""Models of any weight and one graph, a format each: most of the file is a hole, so that a gigabyte takes no disk.

Where a format's own exporter is no small library, the file is one that it wrote (`tests/data/models`) with one weight made large.
"""

from __future__ import annotations

import io
import json
import shutil
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from deplint.formats.flatbuffer import FlatBuffer, Table
from deplint.formats.tflite import schema

DATA = Path(__file__).parents[1] / "tests" / "data" / "models"

SIDE = 1024
"""Rows of the large weight; the columns follow from the bytes asked for."""


def varint(value: int) -> bytes:
    """`value` as protobuf writes it."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def opening(number: int, size: int) -> bytes:
    """What stands before the bytes of a protobuf field: its number and their count."""
    return varint(number << 3 | 2) + varint(size)


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return opening(number, len(content)) + content


def around(nbytes: int, *levels: tuple[bytes, int]) -> bytes:
    """The beginning of messages within each other, the last of which ends in so many bytes of data: for each, what it holds before, and
    the number of the field that goes on."""
    head = b""
    for before, number in reversed(levels):
        head = before + opening(number, len(head) + nbytes) + head
    return head


def hollow(path: Path, head: bytes, nbytes: int, tail: bytes = b"") -> Path:
    """A file of `head`, so many bytes that take no disk, and `tail`."""
    with open(path, "wb") as stream:
        stream.write(head)
        stream.seek(nbytes, io.SEEK_CUR)
        stream.write(tail)
        stream.truncate()
    return path


def onnx(folder: Path, nbytes: int) -> Path:
    """One initializer in the file."""
    graph, weight, model = onnx_parts(nbytes)
    return hollow(folder / "net.onnx", model + around(nbytes, (b"", 7), (graph, 5), (weight, 9)), nbytes)


def onnx_external(folder: Path, nbytes: int) -> Path:
    """One initializer in a file beside the model."""
    graph, weight, model = onnx_parts(nbytes)
    hollow(folder / "net.onnx.data", b"", nbytes)
    location = field(1, b"location") + field(2, b"net.onnx.data")
    path = folder / "net.onnx"
    path.write_bytes(model + field(7, graph + field(5, weight + field(13, location) + field(14, 1))))
    return path


def onnx_parts(nbytes: int) -> tuple[bytes, bytes, bytes]:
    """A GraphProto but for its weight, the TensorProto but for its data, the ModelProto but for its graph."""
    from onnx import TensorProto, helper

    columns = nbytes // 4 // SIDE
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Relu", ["h"], ["y"])],
        "big",
        [info("x", TensorProto.FLOAT, ["n", SIDE])],
        [info("y", TensorProto.FLOAT, ["n", columns])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    model.ClearField("graph")
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[SIDE, columns])
    return graph.SerializeToString(), weight.SerializeToString(), model.SerializeToString()


def long_graph(count: int) -> bytes:
    """A ModelProto of so many operators, a fifth of them with weights of their own, and the types of a fifth of their results."""

    def node(kind: bytes, result: bytes, *inputs: bytes, attribute: bytes = b"") -> bytes:
        ends = b"".join(field(1, name) for name in inputs) + field(2, result) + field(3, result[:-9])
        return field(1, ends + field(4, kind) + (field(5, attribute) if attribute else b""))

    def info(number: int, name: bytes) -> bytes:
        dims = field(1, field(1, 8)) * 2
        return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, dims))))

    numbers = field(1, b"alpha") + b"\x15" + struct.pack("<f", 0.1) + field(20, 1)
    order = field(1, b"perm") + field(8, 1) + field(8, 0) + field(20, 7)
    last, graph = b"x", [field(2, b"long"), info(11, b"x")]
    for block in range(count // 5):
        start = b"/layers.%d" % block
        results = [start + name + b"_output_0" for name in (b"/MatMul", b"/Add", b"/act/LeakyRelu", b"/Transpose", b"/Softmax")]
        product, biased, active, turned, normal = results
        weight, bias = start + b".weight", start + b".bias"
        graph += [
            node(b"MatMul", product, last, weight),
            node(b"Add", biased, product, bias),
            node(b"LeakyRelu", active, biased, attribute=numbers),
            node(b"Transpose", turned, active, attribute=order),
            node(b"Softmax", normal, turned),
            field(5, field(1, 8) * 2 + field(2, 1) + field(8, weight) + field(9, struct.pack("<64f", *range(block, block + 64)))),
            field(5, field(1, 8) + field(2, 1) + field(8, bias) + field(9, struct.pack("<8f", *range(8)))),
            info(13, normal),
        ]
        last = normal
    return field(1, 8) + field(8, field(2, 17)) + field(7, b"".join([*graph, info(12, last)]))


def tflite(folder: Path, nbytes: int) -> Path:
    """A weight of a converted model, its buffer at the end of the flatbuffer."""
    content = bytearray((DATA / "tflite" / "float.tflite").read_bytes())
    content += bytes(-len(content) % 16)
    buffer = FlatBuffer(bytes(content), *schema())
    root = buffer.root("Model")
    tensor: Table = next(t for t in root["subgraphs"][0]["tensors"] if t["name"].endswith("dense_1/MatMul"))
    place = root["buffers"][tensor["buffer"]]
    at = place._where(place._fields["data"])
    struct.pack_into("<I", content, at, len(content) + 12 - at)
    shape = buffer.vector(tensor._where(tensor._fields["shape"]), 4)[0]
    struct.pack_into("<2i", content, shape, nbytes // 4 // SIDE, SIDE)
    return hollow(folder / "net.tflite", bytes(content) + bytes(12) + struct.pack("<I", nbytes), nbytes)


def graphdef(folder: Path, nbytes: int) -> Path:
    """A constant of a frozen graph."""

    def node(name: bytes, kind: bytes, *inputs: bytes) -> bytes:
        dtype = field(5, field(1, b"dtype" if not inputs else b"T") + field(2, field(6, 1)))
        return field(1, name) + field(2, kind) + b"".join(field(3, each) for each in inputs) + dtype

    shape = b"".join(field(2, field(1, size)) for size in (SIDE, nbytes // 4 // SIDE))
    value = field(1, 1) + field(2, shape)  # TensorProto; its tensor_content is 4
    start = field(1, node(b"x", b"Placeholder")) + field(1, node(b"y", b"MatMul", b"x", b"w"))
    levels = (start, 1), (node(b"w", b"Const"), 5), (field(1, b"value"), 2), (b"", 8), (value, 4)
    return hollow(folder / "frozen.pb", around(nbytes, *levels), nbytes)


def savedmodel(folder: Path, nbytes: int) -> Path:
    """The variables of a SavedModel, followed by more."""
    path = folder / "net"
    shutil.copytree(DATA / "savedmodel" / "keras3", path)
    with open(path / "variables" / "variables.data-00000-of-00001", "r+b") as stream:
        stream.truncate(nbytes)
    return path


def safetensors(folder: Path, nbytes: int) -> Path:
    entry = {"dtype": "F32", "shape": [SIDE, nbytes // 4 // SIDE], "data_offsets": [0, nbytes]}
    header = json.dumps({"model.embed.weight": entry}).encode()
    return hollow(folder / "net.safetensors", struct.pack("<Q", len(header)) + header, nbytes)


def gguf(folder: Path, nbytes: int) -> Path:
    def text(value: bytes) -> bytes:
        return struct.pack("<Q", len(value)) + value

    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text(b"general.architecture") + struct.pack("<I", 8) + text(b"llama")
    head += text(b"token_embd.weight") + struct.pack("<IQQIQ", 2, SIDE, nbytes // 4 // SIDE, 0, 0)
    return hollow(folder / "net.gguf", head + bytes(-len(head) % 32), nbytes)


def torchscript(folder: Path, nbytes: int) -> Path:
    """The weight of the first layer of a scripted module: in its pickle the storage's elements and the first size are changed."""
    rows = nbytes // 4 // 27
    path = folder / "net.pt"
    with zipfile.ZipFile(DATA / "torch" / "scripted.pt") as source, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.endswith("/data.pkl"):
                content = content.replace(b"K\x6ct", b"J" + struct.pack("<i", 27 * rows) + b"t", 1)
                content = content.replace(b"(K\x04K\x03K\x03K\x03t", b"(J" + struct.pack("<i", rows) + b"K\x03K\x03K\x03t", 1)
            if not info.filename.endswith("/data/0"):
                target.writestr(info.filename, content)
        # A stored member that is a hole: its header, nothing, and what the directory says of it.
        assert target.fp is not None
        large = zipfile.ZipInfo("scripted/data/0")
        large.CRC = 0
        large.file_size = large.compress_size = 4 * 27 * rows
        large.header_offset = target.fp.tell()
        target.fp.write(large.FileHeader(False))
        target.fp.seek(large.file_size, io.SEEK_CUR)
        target.start_dir = target.fp.tell()
        target.filelist.append(large)
        target.NameToInfo[large.filename] = large
    return path


def coreml(folder: Path, nbytes: int) -> Path:
    """The weights of a layer of a neural network."""
    columns = nbytes // 4 // SIDE

    def feature(name: bytes, size: int) -> bytes:
        return field(1, name) + field(3, field(5, field(1, size) + field(2, 65568)))  # a multi-array of float32

    start = field(1, 4) + field(2, field(1, feature(b"x", SIDE)) + field(10, feature(b"y", columns)))
    layer = field(1, b"dense") + field(2, b"x") + field(3, b"y")
    levels = (start, 500), (b"", 1), (layer, 140), (field(1, SIDE) + field(2, columns), 20), (b"", 1)
    return hollow(folder / "net.mlmodel", around(nbytes, *levels), nbytes)


def mlpackage(folder: Path, nbytes: int) -> Path:
    """The file of weights of an ML Program, followed by more."""
    path = folder / "net.mlpackage"
    shutil.copytree(DATA / "coreml" / "program_classifier.mlpackage", path)
    with open(path / "Data" / "com.apple.CoreML" / "weights" / "weight.bin", "r+b") as stream:
        stream.truncate(nbytes)
    return path


FORMATS: Mapping[str, Callable[[Path, int], Path]] = {
    make.__name__: make for make in (onnx, onnx_external, tflite, graphdef, savedmodel, safetensors, gguf, torchscript, coreml, mlpackage)
}
"""What makes a model of a format with so many bytes of weights below a folder, and gives what to lint."""
