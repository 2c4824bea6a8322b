"""The ONNX reader and the wire reader, against the installed onnx library and against hostile files."""

from __future__ import annotations

import builtins
import os
import random
import struct
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deplint.formats import onnx as reader
from deplint.formats import wire
from deplint.model import Graph, Model, Op, Ref, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

onnx = pytest.importorskip("onnx")
np = pytest.importorskip("numpy")

DATA = Path(__file__).parent / "data" / "models"
MODELS = sorted((DATA / "onnx").glob("*.onnx"))


def read(path: Path) -> Model:
    return reader.read(File(path, path.name))


def ids(path: Path) -> str:
    return path.stem


# The reader against the library


def dtype_name(number: int) -> str:
    """The dtype as deplint names it, from the library's own enumeration."""
    name = onnx.TensorProto.DataType.Name(number).lower()
    return {"undefined": "", "float": "float32", "double": "float64"}.get(name, name)


def plain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def shape_of(value: Any) -> Any:
    if not value.HasField("shape"):
        return None
    kinds = {"dim_value": lambda d: d.dim_value, "dim_param": lambda d: d.dim_param or None}
    return tuple(kinds.get(d.WhichOneof("value"), lambda _: None)(d) for d in value.shape.dim)


def type_of(proto: Any) -> tuple[str, Any]:
    """dtype and shape that a TypeProto should be read as."""
    kind = proto.WhichOneof("value")
    if kind in ("tensor_type", "sparse_tensor_type"):
        value = getattr(proto, kind)
        return dtype_name(value.elem_type), shape_of(value)
    return (kind or "_").rpartition("_")[0], None


def check_tensor(tensor: Tensor, proto: Any, folder: Path) -> None:
    assert (tensor.dtype, tensor.shape) == (dtype_name(proto.data_type), tuple(proto.dims))
    if proto.data_type == onnx.TensorProto.STRING:
        assert tensor.stored and tensor.stored.nbytes == sum(map(len, proto.string_data))
        assert isinstance(tensor.data, wire.StringData) and tensor.data.strings() == list(proto.string_data)
        assert tensor.bytes() == b"".join(proto.string_data)
        return
    array = onnx.numpy_helper.to_array(proto, str(folder))
    raw = onnx.numpy_helper.from_array(array).raw_data
    assert tensor.stored and tensor.stored.nbytes == len(raw)
    if tensor.dtype.startswith("float6e") and proto.int32_data:
        return  # numbers that the library packs when it reads them
    assert tensor.bytes() == raw
    if len(raw) > 3:
        assert tensor.data and tensor.data(1, 2) == raw[1:3]


def check_ops(ops: list[Op], nodes: Any, folder: Path) -> None:
    assert len(ops) == len(nodes)
    for index, (op, node) in enumerate(zip(ops, nodes, strict=True)):
        kind = f"{node.op_type}:{node.overload}" if node.overload else node.op_type
        assert (op.index, op.type, op.name, op.domain) == (index, kind, node.name, plain(node.domain))
        assert op.notes.get("devices", "") == ", ".join(each.configuration_id for each in node.device_configurations)
        assert (list(op.inputs), list(op.outputs)) == (list(node.input), list(node.output))
        assert {key: value for key, value in op.notes.items() if key != "devices"} == noted(node)
        graphs: dict[str, Any] = {}
        expected = 0
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                graphs[attribute.name] = attribute.g
            elif attribute.type == onnx.AttributeProto.GRAPHS:
                graphs |= {f"{attribute.name}[{i}]": g for i, g in enumerate(attribute.graphs)}
            else:
                expected += 1
                check_attribute(op.attributes[attribute.name], attribute, folder)
        assert len(op.attributes) == expected
        assert list(op.graphs) == list(graphs)
        for name, graph in op.graphs.items():
            check_graph(graph, graphs[name], folder)


