"""Targets of PyTorch's files: the ONNX exporters, coremltools, litert-torch, ExecuTorch. Hand-made graphs, and what the real ones say of
real files."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from deplint.model import Graph, Model, Op, Stored, Tensor
from deplint.targets import asked
from deplint.targets.coreml import looked_up
from deplint.targets.matrix import subjects
from deplint.targets.subject import Subject


def program(op: str, overload: str = "", dtype: str = "float32", domain: str = "aten", schema: int = 8, **attributes: object) -> Subject:
    made = Op(op, "n", domain, ["x"], ["y"], {**attributes, **({"overload": overload} if overload else {})})
    tensors = {name: Tensor(name, dtype, (2, 3)) for name in "xy"}
    model = Model("m.pt2", "torch-export", ir_version=schema, graphs=[Graph("main", [made], tensors, ["x"], ["y"])])
    return Subject(Path("m.pt2"), "m.pt2", model.format, model)


def script(*ops: Op, missing: str = "", version: int = 3, shape: tuple[int, ...] = (2, 3), dtype: str = "float32") -> Subject:
    model = Model("m.pt", "torchscript", ir_version=version, metadata={"missing": missing} if missing else {})
    model.graphs = [Graph("M.forward", list(ops), {"x": Tensor("x", dtype, shape)}, ["x"])]
    return Subject(Path("m.pt"), "m.pt", model.format, model)


def called(op: str, arguments: str) -> Subject:
    return script(Op(op, "", "aten", attributes={"arguments": arguments}))


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
        (program("adaptive_max_pool2d", output_size=[2, 2]), ("fails", "limit")),
        (program("adaptive_max_pool2d", output_size=[1, 3]), ("ok", "")),
        (program("adaptive_avg_pool3d", output_size=[1, 2, 3]), ("fails", "limit")),
        (program("adaptive_avg_pool3d", output_size=[1, 1, 1]), ("ok", "")),
        (program("fake_quantize_per_tensor_affine"), ("fails", "operator")),
        (program("wrap_with_set_grad_enabled", domain="higher_order"), ("ok", "")),
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
        (called("scatter_reduce", 'x, 0, i, s, "mean"'), ("fails", "limit")),
        (called("multinomial", "x, 2"), ("fails", "limit")),
        (called("multinomial", "x, 2, True"), ("ok", "")),
        (called("multinomial", "x, 1"), ("ok", "")),
        (called("lstm", "x, [h, c], [a, b, d, e, f], True, 1, 0., False, False, True"), ("fails", "limit")),
        (called("lstm", "x, [h, c], [a, b, d, e], True, 1, 0., False, False, True"), ("ok", "")),
        (called("stft", "x, 16, 4, 16, w, False, True, True"), ("fails", "limit")),
        (called("copy_", "y, x"), ("ok", "")),
        (called("logspace", '0, 1, 6, None, None, torch.device("cpu"), False'), ("ok", "")),  # run once, and kept
        (called("logspace", "x, 1, 6"), ("fails", "operator")),
        (script(Op("relu", "", "aten"), dtype="uint32"), ("fails", "dtype")),
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
        (program("cond", domain="higher_order"), ("fails", "operator")),
        (program("max_pool2d", kernel_size=[2, 2], stride=[2, 2], dilation=[2, 2]), ("fails", "limit")),
        (program("max_pool2d", kernel_size=[2, 2], stride=[2, 2], dilation=[1, 1]), ("ok", "")),
        (program("max_pool2d", kernel_size=[2, 2]), ("fails", "limit")),  # without the stride
        (program("pad", pad=[1, 1], mode="circular"), ("fails", "limit")),
        (program("softshrink"), ("ok", "")),  # written out by torch.export in Python
        (program("multinomial", num_samples=1), ("fails", "limit")),
        (called("to", "x, 15"), ("fails", "limit")),
        (called("to", "torch.select(x, 0, 15), 6"), ("ok", "")),
        (called("pad", 'x, [1, 1], "circular"'), ("fails", "limit")),
        (called("max_pool2d", "x, [2, 2], [2, 2], [0, 0], [2, 2]"), ("fails", "limit")),
        (called("max_pool2d", "x, [2, 2], [2, 2], [0, 0], [1, 1]"), ("ok", "")),
        (called("_convolution", "x, w, b, [2], [0], [1], True, [1], 1, False"), ("fails", "limit")),
        (called("_convolution", "x, w, b, [2], [1], [1], True, [1], 1, False"), ("ok", "")),
        (script(Op("NumToTensor", "", "prim"), Op("view", "", "aten", attributes={"arguments": "x, [int(_2), -1]"})), ("fails", "limit")),
        (
            script(
                Op("NumToTensor", "", "prim"),
                Op("view", "", "aten", attributes={"arguments": "x, [_1, _2, -1, 8]"}),
                Op("reshape", "", "aten", attributes={"arguments": "y, [_3, -1, _4, int(_5)]"}),
            ),
            ("ok", ""),  # what is of computed sizes has none that coremltools makes a number of
        ),
        (called("zero_", "torch.select(x, 0, 0)"), ("ok", "")),  # nobody knows whether its result is used
        (called("index_add_", "x, 0, i, y"), ("fails", "operator")),
    ],
)
def test_coremltools(subject, expected):
    assert said("coreml-mlprogram", subject) == expected


def test_neural_networks_lack_what_ml_programs_have():
    """``resample`` came with iOS 15, after the neural network format (mil/ops/defs/iOS15/image_resizing.py, backend/nn/op_mapping.py)."""
    for subject in (called("grid_sampler", "x, g, 0, 0, True"), script(Op("grid_sampler", "", "aten"))):
        assert said("coreml-neuralnetwork", subject) == ("fails", "operator")
        assert said("coreml-mlprogram", subject) == ("ok", "")
    assert said("coreml-neuralnetwork", program("relu")) == ("ok", "")
    assert said("coreml-neuralnetwork", program("lerp", "Scalar")) == ("fails", "operator")


@pytest.mark.parametrize(("op", "needed"), [("pixel_unshuffle", "iOS16"), ("quantize_per_tensor", "iOS17")])
def test_what_came_after_the_system_that_coremltools_aims_at(op, needed):
    """Asked of coremltools 9.0: "No available version for quantize in the coremltools.target.iOS15 opset"."""
    for subject in (program(op), script(Op(op, "", "aten"))):
        reason = asked("coreml-mlprogram").judge(subject).reasons[0]
        assert (reason.cause, needed in reason.message, needed in reason.remedy) == ("operator", True, True)
        assert "neural networks" in asked("coreml-neuralnetwork").judge(subject).reasons[0].message


@pytest.mark.parametrize(
    ("equation", "rank", "expected"), [("...ij,...kj->...ik", 4, "fails"), ("...ij,...kj->...ik", 5, "ok"), ("bij,bkj->bik", 3, "ok")]
)
def test_dots_of_equations(equation, rank, expected):
    """Asked of coremltools 9.0: "perm should have the same length as rank(x): 5 != 4"."""
    subject = program("einsum", equation=equation)
    assert subject.model is not None
    graph = subject.model.graph
    graph.tensors["x"] = Tensor("x", "float32", (1,) * rank)
    graph.ops[0].inputs[:] = ["x", "x"]
    assert said("coreml-mlprogram", subject)[0] == expected


def test_bicubic_grids():
    assert said("coreml-mlprogram", called("grid_sampler", "x, g, 2, 0, True")) == ("fails", "limit")
    assert said("coreml-mlprogram", called("grid_sampler", "x, g, 1, 2, True")) == ("ok", "")
    assert said("coreml-mlprogram", program("grid_sampler", interpolation_mode=2)) == ("fails", "limit")


def test_indices_that_floor_divide_makes():
    """coremltools makes floating-point numbers of them, which gather does not take."""
    ops = [
        Op("floor_divide", "a", "aten", ["x"], ["i"]),
        Op("unsqueeze", "b", "aten", ["i"], ["j"]),
        Op("gather", "c", "aten", ["x", "j"], ["y"], {"dim": 0}),
    ]
    model = Model("m.pt2", "torch-export", ir_version=8, graphs=[Graph("main", ops, {"x": Tensor("x", "float32", (2, 3))}, ["x"], ["y"])])
    assert said("coreml-mlprogram", Subject(Path("m.pt2"), "m.pt2", model.format, model)) == ("fails", "limit")


@pytest.mark.parametrize(("maker", "expected"), [("affine_grid_generator", ("fails", "limit")), ("tanh", ("ok", ""))])
def test_numbers_that_are_looked_up_as_tensors(maker, expected):
    """coremltools' grid_sampler takes the numbers of a program for tensors where affine_grid_generator makes its grid."""
    ops = [Op(maker, "a", "aten", ["t"], ["g"]), Op("grid_sampler", "b", "aten", ["x", "g"], ["y"], dict.fromkeys("ipa", 0))]
    tensors = {"x": Tensor("x", "float32", (1, 3, 8, 8))}
    model = Model("m.pt2", "torch-export", ir_version=8, graphs=[Graph("main", ops, tensors, ["x", "t"], ["y"])])
    assert said("coreml-mlprogram", Subject(Path("m.pt2"), "m.pt2", model.format, model)) == expected


