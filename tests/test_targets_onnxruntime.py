"""ONNX Runtime's CPU provider: what made verdicts differ from its own, one model each."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from deplint.targets import asked
from deplint.targets.matrix import subjects
from deplint.targets.verdict import Verdict

N, value = helper.make_node, helper.make_tensor_value_info
HALF, F = TensorProto.FLOAT16, TensorProto.FLOAT


def model(nodes, inputs, outputs, opsets, functions=(), ir=8) -> onnx.ModelProto:
    made = helper.make_model(helper.make_graph(nodes, "g", inputs, outputs), functions=list(functions))
    del made.opset_import[:]
    made.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in opsets.items())
    made.ir_version = ir
    return made


def agree(tmp_path: Path, made: onnx.ModelProto, expected: Verdict, release: str = "1.32.0") -> None:
    runtime = pytest.importorskip("onnxruntime")
    path = tmp_path / "m.onnx"
    onnx.save(made, path)
    assert asked(f"onnxruntime-cpu=={release}").judge(next(iter(subjects([path])))).verdict is expected
    if release == runtime.__version__:
        try:
            runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
        except Exception:
            assert expected is Verdict.fails
        else:
            assert expected is Verdict.ok


@pytest.mark.parametrize(("opset", "expected"), [(1, Verdict.fails), (6, Verdict.ok)])
def test_casts_are_put_in_from_opset_6_on(tmp_path: Path, opset: int, expected: Verdict):
    made = model([N("GlobalMaxPool", ["x"], ["y"])], [value("x", HALF, [1, 2, 3])], [value("y", HALF, [1, 2, 1])], {"": opset})
    agree(tmp_path, made, expected)


@pytest.mark.parametrize(("domains", "expected"), [({}, Verdict.fails), ({"own": 1}, Verdict.ok)])
def test_functions_are_called_by_an_imported_domain(tmp_path: Path, domains: dict[str, int], expected: Verdict):
    function = helper.make_function("own", "Twice", ["a"], ["b"], [N("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 17)])
    made = model([N("Twice", ["x"], ["y"], domain="own")], [value("x", F, [2])], [value("y", F, [2])], {"": 17, **domains}, [function])
    agree(tmp_path, made, expected)


@pytest.mark.parametrize(("release", "expected"), [("1.26.0", Verdict.ok), ("1.32.0", Verdict.fails)])
def test_a_function_that_calls_its_own_name(tmp_path: Path, release: str, expected: Verdict):
    function = helper.make_function("", "Relu", ["a"], ["b"], [N("Relu", ["a"], ["b"])], [helper.make_opsetid("", 17)])
    made = model([N("Relu", ["x"], ["y"])], [value("x", F, [2])], [value("y", F, [2])], {"": 17}, [function])
    agree(tmp_path, made, expected, release)


def test_the_shape_of_known_sizes_needs_no_kernel(tmp_path: Path):
    nodes, outputs = [N("Shape", ["x"], ["y"])], [value("y", TensorProto.INT64, [2])]
    agree(tmp_path, model(nodes, [value("x", TensorProto.INT4, [2, 3])], outputs, {"": 25}, ir=10), Verdict.ok)


def test_a_branch_may_name_its_result_as_the_if_does(tmp_path: Path):
    branches = {
        name: helper.make_graph([N("Relu", ["x"], ["h"]), N("Abs", ["h"], ["y"])], name, [], [value("y", F, [2])])
        for name in ("then_branch", "else_branch")
    }
    made = model(
        [N("If", ["c"], ["y"], **branches)], [value("c", TensorProto.BOOL, []), value("x", F, [2])], [value("y", F, [2])], {"": 17}
    )
    agree(tmp_path, made, Verdict.ok)


def test_operators_of_microsoft_are_held_against_their_schemas(tmp_path: Path):
    made = model([N("QLinearAdd", ["x"], ["y"], domain="com.microsoft")], [value("x", TensorProto.UINT8, [2])],
                 [value("y", TensorProto.UINT8, [2])], {"": 17, "com.microsoft": 1})  # fmt: skip
    agree(tmp_path, made, Verdict.fails)
