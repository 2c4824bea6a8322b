"""The outline of an ONNX model, and what the library says of it: the same as of the whole model."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import seeded
from hostile import cuts, flips

from deplint.formats import onnx_inference
from deplint.formats.onnx_inference import INFERENCE, STRUCTURE, Complaint, complaints, inferred, outline
from deplint.model import Unreadable
from deplint.worker import Worker

onnx = pytest.importorskip("onnx")

DATA = Path(__file__).parent / "data" / "models" / "onnx"
MODELS = sorted(path for path in DATA.glob("*.onnx") if path.stem != "attributes")
HARMLESS = re.compile(r"in initializer but not in graph input|'shape' of 'type'|'name' of 'graph'")


def shipped() -> Iterator[Path]:
    """Models of the library's own tests (all operators) and of onnxruntime's examples."""
    ort = find_spec("onnxruntime")
    folders = [Path(onnx.__file__).parent / "backend" / "test" / "data"]
    folders += [Path(ort.origin).parent / "datasets"] if ort and ort.origin else []
    yield from sorted(path for folder in folders for path in folder.rglob("*.onnx") if path.stat().st_size < 1 << 16)


def type_of(proto: Any) -> tuple[str, Any]:
    """dtype and shape of a TypeProto, in deplint's words."""
    kind = proto.WhichOneof("value")
    if kind not in ("tensor_type", "sparse_tensor_type"):
        return (kind or "_").rpartition("_")[0], None
    value = getattr(proto, kind)
    name = onnx.TensorProto.DataType.Name(value.elem_type).lower()
    dtype = {"undefined": "", "float": "float32", "double": "float64"}.get(name, name)
    if not value.HasField("shape"):
        return dtype, None
    return dtype, tuple(d.dim_value if d.HasField("dim_value") else (d.dim_param or None) for d in value.shape.dim)


def found_by_the_library(path: Path) -> dict[str, tuple[str, Any]]:
    model = onnx.shape_inference.infer_shapes(onnx.load(path, load_external_data=False), data_prop=True)
    found: dict[str, tuple[str, Any]] = {}
    graphs = [model.graph]
    for graph in graphs:  # which grows
        for info in (*graph.value_info, *graph.input, *graph.output):
            found.setdefault(info.name, type_of(info.type))
        graphs += [a.g for n in graph.node for a in n.attribute if a.HasField("g")]
    return {
        name: (dtype, shape and tuple(None if str(d).startswith("unk__") else d for d in shape)) for name, (dtype, shape) in found.items()
    }


def written(path: Path, model: Any) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_shapes_are_those_of_the_library(path: Path) -> None:
    wanted = found_by_the_library(path)
    found = inferred(path)
    assert wanted and {name: found.get(name) for name in wanted} == wanted
    assert complaints(path) == []


def test_models_of_the_library_itself() -> None:
    """It complains of the outline where it complains of the model, and infers the same."""
    paths = list(shipped())
    if len(paths) < 50:
        pytest.skip("these packages bring no models")
    for path in paths[::7]:
        assert {name: kind for name, kind in inferred(path).items() if name in found_by_the_library(path)} == found_by_the_library(path)
        try:
            onnx.checker.check_model(str(path), full_check=True)
        except Exception as error:
            assert complaints(path) or HARMLESS.search(str(error)), path
        else:
            assert complaints(path) == [], path


def test_large_weights_are_inputs_and_small_ones_stay() -> None:
    tensor = onnx.numpy_helper.from_array
    weights = [tensor(seeded.np.ones((50, 50), "float32"), "large"), tensor(seeded.np.array([5, 10]), "shape")]
    constant = onnx.helper.make_node("Constant", [], ["stored"], value=tensor(seeded.np.ones((300, 300), "float32")))
    nodes = [constant, onnx.helper.make_node("Reshape", ["x", "shape"], ["y"])]
    graph = onnx.helper.make_graph(nodes, "", [seeded.info("x", 1, [50])], [seeded.info("y", 1, [5, 10])], weights)
    made = outline(onnx.helper.make_model(graph).SerializeToString())
    kept = onnx.ModelProto.FromString(made.whole())
    assert [i.name for i in kept.graph.initializer] == ["shape"]
    assert {i.name: type_of(i.type) for i in kept.graph.input} == {
        "x": ("float32", (50,)),
        "large": ("float32", (50, 50)),
        "stored": ("float32", (300, 300)),
    }
    assert [(n.op_type, n.name) for n in kept.graph.node] == [("Reshape", "#1")]
    onnx.checker.check_model(kept, full_check=True)