@pytest.mark.parametrize(("dtype", "expected"), [("bfloat16", ("fails", "dtype")), ("complex64", ("fails", "dtype")), ("int8", ("ok", ""))])
def test_dtypes_that_coremltools_has_no_number_for(dtype, expected):
    subject = program("to", "dtype")
    assert subject.model is not None
    subject.model.graph.ops[0].attributes["dtype"] = dtype
    assert said("coreml-mlprogram", subject) == expected


def test_exported_programs_that_coremltools_does_not_begin_with():
    """It hands their tensors to NumPy, used or not, and looks their results up as tensors."""
    subject = program("relu")
    assert subject.model is not None
    subject.model.metadata["returns"] = "int"
    assert said("coreml-mlprogram", subject) == ("fails", "limit")
    for dtype, expected in (("bfloat16", ("fails", "dtype")), ("complex64", ("ok", ""))):
        subject = program("relu")
        assert subject.model is not None
        subject.model.graph.tensors["w"] = Tensor("w", dtype, (1,), stored=Stored("m.pt2", 0, 8))
        assert said("coreml-mlprogram", subject) == expected


@pytest.mark.parametrize("target", ["torch-onnx-dynamo", "torch-onnx-legacy", "coreml-mlprogram"])
def test_files_without_a_program(target):
    weights = Model("m.pt", "torch", metadata={"kind": "state_dict"})
    assert said(target, Subject(Path("m.pt"), "m.pt", "torch", weights)) == ("fails", "file")
    assert said(target, Subject(Path("m.pt2"), "m.pt2", "torch-export", None, "a is damaged (Bad CRC-32 for file 'a')")) == (
        "unknown",
        "file",
    )
    assert said(target, Subject(Path("m.pt2"), "m.pt2", "torch-export", None, "it was cut short")) == ("fails", "file")


