"""DPL424, DPL484, DPL485: what onnx.checker refuses and ONNX Runtime loads, and what both refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.formats import onnx as reader
from deplint.project import File
from deplint.rules.model.onnx_checker_refuses import onnx_checker_refuses
from deplint.rules.model.onnx_not_sound import onnx_not_sound
from deplint.rules.model.onnx_operator_misused import onnx_operator_misused

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")
node = onnx.helper.make_node

RELU = [node("Relu", ["x"], ["y"])]
BODIES = {
    "attribute": [node("Relu", ["x"], ["y"], beta=2)],
    "attribute-type": [node("Softmax", ["x"], ["y"], axis=1.0)],
    "required": [node("Cast", ["x"], ["y"])],
    "undefined": [node("Relu", ["z"], ["y"])],
    "twice": [node("Relu", ["x"], ["y"]), node("Abs", ["x"], ["y"])],
    "order": [node("Relu", ["t"], ["y"]), node("Abs", ["x"], ["t"])],
}
"""Bodies of functions that are wrong, and matter to who calls them."""

ANYHOW = {
    "itself": [node("Bad", ["x"], ["y"], domain="local")],
    "inputs": [node("Relu", ["x", "x"], ["y"])],
    "domain": [node("Foo", ["x"], ["y"], domain="com.microsoft")],
}
"""Bodies of functions that keep a model from loading though nothing calls them."""


def constant(**attributes):
    return [node("Constant", [], ["c"], **attributes), node("Add", ["x", "c"], ["y"])]


def unknown_after_value():
    made = constant(value=onnx.helper.make_tensor("v", 1, [1], [2.0]))
    made[0].attribute.append(onnx.helper.make_attribute("note", "hello"))
    return made


CONSTANTS = {
    "surplus": constant(value_float=1.0, value_floats=[1.0]),
    "unknown": unknown_after_value(),
    "only-unknown": constant(foo=3.0),
    "input": [node("Constant", ["x"], ["c"], value=onnx.helper.make_tensor("v", 1, [1], [2.0])), node("Add", ["x", "c"], ["y"])],
}


def model(nodes, body=None, ir=8, opset=17):
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(nodes, "g", [value("x", 1, [1, 4])], [value("y", 1, None)])
    imports = [onnx.helper.make_opsetid("", opset)]
    made = onnx.helper.make_model(graph, opset_imports=imports)
    if body:
        imports.append(onnx.helper.make_opsetid("local", 1))
        made.opset_import.append(imports[1])
        made.functions.append(onnx.helper.make_function("local", "Bad", ["x"], ["y"], body, imports))
    made.ir_version = ir
    return made


def asked(made, path: Path) -> tuple[bool, bool, set[str]]:
    """Whether the checker accepts it, whether the runtime loads it, and the rules that find it."""
    path.write_bytes(made.SerializeToString())
    read = reader.read(File(path))
    found = {f"DPL{number}" for number, rule in RULES.items() if list(rule(read))}
    return works(lambda: onnx.checker.check_model(made, full_check=True)), works(lambda: runtime.InferenceSession(path)), found


RULES = {424: onnx_operator_misused, 484: onnx_not_sound, 485: onnx_checker_refuses}


def works(call) -> bool:
    try:
        call()
    except Exception:
        return False
    return True


@pytest.mark.parametrize("body", BODIES)
def test_a_fault_in_a_function_matters_to_who_calls_it(body: str, tmp_path: Path):
    calling = [node("Bad", ["x"], ["y"], domain="local")]
    assert asked(model(RELU, BODIES[body]), tmp_path / "a.onnx") == (False, True, {"DPL485"})
    assert asked(model(calling, BODIES[body]), tmp_path / "b.onnx") == (False, False, {"DPL484"})


@pytest.mark.parametrize("body", ANYHOW)
def test_these_faults_matter_though_nothing_calls_the_function(body: str, tmp_path: Path):
    assert asked(model(RELU, ANYHOW[body]), tmp_path / "a.onnx") == (False, False, {"DPL484"})


@pytest.mark.parametrize("ir", [1, 2])
def test_operator_sets_in_a_file_older_than_them(ir: int, tmp_path: Path):
    assert asked(model(RELU, ir=ir, opset=7), tmp_path / "a.onnx") == (False, True, {"DPL485"})


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_of_the_main_graph_is_folded_without_being_looked_at(name: str, tmp_path: Path):
    assert asked(model(CONSTANTS[name]), tmp_path / "a.onnx") == (False, True, {"DPL485"})


def test_a_constant_without_anything(tmp_path: Path):
    assert asked(model(constant()), tmp_path / "a.onnx") == (False, False, {"DPL484"})


def test_the_checker_stumbles_over_a_constant_of_its_own(tmp_path: Path):
    """MeanVarianceNormalization of opset 13, of which nothing is wrong."""
    assert asked(model([node("MeanVarianceNormalization", ["x"], ["y"], axes=[0])], opset=13), tmp_path / "a.onnx") == (False, True, set())