def check_attribute(value: Any, proto: Any, folder: Path) -> None:
    if proto.ref_attr_name:
        assert isinstance(value, Ref) and value == proto.ref_attr_name
        return
    wanted = onnx.helper.get_attribute_value(proto)
    for one, other in zip(value, wanted, strict=True) if isinstance(value, list) else [(value, wanted)]:
        if isinstance(other, onnx.TensorProto):
            check_tensor(one, other, folder)
        elif isinstance(other, onnx.SparseTensorProto):
            assert (one.dtype, one.shape) == (dtype_name(other.values.data_type), tuple(other.dims))
        elif isinstance(other, onnx.TypeProto):
            assert (one.dtype, one.shape) == type_of(other)
        else:
            assert one == (text_or_bytes(other) if isinstance(other, bytes) else other)


def text_or_bytes(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def noted(proto: Any) -> dict[str, str]:
    return {key: text for key, text in (("doc_string", proto.doc_string),) if text} | {p.key: p.value for p in proto.metadata_props}


def check_graph(graph: Graph, proto: Any, folder: Path) -> None:
    assert graph.notes == noted(proto)
    weights = {t.name: t for t in proto.initializer}
    sparse = {t.values.name: t for t in proto.sparse_initializer}
    infos = {v.name: v for v in (*proto.value_info, *proto.output, *proto.input) if v.name not in {*weights, *sparse}}
    assert graph.name == proto.name and graph.kind == "graph"
    assert graph.inputs == [v.name for v in proto.input if v.name in infos]
    assert graph.outputs == [v.name for v in proto.output]
    assert set(graph.tensors) == {*weights, *sparse, *infos}
    for name, info in infos.items():
        assert (graph.tensors[name].dtype, graph.tensors[name].shape) == type_of(info.type)
    for name, weight in weights.items():
        check_tensor(graph.tensors[name], weight, folder)
    for name, weight in sparse.items():
        tensor = graph.tensors[name]
        assert tensor.shape == tuple(weight.dims)
        assert tensor.bytes() == onnx.numpy_helper.to_array(weight.values).tobytes()
    check_ops(graph.ops, proto.node, folder)


def check_model(path: Path) -> None:
    model = read(path)
    proto = onnx.load(path, load_external_data=False)
    assert (model.path, model.format, model.size) == (path.name, "onnx", path.stat().st_size)
    assert (model.producer, model.producer_version) == (proto.producer_name, proto.producer_version)
    assert model.ir_version == proto.ir_version
    imports = [*proto.opset_import, *(o for f in reversed(proto.functions) for o in f.opset_import)]
    assert model.opsets == {plain(o.domain): o.version for o in imports[::-1]}
    about = {"graph.doc_string": proto.graph.doc_string} | {f"graph.{p.key}": p.value for p in proto.graph.metadata_props}
    told = {key: value for key, value in model.metadata.items() if not key.startswith(("training", "devices."))}
    assert told == {p.key: p.value for p in proto.metadata_props} | {key: value for key, value in about.items() if value}
    for devices in proto.configuration:
        assert model.metadata[f"devices.{devices.name}"] == ", ".join([str(devices.num_devices), *devices.device])
    graph, *others = model.graphs
    check_graph(graph, proto.graph, path.parent)
    functions = [other for other in others if other.kind == "function"]
    assert len(functions) == len(proto.functions)
    for function, wanted in zip(functions, proto.functions, strict=True):
        overload = f":{wanted.overload}" if wanted.overload else ""
        assert function.name == f"{wanted.domain}.{wanted.name}{overload}"
        assert (function.inputs, function.outputs) == (list(wanted.input), list(wanted.output))
        assert function.notes == noted(wanted)
        check_ops(function.ops, wanted.node, path.parent)
    check_training(model, proto, path.parent)


def check_training(model: Model, proto: Any, folder: Path) -> None:
    found = {graph.name: graph for graph in model.graphs if graph.kind == "training"}
    for number, training in enumerate(proto.training_info):
        for what in ("initialization", "algorithm"):
            if training.HasField(what):
                name = f"training{number or ''}.{what}"
                wanted = onnx.GraphProto.FromString(getattr(training, what).SerializeToString())
                wanted.name = name
                graph = found.pop(name)
                assert graph.kind == "training"
                graph.kind = "graph"
                check_graph(graph, wanted, folder)
        for binding, what in ((training.initialization_binding, "initialization"), (training.update_binding, "update")):
            assert all(model.metadata[f"training{number or ''}.{what}.{entry.key}"] == entry.value for entry in binding)
    assert not found


@pytest.mark.parametrize("path", MODELS, ids=ids)
def test_agrees_with_onnx(path: Path) -> None:
    check_model(path)


@pytest.mark.parametrize("path", MODELS, ids=ids)
def test_text_form(path: Path) -> None:
    text = path.with_suffix(".onnx.txt").read_text()
    assert format_model(read(path)) == text
    assert format_model(parse_model(text)) == text


def test_models_cover_what_they_should() -> None:
    assert {path.stem for path in MODELS} >= {"torch_dynamo", "torch_legacy_opset11", "tf2onnx_keras", "functions", "tensors"}
    domains = {op.domain for path in MODELS for _, op in read(path).ops()}
    assert {"", "local", "com.example"} <= domains


def test_models_that_packages_bring() -> None:
    """Models of the library's own tests (all operators, all types) and of onnxruntime's examples (old exporters)."""
    ort = find_spec("onnxruntime")
    folders = [Path(onnx.__file__).parent / "backend" / "test" / "data"]
    folders += [Path(ort.origin).parent / "datasets"] if ort and ort.origin else []
    paths = [p for folder in folders for p in sorted(folder.rglob("*.onnx")) if p.stat().st_size < 1 << 16]
    if not paths:
        pytest.skip("these packages bring no models")
    for path in paths:
        check_model(path)
        assert reader.sniff(File(path))


def test_field_numbers() -> None:
    p = onnx.onnx_ml_pb2
    tables = {
        reader.MODEL: p.ModelProto, reader.OPSET: p.OperatorSetIdProto, reader.ENTRY: p.StringStringEntryProto,
        reader.GRAPH: p.GraphProto, reader.FUNCTION: p.FunctionProto, reader.NODE: p.NodeProto, reader.ATTRIBUTE: p.AttributeProto,
        reader.VALUE_INFO: p.ValueInfoProto, reader.TYPE: p.TypeProto, reader.TENSOR_TYPE: p.TypeProto.Tensor,
        reader.SHAPE: p.TensorShapeProto, reader.DIMENSION: p.TensorShapeProto.Dimension, reader.TENSOR: p.TensorProto,
        reader.SPARSE_TENSOR: p.SparseTensorProto, reader.ANNOTATION: p.TensorAnnotation, reader.TRAINING: p.TrainingInfoProto,
        reader.DEVICES: p.DeviceConfigurationProto, reader.NODE_DEVICES: p.NodeDeviceConfigurationProto,
    }  # fmt: skip
    for table, message in tables.items():
        numbers = {name: number for name, number in vars(table).items() if name.isupper()}
        fields = message.DESCRIPTOR.fields_by_name
        assert numbers == {name: fields[name.lower()].number for name in numbers}, table
    assert numbers
    kinds = {"F": "FLOAT", "I": "INT", "S": "STRING", "T": "TENSOR", "G": "GRAPH", "FLOATS": "FLOATS", "INTS": "INTS"}
    for short, name in kinds.items():
        assert getattr(reader, f"_{short}") == onnx.AttributeProto.AttributeType.Value(name)
    names = {number: dtype_name(number) for number in onnx.TensorProto.DataType.values()}
    assert {n: name for n, name in names.items() if name} == reader.DTYPES


def test_quantization_annotation() -> None:
    quant = read(DATA / "onnx" / "tensors.onnx").graph.tensor("x").quant
    assert quant and (quant.scale, quant.zero_point, quant.axis) == ((0.25,), (128,), None)


def test_equal_attributes_are_not_one_object(tmp_path: Path) -> None:
    nodes = [onnx.helper.make_node("Conv", ["x"], ["y"], pads=[1, 1]) for _ in range(2)]
    raw = onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [], [])).SerializeToString()
    (tmp_path / "m.onnx").write_bytes(raw)
    one, other = (op.attributes["pads"] for op in read(tmp_path / "m.onnx").graph.ops)
    assert one == other == [1, 1] and one is not other


