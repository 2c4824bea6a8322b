"""Targets that take ONNX beside ONNX Runtime's CPU: its other providers, its builds for the web, TensorRT's parser, OpenCV's dnn module."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from deplint import verify
from deplint.targets import asked
from deplint.targets.matrix import judge, subjects
from deplint.targets.verdict import Judgement
from deplint.verify import Asking, node_modules
from tools.support.onnxruntime_providers import limits, ranges
from tools.support.tensorrt import limits as restrictions

FLOAT = TensorProto.FLOAT


def write(path: Path, *nodes: onnx.NodeProto, shape=(1, 3, 8, 8), dtype=FLOAT, opset=17, weights=(), domains=(), out=None) -> Path:
    """A model from ``x`` to the last node's output, whose sizes are left open."""
    last = nodes[-1].output[0]
    values = [helper.make_tensor_value_info("x", dtype, shape), helper.make_tensor_value_info(last, out or dtype, [None] * len(shape))]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], initializer=list(weights))
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def weight(name: str, *shape: int) -> onnx.TensorProto:
    import numpy

    return numpy_helper.from_array(numpy.zeros(shape, "float32"), name)


def verdict(path: Path, target: str) -> Judgement:
    [judged] = judge(subjects([path]), [asked(target)])
    return judged.judgements[0]


@pytest.fixture
def conv(tmp_path: Path) -> Path:
    nodes = helper.make_node("Conv", ["x", "w"], ["c"]), helper.make_node("Relu", ["c"], ["y"])
    return write(tmp_path / "conv.onnx", *nodes, weights=[weight("w", 4, 3, 3, 3)])


@pytest.mark.parametrize(
    "target",
    [
        *("onnxruntime-cuda", "onnxruntime-web-wasm", "onnxruntime-web-webgl", "onnxruntime-web-webgpu", "onnxruntime-web-webnn"),
        *("onnxruntime-mobile-nnapi", "onnxruntime-mobile-coreml", "tensorrt", "opencv-dnn"),
    ],
)
def test_what_everything_takes(conv: Path, target: str):
    assert verdict(conv, target).reasons == ()


@pytest.mark.parametrize(
    ("operator", "target", "degraded"),
    [
        ("Hardmax", "onnxruntime-cuda==1.31", True),
        ("Softmax", "onnxruntime-cuda==1.31", False),
        ("Hardmax", "onnxruntime-web-webgpu==1.20", True),
        ("Softmax", "onnxruntime-web-webgpu==1.20", False),
        ("Cosh", "onnxruntime-web-webnn", True),
        ("Cos", "onnxruntime-web-webnn", False),
        ("Erf", "onnxruntime-mobile-nnapi", True),
        ("Relu", "onnxruntime-mobile-nnapi", False),
        ("Hardmax", "onnxruntime-mobile-coreml", True),
        ("Sigmoid", "onnxruntime-mobile-coreml", False),
        ("Erf", "onnxruntime-mobile-xnnpack", True),
        ("Softmax", "onnxruntime-mobile-xnnpack", False),
    ],
)
def test_what_a_provider_lacks_runs_on_the_cpu(tmp_path: Path, operator: str, target: str, degraded: bool):
    judged = verdict(write(tmp_path / "m.onnx", helper.make_node(operator, ["x"], ["y"])), target)
    assert str(judged.verdict) == ("degraded" if degraded else "ok")
    for reason in judged.reasons:
        assert (reason.rule, reason.operator) == ("DPL555", operator)
        assert "falls back to the CPU" in reason.message and reason.remedy and reason.source


def test_what_the_cpu_lacks_too_fails(tmp_path: Path):
    model = write(tmp_path / "m.onnx", helper.make_node("NoSuch", ["x"], ["y"], domain="com.microsoft"), domains=["com.microsoft"])
    for target in ("onnxruntime-cuda", "onnxruntime-web-webgpu", "onnxruntime-mobile-nnapi"):
        assert str(verdict(model, target).verdict) == "fails"


def test_what_only_the_provider_has_is_fine(tmp_path: Path):
    """BiasSplitGelu is registered by CUDA, not by the CPU."""
    node = helper.make_node("BiasSplitGelu", ["x", "b"], ["y"], domain="com.microsoft")
    model = write(tmp_path / "m.onnx", node, shape=(1, 4, 2560), weights=[weight("b", 2560)], domains=["com.microsoft"])
    assert str(verdict(model, "onnxruntime-cpu==1.31").verdict) == "fails"
    assert str(verdict(model, "onnxruntime-web-webgpu").verdict) == "ok"


def test_conditions_that_a_page_sets(tmp_path: Path):
    cubes = helper.make_node("Conv", ["x", "w"], ["y"])
    model = write(tmp_path / "cubes.onnx", cubes, shape=(1, 3, 8, 8, 8), weights=[weight("w", 4, 3, 3, 3, 3)])
    for target in ("onnxruntime-web-webgpu", "onnxruntime-web-webnn", "onnxruntime-mobile-nnapi", "onnxruntime-mobile-coreml"):
        [reason] = verdict(model, target).reasons
        assert reason.rule == "DPL555" and "rank" in reason.message
    assert verdict(model, "onnxruntime-cuda").reasons == ()