@pytest.mark.torch
@pytest.mark.parametrize(
    ("layer", "dtype", "expected"),
    [
        ("Conv2d", "float16", ("fails", "dtype")),
        ("LayerNorm", "float16", ("fails", "dtype")),
        ("Linear", "float16", ("ok", "")),
        ("Linear", "bfloat16", ("fails", "dtype")),
        ("Linear", "float32", ("ok", "")),
    ],
)
def test_parameters_in_halves_of_traced_modules(tmp_path, layer, dtype, expected):
    """Inputs are declared as float32, as a module of coremltools' default target must have them: its translations of convolutions and of
    normalization then get two dtypes."""
    torch = pytest.importorskip("torch")
    ct = pytest.importorskip("coremltools")
    sizes = {"Conv2d": (3, 4, 3), "LayerNorm": (8,), "Linear": (8, 4)}[layer]
    module, x = getattr(torch.nn, layer)(*sizes).eval().to(getattr(torch, dtype)), torch.rand(1, 3, 8, 8).to(getattr(torch, dtype))
    traced = torch.jit.trace(module, (x,), check_trace=False)
    traced.save(str(tmp_path / "m.pt"))
    (subject,) = subjects([tmp_path / "m.pt"])
    assert said("coreml-mlprogram", subject) == expected
    try:
        ct.convert(traced, inputs=[ct.TensorType(shape=x.shape)], skip_model_load=True)
    except (ValueError, TypeError):
        assert expected[0] == "fails"
    else:
        assert expected[0] == "ok"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"aten.relu.default", b"aten.rolu.default", "fails"),
        (b'"graph_module": {', b'"graph_module": [', "fails"),
        (b"2.13.0+cpu", b"2.12.0+cpu", "unknown"),
    ],
)
def test_changed_archives_are_read_as_pytorch_reads_them(tmp_path, old, new, expected):
    """PyTorch compares no checksums: what the bytes say now decides, and where that is well, nobody knows what else it reads."""
    path = tmp_path / "m.pt2"
    content = Path(__file__).with_name("data").joinpath("models/torch/exported.pt2").read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, new))
    (subject,) = subjects([path])
    assert "Bad CRC-32" in subject.trouble or subject.model is None
    for target in ("coreml-mlprogram", "torch-onnx-dynamo", "litert-torch"):
        assert said(target, subject)[0] == expected, target