def test_a_part_of_a_tensor_is_no_tensor(tmp_path: Path) -> None:
    tensor = onnx.numpy_helper.from_array(np.arange(8, dtype="float32"), "w")
    tensor.segment.begin, tensor.segment.end = 0, 8
    tensor.dims[0] = 16
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx.helper.make_model(onnx.helper.make_graph([], "g", [], [], [tensor])).SerializeToString())
    stored = read(path).graph.tensors["w"].stored
    assert stored and stored.problem == "it is a part of a tensor" and read(path).graph.tensors["w"].data is None
    with pytest.raises(ValueError, match="segments"):
        onnx.numpy_helper.to_array(tensor)


# Long attributes


def test_long_attributes_are_tensors(tmp_path: Path) -> None:
    floats = [1.0] * 300_000
    node = onnx.helper.make_node("Trees", ["x"], ["y"], values=floats, blob=b"\x80" * (1 << 21), modes=["BRANCH"] * 200_000, n=3)
    graph = onnx.helper.make_graph([node], "g", [], [])
    path = tmp_path / "trees.onnx"
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    (op,) = read(path).graph.ops
    assert {k: (v.dtype, v.shape) for k, v in op.attributes.items() if k != "n"} == {
        "values": ("float32", (None,)),
        "blob": ("string", ()),
        "modes": ("string", (None,)),
    }
    assert op.attributes["n"] == 3


