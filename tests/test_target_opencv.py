"""OpenCV's dnn module: what readNetFromONNX refuses, as the newest release does where it is installed."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from deplint.targets import asked
from deplint.targets.matrix import subjects
from deplint.targets.verdict import Verdict

N = helper.make_node
RELEASE = "5.0.0.93"


def value(name: str, shape: object = (2, 3)) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def model(nodes, inputs=(), outputs=(), weights=(), functions=()) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "g", list(inputs) or [value("x")], list(outputs) or [value("y")], list(weights))
    opsets = [helper.make_opsetid("", 17), *(helper.make_opsetid(function.domain, 1) for function in functions)]
    return helper.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=8)


TWICE = helper.make_function("f", "Twice", ["a"], ["b"], [N("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 17)])
SEQUENCE = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, (2, 3))
HALF_BYTES = onnx.TensorProto(name="w", data_type=TensorProto.INT4, dims=[4], raw_data=bytes(2))

FAILS = {
    "input without shape": (model([N("Relu", ["x"], ["y"])], [value("x", None)]), "no shape of the input 'x'"),
    "output without shape": (model([N("Relu", ["x"], ["y"])], [], [value("y", None)]), "no shape of the output 'y'"),
    "sequence": (model([N("Relu", ["x"], ["y"])], [value("x"), SEQUENCE]), "'s' is a sequence"),
    "nothing gives it": (model([N("Relu", ["z"], ["y"])]), "reads 'z'"),
    "not in order": (model([N("Relu", ["h"], ["y"]), N("Neg", ["x"], ["h"])]), "reads 'h'"),
    "function": (model([N("Twice", ["x"], ["y"], domain="f")], functions=[TWICE]), "f.Twice is one"),
    "weight of four bits": (
        model([N("Cast", ["w"], ["c"], to=1), N("Add", ["x", "c"], ["y"])], [value("x", (4,))], [value("y", (4,))], [HALF_BYTES]),
        "no weights of int4",
    ),
}

WORKS = {
    "plain": model([N("Relu", ["x"], ["y"])]),
    "sizes by name": model([N("Relu", ["x"], ["y"])], [value("x", ("n", 3))], [value("y", ("n", 3))]),
    "scalars have a shape": model([N("Relu", ["x"], ["y"])], [value("x", ())], [value("y", ())]),
}


def judged(folder: Path, made: onnx.ModelProto, release: str = RELEASE):
    path = folder / "m.onnx"
    path.write_bytes(made.SerializeToString())
    (subject,) = subjects([path])
    return asked(f"opencv-dnn=={release}").judge(subject)


@pytest.mark.parametrize("name", FAILS)
def test_what_it_refuses(name: str, tmp_path: Path):
    made, words = FAILS[name]
    judgement = judged(tmp_path, made)
    assert judgement.verdict is Verdict.fails
    assert any(words in reason.message for reason in judgement.reasons), judgement.reasons


@pytest.mark.parametrize("name", WORKS)
def test_what_it_reads(name: str, tmp_path: Path):
    judgement = judged(tmp_path, WORKS[name])
    assert judgement.verdict is Verdict.ok, judgement.reasons


def test_the_runtime_agrees(tmp_path: Path):
    cv2 = pytest.importorskip("cv2")
    if not cv2.__version__.startswith("5."):
        pytest.skip("another release")
    from deplint.verify import Asking

    path = tmp_path / "m.onnx"
    with Asking() as asking:
        for works, models in ((False, {name: made for name, (made, _) in FAILS.items()}), (True, WORKS)):
            for name, made in models.items():
                path.write_bytes(made.SerializeToString())
                assert asking.ask(path, "opencv-dnn").works is works, name
