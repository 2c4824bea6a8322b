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


def number(name: str, value: float, dtype: int = TensorProto.FLOAT, shape: tuple[int, ...] = ()) -> onnx.TensorProto:
    count = 1
    for size in shape:
        count *= size
    return helper.make_tensor(name, dtype, shape, [value] * count)


def gelu(*last: tuple[str, str]) -> onnx.ModelProto:
    """``erf`` of half the input, and the products that make a Gelu of it, by the names of their factors."""
    first = [N("Div", ["x", "r"], ["d"]), N("Erf", ["d"], ["e"]), N("Add", ["e", "o"], ["a"])]
    products = [N("Mul", factors, [out]) for factors, out in zip(last, "my", strict=True)]
    return model([*first, *products], weights=[number("r", 2**0.5), number("o", 1), number("h", 0.5)])


def chosen(**condition) -> onnx.ModelProto:
    branches = [helper.make_graph([N("Relu", ["x"], ["y"])], name, [], [value("y")]) for name in ("then", "else")]
    return model([N("If", ["c"], ["y"], then_branch=branches[0], else_branch=branches[1])], **condition)


def convolved(image: str) -> onnx.ModelProto:
    values = [value(name, (1, 3, 2, 2)) for name in "xy"]
    nodes = [N("Conv", [image, "w"], ["f"]), N("Add", ["x", "f"], ["y"])]
    weights = [number("k", 1, shape=(1, 3, 2, 2)), number("w", 1, shape=(3, 3, 1, 1))]
    return model(nodes, values[:1], values[1:], weights)


def dequantized(dtype: int) -> onnx.ModelProto:
    nodes = [N("DequantizeLinear", ["q", "s", "z"], ["d"]), N("Add", ["x", "d"], ["y"])]
    made = model(nodes, weights=[number("q", 1, dtype, (3,)), number("s", 0.5), number("z", 0, dtype)])
    made.opset_import[0].version = 21
    return made


FAILS = {
    "no operator of ONNX": (model([N("Foo", ["x"], ["y"])]), "no layer for Foo"),
    "not in any importer": (model([N("MatMulNBits", ["x", "x"], ["y"], domain="com.microsoft")]), "no layer for com.microsoft.MatMulNBits"),
    "no layer of that name": (model([N("ReduceSum", ["x"], ["y"], domain="my")]), "no layer for my.ReduceSum"),
    "few inputs": (model([N("Gather", ["x"], ["y"])]), "OpenCV wants 2"),
    "given again": (
        model([N("Relu", ["x"], ["h"]), N("Neg", ["h"], ["y"]), N("Relu", ["x"], ["h"])]),
        "'h', which was given and read before",
    ),
    "halved before": (gelu(("h", "a"), ("x", "m")), "a Gelu that halves"),
    "constant condition": (chosen(weights=[number("c", 1, TensorProto.BOOL)]), "the condition of If is constant"),
    "stored image": (convolved("k"), "computed of weights only"),
    "weight of 16 bits": (dequantized(TensorProto.UINT16), "dequantizes no weights of uint16"),
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
    "layer of any domain": model([N("Atanh", ["x"], ["y"], domain="my")]),
    "halved at the end": gelu(("x", "a"), ("m", "h")),
    "condition that is given": chosen(inputs=[value("x"), helper.make_tensor_value_info("c", TensorProto.BOOL, ())]),
    "image that is given": convolved("x"),
    "weight of 8 bits": dequantized(TensorProto.INT8),
    "one input more": model([N("Neg", ["x", "x"], ["y"])]),
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