# External data


@pytest.fixture
def external(tmp_path: Path) -> Any:
    """A function that writes a model with one external tensor of 16 floats, and reads it."""
    folder = tmp_path / "model"
    folder.mkdir()

    def write(location: str | None, **entries: object) -> Model:
        tensor = onnx.TensorProto(name="w", data_type=1, dims=[4, 4], data_location=onnx.TensorProto.EXTERNAL)
        for key, value in {"location": location, **entries}.items():
            if value is not None:
                tensor.external_data.add(key=key, value=str(value))
        graph = onnx.helper.make_graph([], "g", [], [], [tensor])
        (folder / "m.onnx").write_bytes(onnx.helper.make_model(graph).SerializeToString())
        return reader.read(File(folder / "m.onnx", "model/m.onnx"))

    write.folder = folder  # type: ignore[attr-defined]
    return write


def weight(model: Model) -> Tensor:
    return model.graph.tensors["w"]


def test_external_data_is_found(external: Any) -> None:
    (external.folder / "sub").mkdir()
    (external.folder / "sub" / "w.bin").write_bytes(bytes(range(100)))
    model = external("./sub/w.bin", offset=8, length=64, checksum="da39a3ee5e6b4b0d3255bfef95601890afd80709")
    stored = weight(model).stored
    assert stored and (stored.path, stored.offset, stored.nbytes, stored.external) == ("model/sub/w.bin", 8, 64, True)
    assert stored.problem == "" and model.files == ["model/sub/w.bin"]
    assert weight(model).bytes() == bytes(range(8, 72))
    whole = weight(external("sub/w.bin")).stored
    assert whole and whole.nbytes == 100