def test_what_is_folded_falls_back_nowhere(tmp_path: Path):
    shape = helper.make_node("Shape", ["x"], ["s"]), helper.make_node("ConstantOfShape", ["s"], ["z"])
    model = write(tmp_path / "m.onnx", *shape, helper.make_node("Add", ["x", "z"], ["y"]))
    assert verdict(model, "onnxruntime-web-webgpu").reasons == ()


def test_webgl_has_nothing_to_fall_back_to(tmp_path: Path):
    [reason] = verdict(write(tmp_path / "m.onnx", helper.make_node("Erf", ["x"], ["y"])), "onnxruntime-web-webgl").reasons
    assert (str(reason.verdict), reason.rule, reason.operator) == ("fails", "DPL551", "Erf")
    model = write(tmp_path / "half.onnx", helper.make_node("Relu", ["x"], ["y"]), dtype=TensorProto.FLOAT16)
    assert {r.rule for r in verdict(model, "onnxruntime-web-webgl").reasons} == {"DPL553"}
    assert str(verdict(model, "onnxruntime-web-wasm").verdict) == "ok"


def test_the_web_describes_inputs_and_outputs_since_1_22(tmp_path: Path):
    model = write(tmp_path / "m.onnx", helper.make_node("Cast", ["x"], ["y"], to=TensorProto.BFLOAT16), out=TensorProto.BFLOAT16)
    assert str(verdict(model, "onnxruntime-web-wasm==1.21").verdict) == "ok"
    assert str(verdict(model, "onnxruntime-web-wasm==1.22").verdict) == "fails"
    assert str(verdict(model, "onnxruntime-cpu==1.22").verdict) == "ok"


def test_tensorrt(tmp_path: Path):
    missing = write(tmp_path / "a.onnx", helper.make_node("Det", ["x"], ["y"]))
    [reason] = verdict(missing, "tensorrt==10.1").reasons
    assert (str(reason.verdict), reason.operator) == ("fails", "Det") and "parser" in reason.message
    other = write(tmp_path / "b.onnx", helper.make_node("Mine", ["x"], ["y"], domain="mine"), domains=["mine"])
    assert str(verdict(other, "tensorrt").verdict) == "unknown"  # a plugin may be called so
    mish = write(tmp_path / "c.onnx", helper.make_node("Mish", ["x"], ["y"]), opset=18)
    assert [str(verdict(mish, f"tensorrt=={release}").verdict) for release in ("8.6", "10.1")] == ["fails", "ok"]
    wide = write(tmp_path / "d.onnx", helper.make_node("Relu", ["x"], ["y"]), dtype=TensorProto.DOUBLE)
    assert str(verdict(wide, "tensorrt").verdict) == "degraded"


def test_opencv(tmp_path: Path):
    [reason] = verdict(write(tmp_path / "a.onnx", helper.make_node("Col2Im", ["x"], ["y"]), opset=18), "opencv-dnn==5.0").reasons
    assert (str(reason.verdict), reason.operator) == ("fails", "Col2Im")
    node = helper.make_node("Mine", ["x"], ["y"], domain="mine")
    assert str(verdict(write(tmp_path / "b.onnx", node, domains=["mine"]), "opencv-dnn").verdict) == "fails"


def test_pages_are_read():
    assert list(ranges("7-12, 13, 14+")) == [(7, 12), (13, 13), (14, None)]
    assert limits("Conv", "Only 2D Conv is supported.<br/>Weights and bias should be constant.") == [
        {"what": "rank", "of": 0, "in": [4], "text": "takes inputs of rank 4 only"},
        *({"what": "constant", "of": n, "text": f"wants its input {n} as a constant"} for n in (1, 2)),
    ]
    assert [limit["of"] for limit in limits("Slice", "starts/ends/axes/steps must be constant initializers.")] == [1, 2, 3, 4]
    assert limits("Gather", "Input indices should be constant if not int32 type.") == []
    assert limits("Tile", "`repeats` may be a constant initializer or a runtime tensor (MLProgram only). Input rank up to 5.") == []
    assert [limit["what"] for limit in restrictions("MaxPool", "2D or 3D pooling only. `dilations` must be empty or all ones")] == [
        "rank",
        "all-equal",
    ]


@pytest.mark.skipif(node_modules("onnxruntime-web") is None, reason="onnxruntime-web is in no node_modules")
@pytest.mark.parametrize("target", ["onnxruntime-web-wasm", "onnxruntime-web-webgl"])
def test_the_web_agrees(conv: Path, tmp_path: Path, target: str):
    model = write(tmp_path / "m.onnx", helper.make_node("NoSuch", ["x"], ["y"], domain="com.microsoft"), domains=["com.microsoft"])
    with Asking() as asking:
        assert asking.ask(conv, target).works is True
        assert asking.ask(model, target).works is False


def test_a_missing_npm_package_is_said(conv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(os.environ, verify.NODE_MODULES, str(tmp_path))
    with Asking() as asking:
        answer = asking.ask(conv, "onnxruntime-web-wasm")
    assert answer.works is None and "npm install onnxruntime-web" in answer.error