def test_what_is_too_large_is_refused() -> None:
    node = onnx.helper.make_node("Trees", ["x"], ["y"], blob=bytes(onnx_inference.LIMIT))
    with pytest.raises(Unreadable, match="a field of"):
        outline(onnx.helper.make_model(onnx.helper.make_graph([node], "g", [], [])).SerializeToString())
    nodes = [onnx.helper.make_node("Trees", ["x"], ["y"], blob=bytes(1 << 22)) for _ in range(17)]
    with pytest.raises(Unreadable, match="without its weights"):
        outline(onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [], [])).SerializeToString())


def test_a_large_weight_that_is_an_input_already_is_given_once() -> None:
    model = seeded.healthy()
    model.ir_version = 3
    for weight in model.graph.initializer:
        model.graph.input.append(seeded.info(weight.name, weight.data_type, weight.dims))
    seeded.store(model, "kernel", seeded.np.ones((8, 3, 20, 20), "float32"))
    kept = onnx.ModelProto.FromString(outline(model.SerializeToString()).whole())
    assert len({i.name for i in kept.graph.input}) == len(kept.graph.input) == 16


def test_cost_follows_the_graph(tmp_path: Path) -> None:
    """A gigabyte of weights, in the file and beside it, is neither read nor given to the library."""
    model = seeded.healthy()
    beside = model.graph.initializer.add(name="beside", data_type=1, dims=[1 << 14, 1 << 14], data_location=1)
    beside.external_data.add(key="location", value="missing.bin")
    model.graph.node.append(seeded.node("MatMul", ["beside", "within"], ["out"]))
    model.graph.output.append(seeded.info("out", 1, ["a", "b"]))
    head = onnx.TensorProto(name="within", data_type=1, dims=[1 << 14, 1 << 14]).SerializeToString()
    size = 1 << 30
    raw = onnx_inference._field(9, b"")[:-1] + onnx_inference._varint(size)
    whole = onnx_inference._varint(5 << 3 | 2) + onnx_inference._varint(len(head) + len(raw) + size) + head + raw
    path = tmp_path / "big.onnx"
    with open(path, "wb") as stream:
        graph = model.graph.SerializeToString()
        model.ClearField("graph")
        start = model.SerializeToString() + onnx_inference._varint(7 << 3 | 2)
        stream.write(start + onnx_inference._varint(len(graph) + len(whole) + size) + graph + whole)
        stream.truncate(stream.tell() + size)
    assert inferred(path)["out"] == ("float32", (1 << 14, 1 << 14))
    assert complaints(path) == []


@pytest.mark.parametrize(
    ("name", "kind", "op", "words"),
    [
        ("reads_nothing", STRUCTURE, "relu", "however input 'ghost' of LeakyRelu is not output of any previous nodes"),
        ("branch_without_a_name", STRUCTURE, "choose", "Field 'name' of 'graph' is required to be non-empty"),
        ("attribute_twice", STRUCTURE, "relu", "Attribute 'alpha' appeared multiple times"),
        ("matrices_that_do_not_fit", INFERENCE, "new", "Incompatible dimensions for matrix multiplication"),
        ("float64_bias", INFERENCE, "logits", "B has inconsistent type tensor(double)"),
        ("wrong_note_of_a_dtype", INFERENCE, "relu", "Inferred elem type differs from existing elem type: float32 and float64"),
        ("wrong_note_of_a_size", INFERENCE, "normal", "Inferred shape and existing shape differ in dimension 1: (8) vs (9)"),
    ],
)
def test_complaints_say_where(tmp_path: Path, name: str, kind: str, op: str, words: str) -> None:
    model = seeded.healthy()
    seeded.ONNX[name].plant(model)
    index = [node.name for node in model.graph.node].index(op)
    for node in model.graph.node:
        node.name = f"{node.name}/#9 (x, y): name: #7"  # whatever operators are called
    first = complaints(written(tmp_path / "net.onnx", model))[0]
    assert (first.kind, first.op) == (kind, index) and first.message.endswith(words)


