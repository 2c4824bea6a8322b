"""Targets of PyTorch's files: the ONNX exporters and coremltools. Hand-made graphs, and what the real converters say of real files."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from deplint.model import Graph, Model, Op, Tensor
from deplint.targets import asked
from deplint.targets.coreml import looked_up
from deplint.targets.subject import Subject


def program(op: str, overload: str = "", dtype: str = "float32", domain: str = "aten", schema: int = 8, **attributes: object) -> Subject:
    made = Op(op, "n", domain, ["x"], ["y"], {**attributes, **({"overload": overload} if overload else {})})
    tensors = {name: Tensor(name, dtype, (2, 3)) for name in "xy"}
    model = Model("m.pt2", "torch-export", ir_version=schema, graphs=[Graph("main", [made], tensors, ["x"], ["y"])])
    return Subject(Path("m.pt2"), "m.pt2", model.format, model)


def script(*ops: Op, missing: str = "", version: int = 3, shape: tuple[int, ...] = (2, 3)) -> Subject:
    model = Model("m.pt", "torchscript", ir_version=version, metadata={"missing": missing} if missing else {})
    model.graphs = [Graph("M.forward", list(ops), {"x": Tensor("x", "float32", shape)}, ["x"])]
    return Subject(Path("m.pt"), "m.pt", model.format, model)


def said(target: str, subject: Subject) -> tuple[str, str]:
    judgement = asked(target).judge(subject)
    return str(judgement.verdict), judgement.reasons[0].cause if judgement.reasons else ""


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (program("relu"), ("ok", "")),
        (program("add", "Tensor"), ("ok", "")),
        (program("linear"), ("ok", "")),
        (program("lu_unpack"), ("fails", "operator")),
        (program("gcd"), ("fails", "operator")),
        (program("isinf", dtype="complex64"), ("fails", "dtype")),
        (program("amax"), ("fails", "limit")),
        (program("amax", dim=[1]), ("ok", "")),
        (program("relu_of_tomorrow"), ("fails", "operator")),
        (program("mine", domain="mylib"), ("fails", "operator")),
        (program("getitem", domain="_operator"), ("ok", "")),
        (program("relu", schema=99), ("fails", "version")),
        (script(Op("relu", "", "aten")), ("fails", "file")),
    ],
)
def test_the_newer_exporter(subject, expected):
    assert said("torch-onnx-dynamo", subject) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (script(Op("relu", "", "aten"), Op("add_", "", "aten")), ("ok", "")),
        (script(Op("asinh", "", "aten")), ("fails", "operator")),
        (script(Op("asinh", "", "aten", attributes={"_branch": True})), ("ok", "")),
        (script(Op("scatter_reduce", "", "aten", attributes={"arguments": 'x, 0, i, s, "sum", include_self=False'})), ("fails", "limit")),
        (script(Op("relu", "", "aten"), missing="constants.pkl"), ("fails", "file")),
        (script(Op("relu", "", "aten"), version=99), ("fails", "version")),
        (program("gcd"), ("fails", "operator")),  # which goes to the newer one
    ],
)
def test_the_older_exporter(subject, expected):
    assert said("torch-onnx-legacy", subject) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (program("relu"), ("ok", "")),
        (program("relu", dtype="bfloat16"), ("fails", "dtype")),
        (program("relu", dtype="float16"), ("fails", "dtype")),
        (program("lerp", "Scalar"), ("fails", "operator")),
        (program("smooth_l1_loss"), ("fails", "operator")),
        (program("floor", dtype="int64"), ("fails", "dtype")),
        (program("diagonal", offset=1), ("fails", "limit")),
        (script(Op("relu", "", "aten"), Op("chunk", "", "aten")), ("ok", "")),
        (script(Op("rot90", "", "aten")), ("fails", "operator")),
        (script(Op("relu", "", "aten"), shape=()), ("fails", "limit")),
    ],
)
def test_coremltools(subject, expected):
    assert said("coreml-mlprogram", subject) == expected


def test_names_that_coremltools_looks_up():
    """The cases its own documentation of the function gives."""
    names = {"div.Tensor": "div", "__add__": "add", "aten::softmax": "softmax", "aten.pow": "pow", "bmm.default": "bmm", "sub_": "sub"}
    assert {name: looked_up(name) for name in names} == names


@pytest.mark.torch
def test_verdicts_agree_with_the_exporters(tmp_path):
    """Precision is 1.000 on other seeds; here a handful that is quick."""
    pytest.importorskip("torch")
    pytest.importorskip("expecttest")
    from deplint.targets.matrix import subjects
    from deplint.targets.verdict import Verdict
    from deplint.verify import Asking
    from tools.agreement.build_torch import functions, save, single

    rng, made = random.Random(7), []
    for op in rng.sample(functions(), 24):
        case = single(op, rng)
        if case is not None:
            made += save(tmp_path, f"{len(made)}_{case[0]}", *case[1:], rng)
    with Asking() as asking:
        for path in made:
            target = "torch-onnx-dynamo" if path.suffix == ".pt2" else "torch-onnx-legacy"
            (subject,) = subjects([path])
            if asked(target).judge(subject).verdict is Verdict.fails:
                assert asking.ask(path, target).works is False, path.name