@pytest.mark.parametrize(("format", "signatures", "expected"), [("keras", 1, "fails"), ("savedmodel", 1, "ok"), ("savedmodel", 2, "fails")])
def test_files_of_tensorflow_that_coremltools_takes(format, signatures, expected):
    from deplint.model import Signature

    model = Model("m", format, graphs=[Graph("main")], signatures={str(n): Signature(str(n)) for n in range(signatures)})
    assert said("coreml-mlprogram", Subject(Path("m"), "m", format, model))[0] == expected


def test_names_that_coremltools_looks_up():
    """The cases its own documentation of the function gives."""
    names = {"div.Tensor": "div", "__add__": "add", "aten::softmax": "softmax", "aten.pow": "pow", "bmm.default": "bmm", "sub_": "sub"}
    assert {name: looked_up(name) for name in names} == names


def transposed(kernel: tuple[int, ...], **attributes: object) -> Subject:
    """A transposed convolution of two dimensions, or of as many as its kernel has."""
    overload = "default" if len(kernel) == 1 else "input"
    made = Op(f"conv_transpose{len(kernel)}d", "n", "aten", ["x", "w"], ["y"], {**attributes, "overload": overload})
    tensors = {"x": Tensor("x", "float32", (1, 4, *[8] * len(kernel))), "w": Tensor("w", "float32", (4, 4, *kernel))}
    model = Model("m.pt2", "torch-export", ir_version=8, graphs=[Graph("main", [made], tensors, ["x"], ["y"])])
    return Subject(Path("m.pt2"), "m.pt2", model.format, model)


def chosen(*outputs: str, dtype: str = "float32") -> Subject:
    """The largest numbers and their indices, of which the named ones are results of the model."""
    made = Op("topk", "n", "aten", ["x"], ["values", "indices"], {"k": 2})
    model = Model("m.pt2", "torch-export", ir_version=8)
    model.graphs = [Graph("main", [made], {"x": Tensor("x", dtype, (9,))}, ["x"], list(outputs))]
    return Subject(Path("m.pt2"), "m.pt2", model.format, model)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (program("relu"), ("ok", "")),
        (program("linear"), ("ok", "")),
        (program("lgamma"), ("fails", "operator")),
        (program("relu_of_tomorrow"), ("fails", "operator")),
        (program("mine", domain="mylib"), ("fails", "operator")),
        (program("getitem", domain="_operator"), ("ok", "")),
        (program("cond", domain="higher_order"), ("fails", "operator")),
        (program("wrap_with_set_grad_enabled", domain="higher_order"), ("ok", "")),
        (program("relu", dtype="uint32"), ("fails", "dtype")),
        (program("relu", schema=99), ("fails", "version")),
        (program("sort"), ("fails", "operator")),
        (chosen("values", "indices"), ("ok", "")),
        (chosen("values"), ("fails", "limit")),
        (chosen("values", "indices", dtype="int64"), ("fails", "limit")),
        (program("index_put", accumulate=True), ("fails", "limit")),
        (program("index_put", accumulate=False), ("ok", "")),
        (program("index_put_", accumulate=True), ("fails", "limit")),
        (program("index_add_"), ("fails", "operator")),
        (program("detach_"), ("fails", "limit")),  # of six numbers
        (program("div", "Tensor_mode", rounding_mode="floor"), ("fails", "limit")),
        (program("div", "Tensor_mode", rounding_mode="trunc"), ("ok", "")),
        (program("div", "Tensor_mode", dtype="int32", rounding_mode="floor"), ("ok", "")),
        (program("softmax", "int", dim=-1, dtype="float32"), ("ok", "")),
        (transposed((3, 3), stride=[2, 2]), ("ok", "")),
        (transposed((3, 3), stride=[2, 2], padding=[1, 1]), ("fails", "limit")),
        (transposed((3, 3), stride=[2, 2], padding=[1, 1], output_padding=[1, 1]), ("fails", "limit")),
        (transposed((4, 4), stride=[2, 2], padding=[1, 1]), ("ok", "")),
        (transposed((4, 3), stride=[2, 2], padding=[1, 0]), ("fails", "limit")),
        (transposed((4, 3), stride=[2, 1], padding=[1, 1]), ("ok", "")),
        (transposed((3, 3), padding=[2, 2]), ("ok", "")),
        (transposed((3, 3), dilation=[2, 2]), ("ok", "")),
        (transposed((3, 3), stride=[2, 2], dilation=[2, 2]), ("fails", "limit")),
        (transposed((5,), stride=[2], padding=[2], output_padding=[1]), ("fails", "limit")),
        (transposed((3,), stride=[2], padding=[1]), ("ok", "")),
        (transposed((3, 3, 3), stride=[2, 2, 2]), ("fails", "limit")),
        (program("dropout", p=0.5, train=True), ("fails", "limit")),
        (program("dropout", p=0.5, train=False), ("ok", "")),
        (program("unfold", dimension=1, size=2, step=1), ("ok", "")),  # a view, which becomes a copy
        (program("fft_rfft"), ("fails", "limit")),  # of three numbers
        (program("fft_rfft", n=4), ("ok", "")),
        (program("fft_rfft", n=4, norm="ortho"), ("fails", "limit")),
        (program("fft_rfft", n=4, dim=0), ("fails", "limit")),
    ],
)
def test_litert_torch(subject, expected):
    """Each was asked of litert-torch 0.10.0, with PyTorch 2.13."""
    assert said("litert-torch", subject) == expected