def test_what_only_notes_say_wrong_does_not_hide_what_is_wrong(tmp_path: Path) -> None:
    """Inference goes on with a wrong note, and takes its consequences for faults; without notes, only the faults are left."""
    model = seeded.healthy()
    seeded.ONNX["wrong_note_of_a_size"].plant(model)
    seeded.ONNX["more_than_there_are"].plant(model)
    found = complaints(written(tmp_path / "net.onnx", model))
    assert [c.message for c in found] == ["Axis has less than the requested k elements"]


def test_what_any_tool_puts_up_with_is_no_complaint(tmp_path: Path) -> None:
    model = seeded.healthy()
    model.ir_version = 3  # without initializers among the inputs
    model.graph.name = ""
    model.graph.input[0].type.tensor_type.ClearField("shape")
    model.graph.output[0].ClearField("type")
    with pytest.raises(onnx.checker.ValidationError):
        onnx.checker.check_model(model)
    assert complaints(written(tmp_path / "net.onnx", model)) == []


def test_data_elsewhere_is_no_complaint(tmp_path: Path) -> None:
    model = seeded.healthy()
    inner = seeded.op(model, "choose").attribute[0].g
    for weights in (inner.initializer, model.graph.initializer):
        stored = weights.add(name="elsewhere" if weights is inner.initializer else "here", data_type=1, dims=[2], data_location=1)
        stored.external_data.add(key="location", value="gone.bin")
    assert complaints(written(tmp_path / "net.onnx", model)) == []


@pytest.mark.parametrize("change", ["ir", "opset", "ml"])
def test_models_newer_than_the_library_are_not_judged(tmp_path: Path, change: str) -> None:
    model = seeded.healthy()
    seeded.ONNX["matrices_that_do_not_fit"].plant(model)
    if change == "ir":
        model.ir_version = onnx.IR_VERSION + 1
    elif change == "opset":
        model.opset_import[0].version = onnx.defs.onnx_opset_version() + 1
    else:
        model.opset_import.append(onnx.helper.make_opsetid("ai.onnx.ml", 99))
    assert complaints(written(tmp_path / "net.onnx", model)) == []


def test_a_library_that_gives_no_answer_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "net.onnx", seeded.healthy())
    for answering in ("crashing", "greedy", "unable"):
        monkeypatch.setattr(onnx_inference, "WORKER", Worker(f"test_worker:{answering}", 1 << 20))
        os.utime(path, ns=(0, hash(answering) % 1000))  # another file, for what remembers answers
        assert complaints(path) == [] and inferred(path) == {}
    assert complaints(tmp_path / "gone.onnx") == [] and inferred(tmp_path / "gone.onnx") == {}


def test_an_answer_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "net.onnx", seeded.healthy())
    before = inferred(path)
    monkeypatch.setattr(onnx_inference, "WORKER", Worker("test_worker:crashing", 1 << 20))
    assert inferred(path) == before != {}


def test_damaged_models(tmp_path: Path) -> None:
    """An outline is made or refused, and the library is asked of some: whatever happens stays in the worker."""
    content = (DATA / "nested.onnx").read_bytes()
    for number, damaged in enumerate((*cuts(content, 30), *flips(content, 200))):
        try:
            made = outline(damaged)
            made.structure()
            made.bare()
        except (Unreadable, IndexError):
            continue
        if number % 20 == 0:
            path = tmp_path / f"{number}.onnx"
            path.write_bytes(damaged)
            assert all(isinstance(c, Complaint) for c in complaints(path))
            inferred(path)


def test_deep_graphs_do_not_take_the_program_with_them(tmp_path: Path) -> None:
    inner = onnx_inference._field(1, b"")
    for _ in range(20_000):
        attribute = onnx_inference._field(6, inner) + onnx_inference._number(20, 5)
        inner = onnx_inference._field(1, onnx_inference._field(4, b"If") + onnx_inference._field(5, attribute))
        if len(inner) > 1 << 18:
            break
    path = tmp_path / "deep.onnx"
    path.write_bytes(onnx_inference._number(1, 8) + onnx_inference._field(7, inner))
    complaints(path)
    inferred(path)