@pytest.mark.parametrize(
    ("location", "entries", "problem"),
    [
        ("gone.bin", {}, "file is missing"),
        ("gone.bin", {"offset": "x"}, "file is missing"),
        ("short.bin", {"length": 64}, "file is too short: 10 bytes, the tensor ends at 64"),
        ("short.bin", {"offset": 1 << 70, "length": 0}, "file is too short"),
        ("short.bin", {"offset": -4, "length": 4}, "file is too short"),
        ("short.bin", {"offset": "eight"}, "its offset or length is no number"),
        ("lfs.bin", {"length": 64}, "a Git LFS pointer, not the data"),
        ("/etc/hostname", {}, "an absolute path"),
        ("C:\\w.bin", {}, "an absolute path"),
        ("../outside.bin", {}, "leaves the model's folder"),
        ("sub/../../outside.bin", {}, "leaves the model's folder"),
        ("link.bin", {}, "leaves the model's folder through a symbolic link"),
        ("links/outside.bin", {}, "leaves the model's folder through a symbolic link"),
        ("folder", {}, "not a regular file"),
        ("fifo", {}, "not a regular file"),
        ("loop", {}, "cannot be opened"),
        ("n" * 5000, {}, "cannot be opened"),
        ("short.bin/x", {}, "cannot be opened"),
        ("", {}, "it names no file"),
        (None, {}, "it names no file"),
        ("a\0b", {}, "it names no file"),
    ],
)
def test_external_data_with_a_problem(
    external: Any, monkeypatch: pytest.MonkeyPatch, location: str | None, entries: Any, problem: str
) -> None:
    folder: Path = external.folder
    (folder / "short.bin").write_bytes(bytes(10))
    (folder / "lfs.bin").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 64\n")
    (folder / "folder").mkdir()
    outside = folder.parent / "outside.bin"
    outside.write_bytes(bytes(64))
    (folder / "link.bin").symlink_to(outside)
    (folder / "links").symlink_to(folder.parent)
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "fifo")
    opened: list[Path] = []

    def open_(path: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(Path(path))
        return real(path, *args, **kwargs)

    real = builtins.open
    monkeypatch.setattr(builtins, "open", open_)
    model = external(location, **entries)
    tensor = weight(model)
    assert tensor.stored and tensor.stored.external and tensor.stored.problem.startswith(problem)
    assert ("through a" in tensor.stored.problem) == ("through a" in problem)
    assert tensor.data is None and tensor.bytes() == b""
    assert model.files == ([f"model/{location}"] if location in ("gone.bin", "short.bin") else [])
    home = folder.resolve()
    assert all(path.resolve().is_relative_to(home) for path in opened)


def test_data_beside_what_a_linked_model_points_to(external: Any, tmp_path: Path) -> None:
    """A download cache links both files to a folder of blobs."""
    (external.folder / "w.bin").write_bytes(bytes(64))
    external("w.bin")
    cache = tmp_path / "cache"
    cache.mkdir()
    for name in ("m.onnx", "w.bin"):
        (cache / name).symlink_to(external.folder / name)
    stored = weight(reader.read(File(cache / "m.onnx", "m.onnx"))).stored
    assert stored and stored.problem == "" and stored.path == "w.bin"


def test_data_gone_since_reading(external: Any) -> None:
    (external.folder / "w.bin").write_bytes(bytes(64))
    tensor = weight(external("w.bin"))
    (external.folder / "w.bin").write_bytes(bytes(60))
    with pytest.raises(Unreadable, match="ends before byte 64"):
        tensor.bytes()
    (external.folder / "w.bin").unlink()
    with pytest.raises(Unreadable, match="No such file"):
        tensor.bytes()


# What is an ONNX file


@pytest.mark.parametrize("path", MODELS, ids=ids)
def test_sniff_knows_models(path: Path) -> None:
    assert reader.sniff(File(path))


NOT_MODELS = {
    "empty": b"",
    "text": b"model onnx ir=10\ngraph\n",
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "tflite": b"\x1c\0\0\0TFL3" + bytes(40),
    "zip": b"PK\x03\x04" + bytes(40),
    "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(40),
    "zeros": bytes(100),
    "version only": b"\x08\x0a",
    "label map": b"\x0a\x07\x0a\x03cat\x10\x01",
}


@pytest.mark.parametrize("name", NOT_MODELS)
def test_sniff_and_read_refuse_other_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(NOT_MODELS[name])
    assert not reader.sniff(File(path))
    with pytest.raises(Unreadable) as error:
        reader.read(File(path))
    assert {"empty": "empty file", "lfs": "Git LFS pointer"}.get(name, "") in str(error.value)


def test_sniff_refuses_protobuf_files_of_others(tmp_path: Path) -> None:
    tensor = onnx.helper.make_tensor("t", 1, (2,), [1.0, 2.0])
    (tmp_path / "input_0.pb").write_bytes(tensor.SerializeToString())
    others = [tmp_path / "input_0.pb", *(DATA / "savedmodel").rglob("*.pb"), *(DATA / "graphdef").rglob("*.pb")]
    assert len(others) > 5
    for path in others:
        assert not reader.sniff(File(path)), path


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.onnx", tmp_path):
        with pytest.raises(Unreadable):
            reader.read(File(path))


# Hostile files


def read_hostile(path: Path, raw: bytes) -> Model | None:
    """What reading `raw` gives, if it gives anything within its time; tensors' bytes are asked for, too."""
    path.write_bytes(raw)
    start = time.process_time()
    model = None
    try:
        file = File(path, path.name)
        reader.sniff(file)
        model = reader.read(file)
        for graph in model.graphs:
            for tensor in graph.weights:
                tensor.bytes()
        format_model(model)
    except Unreadable as error:
        assert str(error)
    assert time.process_time() - start < 2
    return model


@pytest.mark.parametrize("path", MODELS, ids=ids)
def test_truncated(tmp_path: Path, path: Path) -> None:
    raw = path.read_bytes()
    for end in range(0, len(raw), max(1, len(raw) // 60)):
        read_hostile(tmp_path / "cut.onnx", raw[:end])


@pytest.mark.parametrize("path", MODELS, ids=ids)
def test_flipped_bytes(tmp_path: Path, path: Path) -> None:
    raw = path.read_bytes()
    chance = random.Random(path.name)
    for _ in range(60):
        broken = bytearray(raw)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(raw))] = chance.choice((0, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        read_hostile(tmp_path / "flipped.onnx", bytes(broken))


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def model_of(graph: bytes) -> bytes:
    return field(1, 8) + field(7, graph) + field(8, field(2, 17))


@pytest.mark.parametrize("depth", [20, 2000])
def test_deep_nesting(tmp_path: Path, depth: int) -> None:
    graph = b""
    for _ in range(depth):
        graph = field(1, field(4, b"If") + field(5, field(1, b"then_branch") + field(20, 5) + field(6, graph)))
    model = read_hostile(tmp_path / "deep.onnx", model_of(graph))
    if depth == 20:
        assert model and len(list(model.ops())) == 20
    else:
        assert model is None


@pytest.mark.parametrize("size", [1 << 31, 1 << 62, (1 << 64) - 1])
def test_huge_lengths(tmp_path: Path, size: int) -> None:
    for raw in (
        b"\x08\x08" + varint(7 << 3 | 2) + varint(size) + b"abc",
        model_of(varint(5 << 3 | 2) + varint(size)),
        model_of(field(5, field(1, size) + field(1, size) + field(2, 1) + field(8, b"w") + field(9, b"abcd"))),
    ):
        read_hostile(tmp_path / "huge.onnx", raw)


def test_hostile_counts(tmp_path: Path) -> None:
    """Many of the smallest things: values, weights, operators, attributes, tables of attributes."""
    name = field(8, b"w")
    for part in (b"\x62\x00", b"\x2a\x00", field(5, name), field(1, field(4, b"A")), field(1, field(4, b"A") + field(5, b""))):
        read_hostile(tmp_path / "many.onnx", model_of(part * ((1 << 16) // len(part))))
    many = b"".join(field(5, field(1, b"%d" % i) + field(3, i)) for i in range(10_000))
    read_hostile(tmp_path / "many.onnx", model_of(field(1, field(4, b"A") + many)))


def test_numbers_without_end(tmp_path: Path) -> None:
    for raw in (b"\x08" + b"\xff" * 100, b"\xff" * 100, model_of(b"\x80" * 30), model_of(field(5, field(7, b"\xff" * 9)))):
        read_hostile(tmp_path / "endless.onnx", raw)


# Cost


def test_a_gigabyte_costs_nothing(tmp_path: Path) -> None:
    """One gigabyte of weights in the file (a hole, so the disk has it easy) is stepped over."""
    size = 1 << 30
    tensor = field(1, size // 4) + field(2, 1) + field(8, b"w") + varint(9 << 3 | 2) + varint(size)
    node = field(1, field(1, b"w") + field(2, b"y") + field(4, b"Relu"))
    weights = varint(5 << 3 | 2) + varint(len(tensor) + size) + tensor
    start = field(1, 8) + field(8, field(2, 17)) + varint(7 << 3 | 2) + varint(len(node) + len(weights) + size) + node + weights
    path = tmp_path / "big.onnx"
    path.write_bytes(start)
    with open(path, "r+b") as stream:
        stream.truncate(len(start) + size)
    tracemalloc.start()
    before = time.process_time()
    model = reader.read(File(path))
    elapsed = time.process_time() - before
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    tensor_read = model.graph.tensors["w"]
    assert tensor_read.stored and tensor_read.stored.nbytes == size == tensor_read.nbytes
    assert tensor_read.data and tensor_read.data(size - 8, 8) == bytes(8)
    assert elapsed < 0.5 and peak < 1 << 20


# The wire


attributes = st.builds(
    dict,
    name=st.text(max_size=10),
    i=st.integers(-(2**63), 2**63 - 1),
    f=st.floats(width=32, allow_nan=False),
    s=st.binary(max_size=300),
    ints=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5),
    floats=st.lists(st.floats(width=32, allow_nan=False), max_size=5),
    strings=st.lists(st.binary(max_size=5), max_size=5),
)


@settings(max_examples=100, deadline=None)
@given(attributes, st.lists(st.integers(-(2**31), 2**31 - 1), max_size=20), st.lists(st.floats(allow_nan=False), max_size=5))
def test_wire_reads_what_protobuf_writes(values: dict[str, Any], numbers: list[int], doubles: list[float]) -> None:
    proto = onnx.AttributeProto(t=onnx.TensorProto(int32_data=numbers, double_data=doubles), **values)
    raw = proto.SerializeToString()
    message = wire.Message(raw, 0, len(raw))
    a = reader.ATTRIBUTE
    assert message.text(a.NAME) == values["name"]
    assert message.integer(a.I) == values["i"]
    assert message.real(a.F) == values["f"]
    assert [raw[x:y] for x, y in message.spans(a.S)] == [values["s"]]
    assert list(message.integers(a.INTS)) == values["ints"]
    assert list(message.reals(a.FLOATS)) == values["floats"]
    assert [raw[x:y] for x, y in message.spans(a.STRINGS)] == values["strings"]
    inner = message.message(a.T)
    assert inner is not None
    assert list(inner.integers(reader.TENSOR.INT32_DATA)) == numbers
    assert list(inner.reals(reader.TENSOR.DOUBLE_DATA, "d")) == doubles
    assert inner.count(reader.TENSOR.INT32_DATA, "i") == len(numbers)
    assert inner.count(reader.TENSOR.DOUBLE_DATA, "d") == len(doubles)
    assert a.REF_ATTR_NAME not in message and a.I in message


def everything(message: wire.Message, depth: int = 0) -> Iterator[object]:
    for number in range(1, 20):
        yield message.text(number)
        yield message.integer(number)
        yield message.count(number, "i")
        for ask in (message.integers, message.reals, message.messages):
            try:
                yield list(ask(number))
            except Unreadable:
                yield None
        if depth < 3:
            for start, end in message.spans(number):
                try:
                    yield from everything(message.within(start, end), depth + 1)
                except Unreadable:
                    yield None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_wire_survives_anything(raw: bytes) -> None:
    try:
        message = wire.Message(raw, 0, len(raw))
    except Unreadable:
        return
    for _ in everything(message):
        pass


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=40), st.integers(0, 200), st.integers(0, 200), st.booleans())
def test_numbers_are_read_as_bytes(numbers: list[int], offset: int, size: int, packed: bool) -> None:
    proto = onnx.TensorProto(int32_data=numbers)
    raw = proto.SerializeToString() if packed else b"".join(field(5, n & (1 << 64) - 1) for n in numbers)
    whole = struct.pack(f"<{len(numbers)}i", *numbers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tensor"
        path.write_bytes(raw)
        stored, data = wire.stored_numbers(File(path), wire.Message(raw, 0, len(raw)), 5, "i")
        assert stored.nbytes == len(whole)
        assert data(offset, size) == whole[offset : offset + size]


def test_wire_bounds() -> None:
    with pytest.raises(Unreadable, match="fields"):
        wire.Message(b"\x08\x01" * 10, 0, 20, budget=[9])
    with pytest.raises(Unreadable, match="coding 3"):
        wire.Message(b"\x0b\x0c", 0, 2)
    with pytest.raises(Unreadable, match="left"):
        wire.Message(b"\x0a\x02abc", 0, 3)
    with pytest.raises(Unreadable, match="outside"):
        wire.Message(b"\x0d\0\0\0\0\0", 0, 3)
    message = wire.Message(b"\x0a\x01\x80\x80", 0, 3)
    with pytest.raises(Unreadable):
        list(message.integers(1))