def test_litert_torch_takes_no_results_but_tensors():
    subject = program("relu")
    assert subject.model is not None
    subject.model.metadata["returns"] = "none"
    assert said("litert-torch", subject) == ("fails", "limit")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (program("relu"), ("ok", "")),
        (program("linear"), ("ok", "")),
        (program("lgamma"), ("fails", "operator")),  # not in Core ATen
        (program("sort"), ("fails", "operator")),  # no kernel
        (program("avg_pool3d"), ("fails", "operator")),
        (program("mine", domain="mylib"), ("fails", "operator")),
        (program("getitem", domain="_operator"), ("ok", "")),
        (program("cumsum", dim=0), ("degraded", "fallback")),
        (program("batch_norm", training=True), ("fails", "limit")),  # what updates its statistics
        (program("batch_norm", training=True, running_mean=None), ("ok", "")),
        (program("batch_norm", training=False), ("ok", "")),
        (program("conv3d"), ("fails", "operator")),
        (program("lift_fresh_copy"), ("ok", "")),
        (program("while_loop", domain="higher_order"), ("fails", "operator")),
        (program("cond", domain="higher_order"), ("ok", "")),
        (program("relu", schema=99), ("fails", "version")),
    ],
)
def test_executorch(subject, expected):
    assert said("executorch-xnnpack", subject) == expected


def test_executorch_keeps_for_xnnpack_what_it_does_not_take_from_branches():
    inner = program("linear").model
    assert inner is not None
    made = Op("cond", "n", "higher_order", ["x"], ["y"], graphs={"true_graph": inner.graph})
    model = Model("m.pt2", "torch-export", ir_version=8, graphs=[Graph("main", [made], {}, ["x"], ["y"])])
    assert said("executorch-xnnpack", Subject(Path("m.pt2"), "m.pt2", model.format, model)) == ("fails", "limit")


@pytest.mark.torch
@pytest.mark.parametrize(("target", "package"), [("litert-torch", "litert_torch"), ("executorch-xnnpack", "executorch.runtime")])
def test_verdicts_agree_with_what_lowers(tmp_path, target, package):
    """Models that deplint says fail, with one that works among them."""
    pytest.importorskip("torch")
    pytest.importorskip(package)
    import torch

    from deplint.targets.matrix import subjects
    from deplint.verify import Asking

    cases = {
        "relu": (torch.relu, True),
        "lgamma": (torch.lgamma, False),
        "sort": (lambda x: torch.sort(x).values, False),
        "topk": (lambda x: torch.topk(x, 2).values, None),
        "transposed": (torch.nn.ConvTranspose2d(3, 3, 3, 2, 1), None),
        "none": (lambda x: (torch.relu(x), None), None),
    }

    class Applied(torch.nn.Module):
        def __init__(self, function):
            super().__init__()
            self.function = function

        def forward(self, x):
            return self.function(x)

    with Asking() as asking:
        for name, (function, works) in cases.items():
            path = tmp_path / f"{name}.pt2"
            torch.export.save(torch.export.export(Applied(function).eval(), (torch.rand(1, 3, 4, 4),)), path)
            (subject,) = subjects([path])
            answer = asking.ask(path, target)
            assert works in (None, answer.works), (name, answer.error)
            assert (said(target, subject)[0] != "fails") == answer.works, (name, answer.error)


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
