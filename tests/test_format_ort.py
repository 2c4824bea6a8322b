"""The reader of ONNX Runtime's format, against the packaged accessors, the runtime, and the ONNX model each file was made from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import onnx, ort
from deplint.model import Graph, Model, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

DATA = Path(__file__).parent / "data" / "models" / "ort"
NAMES = sorted(path.stem for path in DATA.glob("*.ort"))
DTYPES = {"FLOAT": "float32", "INT64": "int64", "BOOL": "bool", "INT32": "int32"}
TYPES = {"tensor(float)": "float32", "tensor(int64)": "int64"}


def read(name: str) -> Model:
    return ort.read(File(DATA / f"{name}.ort", f"{name}.ort"))


def truth(name: str) -> Any:
    return json.loads((DATA / f"{name}.ort.json").read_text())


def check_tensor(tensor: Tensor, said: Any) -> None:
    assert (tensor.dtype, tensor.shape, tensor.bytes().hex()) == (DTYPES[said["dtype"]], tuple(said["shape"]), said["bytes"])


def check(graph: Graph, told: Any) -> None:
    assert {tensor.name for tensor in graph.weights} == set(told["weights"])
    for key, said in told["weights"].items():
        check_tensor(graph.tensors[key], said)
    assert graph.outputs == told["outputs"]
    assert len(graph.ops) == len(told["nodes"])
    for op, node in zip(graph.ops, told["nodes"], strict=True):
        assert (op.type, op.domain, op.name, op.version) == (node["type"], node["domain"], node["name"], node["version"])
        assert (list(op.inputs), list(op.outputs)) == (node["inputs"], node["outputs"])
        assert op.attributes.keys() | op.graphs.keys() == set(node["attributes"])
        for key, value in node["attributes"].items():
            if key in op.graphs:
                check(op.graphs[key], value)
            elif isinstance(value, dict):
                check_tensor(op.attributes[key], value)
            else:
                assert op.attributes[key] == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_packaged_accessors(name: str) -> None:
    model, told = read(name), truth(name)
    check(model.graph, told["graph"])
    assert model.opsets == {domain.replace("ai.onnx", "") if domain == "ai.onnx" else domain: v for domain, v in told["opsets"].items()}
    assert (model.ir_version, [model.producer, model.producer_version]) == (told["ir_version"], told["producer"])
    assert model.metadata["ort_format_version"] == told["ort_version"]


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_runtime(name: str) -> None:
    model, told = read(name), truth(name)
    for tensors, said in ((model.inputs, told["inputs"]), (model.outputs, told["outputs"])):
        assert [[t.name, t.dtype, list(t.shape or ())] for t in tensors] == [[key, TYPES[kind], shape] for key, kind, shape in said]


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("_optimized")])
def test_is_the_onnx_model_it_was_made_from(name: str) -> None:
    """Without optimization only constants move to the weights and Identity goes away."""
    path = DATA.parent / "onnx" / f"{re.sub(r'^ort[0-9.]+_', '', name)}.onnx"
    before, after = onnx.read(File(path)), read(name)
    assert [(t.name, t.dtype, t.shape) for t in before.inputs] == [(t.name, t.dtype, t.shape) for t in after.inputs]
    assert before.graph.outputs == after.graph.outputs
    kept = {op.type for _, op in before.ops()} - {"Constant", "Identity"}
    assert kept <= {op.type for _, op in after.ops()}


@pytest.mark.parametrize("name", NAMES)
def test_text_form_reads_back(name: str) -> None:
    text = format_model(read(name))
    assert format_model(parse_model(text)) == text


@pytest.mark.parametrize("name", ["nested", "tf2onnx_keras_optimized", "torch_legacy_loop"])
def test_damaged_files(name: str, tmp_path: Path) -> None:
    content = (DATA / f"{name}.ort").read_bytes()
    survives(ort.read, tmp_path / "a.ort", cuts(content, 30))
    survives(ort.read, tmp_path / "a.ort", flips(content, 250))


def test_other_content(tmp_path: Path) -> None:
    path = tmp_path / "a.ort"
    for content in (b"", b"\0\0\0\0ORTM", b"\x20\0\0\0ORTM" + bytes(64), b"\xff\xff\xff\xffORTM" + bytes(40)):
        path.write_bytes(content)
        with pytest.raises(Unreadable):
            ort.read(File(path))
