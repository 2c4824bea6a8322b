"""The ExecuTorch reader, against what the executorch package read of the same files, and against hostile files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import executorch
from deplint.model import Graph, Model, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

DATA = Path(__file__).parent / "data" / "models" / "executorch"
NAMES = sorted(path.stem for path in DATA.glob("*.pte"))
DTYPES = {"FLOAT": "float32", "BOOL": "bool", "LONG": "int64"}


def read(name: str) -> Model:
    return executorch.read(File(DATA / f"{name}.pte", f"{name}.pte"))


def truth(name: str) -> Any:
    return json.loads((DATA / f"{name}.pte.json").read_text())


def named(graph: Graph, plan: Any) -> list[str]:
    """The name of each value, by its number."""
    names = []
    for number, value in enumerate(plan["values"]):
        extra = value["val"].get("extra_tensor_info")
        names.append((extra or {}).get("fully_qualified_name") or f"v{number}")
    return names


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_package(name: str) -> None:
    model, told = read(name), truth(name)
    assert model.ir_version == told["version"]
    assert [graph.name for graph in model.graphs] == [plan["name"] for plan in told["execution_plan"]]
    for graph, plan in zip(model.graphs, told["execution_plan"], strict=True):
        names = named(graph, plan)
        assert graph.inputs == [names[index] for index in plan["inputs"]]
        assert graph.outputs == [names[index] for index in plan["outputs"]]
        for key, value in zip(names, (value["val"] for value in plan["values"]), strict=True):
            if value[""] != "Tensor":
                assert key not in graph.tensors
                continue
            tensor = graph.tensors[key]
            assert tensor.dtype == DTYPES[value["scalar_type"]]
            assert tensor.shape == tuple(size if value["shape_dynamism"] == "STATIC" else None for size in value["sizes"])
            external = (value["extra_tensor_info"] or {}).get("location") == "EXTERNAL"
            assert (tensor.stored is not None) == (value["data_buffer_idx"] > 0 or external)
            if tensor.stored and not external:
                assert tensor.bytes().hex() == told["constant_buffer"][value["data_buffer_idx"]]["storage"][: 2 * (tensor.nbytes or 0)]
        calls = [each["instr_args"] for chain in plan["chains"] for each in chain["instructions"]]
        assert len(graph.ops) == len(calls)
        for op, call in zip(graph.ops, calls, strict=True):
            if call[""] == "KernelCall":
                operator = plan["operators"][call["op_index"]]
                assert (f"{op.domain}::{op.type}", op.attributes.get("overload", "")) == (operator["name"], operator["overload"])
            elif call[""] == "DelegateCall":
                assert (op.domain, op.type) == ("delegate", plan["delegates"][call["delegate_index"]]["id"])
            else:
                assert op.type == {"MoveCall": "move", "JumpFalseCall": "jump_false", "FreeCall": "free"}[call[""]]


@pytest.mark.parametrize("name", NAMES)
def test_values_flow_from_inputs_to_outputs(name: str) -> None:
    """Which argument a call writes is not stored: what was told apart must make a graph."""
    for graph in read(name).graphs:
        known = {*graph.inputs, *(tensor.name for tensor in graph.weights)}
        free = {key for key, tensor in graph.tensors.items() if tensor.stored is None}
        unknown = set()
        for op in graph.ops:
            unknown |= {each for each in op.inputs if each not in known}
            known.update(op.outputs)
        assert known.issuperset(graph.outputs)
        assert unknown <= free and len(unknown) <= 1  # a buffer with a value from outside


@pytest.mark.parametrize("name", NAMES)
def test_text_form_reads_back(name: str) -> None:
    text = format_model(read(name))
    assert format_model(parse_model(text)) == text


def test_what_the_models_show() -> None:
    convolution = read("portable").graph.ops[0]
    assert convolution.attributes["arg3"] == [1, 1] and list(convolution.inputs) == ["v4", "v0", "v1"]
    assert read("xnnpack").metadata["delegate.XnnpackBackend"] == "2"
    assert all(op.attributes["nbytes"] > 0 for op in read("xnnpack").graph.ops if op.domain == "delegate")
    (split,) = (op for _, op in read("methods").ops() if op.type == "split_with_sizes_copy")
    assert len(split.outputs) == 2 and split.attributes["arg1"] == [2, 2]
    assert all(tensor.stored and tensor.stored.external for tensor in read("external").graph.weights)


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files(name: str, tmp_path: Path) -> None:
    content = (DATA / f"{name}.pte").read_bytes()
    survives(executorch.read, tmp_path / "a.pte", cuts(content, 30))
    survives(executorch.read, tmp_path / "a.pte", flips(content, 200))


def test_other_content(tmp_path: Path) -> None:
    path = tmp_path / "a.pte"
    for content in (b"", b"\0\0\0\0ET", b"\x20\0\0\0ETxx" + bytes(40), b"\xff\xff\xff\xffET12" + bytes(40)):
        path.write_bytes(content)
        with pytest.raises(Unreadable):
            executorch.read(File(path))
