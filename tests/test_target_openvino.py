"""OpenVINO: what its frontends and its CPU plugin refuse, as its releases themselves do where they are installed."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from deplint.targets import asked
from deplint.targets.matrix import subjects
from deplint.targets.verdict import Verdict

F, I64 = TensorProto.FLOAT, TensorProto.INT64


def value(name: str, dtype: int = F, shape: object = (2, 3)) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, shape)


def model(nodes, inputs, outputs, weights=(), opset=17, ir=8, functions=(), domains=()) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(weights))
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    made = helper.make_model(graph, opset_imports=opsets, functions=list(functions))
    made.ir_version = ir
    return made


def weight(name: str, *numbers: int) -> onnx.TensorProto:
    return helper.make_tensor(name, I64, [len(numbers)], numbers)


N = helper.make_node
X, Y = [value("x")], [value("y")]
SCALAR = helper.make_tensor("i", I64, [], [0])
CALLED = helper.make_function("f", "Twice", ["a"], ["b"], [N("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 17)])
SCAN = helper.make_graph([N("Add", ["s", "x0"], ["t"]), N("Identity", ["t"], ["u"])], "b", [value("s", shape=[3]), value("v", shape=[3])],
                         [value("t", shape=[3]), value("u", shape=[3])])  # fmt: skip
SCAN.node[0].input[1] = "outer"

FAILS = {
    "no translator": (model([N("Det", ["x"], ["y"])], X, Y), "operator", "No conversion rule found for operations: Det"),
    "no translator of that domain": (model([N("Relu", ["x"], ["y"], domain="my")], X, Y, domains=["my"]), "operator", "my.Relu"),
    "function": (model([N("Twice", ["x"], ["y"], domain="f")], X, Y, functions=[CALLED], domains=["f"]), "operator", "f.Twice"),
    "opset 0": (model([N("Relu", ["x"], ["y"])], X, Y, opset=0), "version", "Unsupported operator version"),
    "element type": (
        model([N("Identity", ["x"], ["y"])], [value("x", TensorProto.COMPLEX64)], [value("y", TensorProto.COMPLEX64)]),
        "dtype",
        "no element type complex64",
    ),
    "undefined": (model([N("Relu", ["h"], ["y"])], X, Y), "file", "nothing gives the tensor 'h'"),
    "output that nothing gives": (model([N("Relu", ["x"], ["y"])], X, [*Y, value("z")]), "file", "nothing gives the output 'z'"),
    "input twice": (model([N("Relu", ["x"], ["y"])], [*X, *X], Y), "file", "already exists"),
    "mode": (
        model(
            [N("Resize", ["x", "", "s"], ["y"], coordinate_transformation_mode="half_pixel_symmetric")],
            [value("x", F, [1, 1, 2, 2])],
            [value("y", F, [1, 1, 4, 4])],
            [helper.make_tensor("s", F, [4], [1, 1, 2, 2])],
            opset=19,
            ir=9,
        ),
        "limit",
        "half_pixel",
    ),
    "rank": (
        model([N("Unsqueeze", ["x", "a"], ["y"])], [*X, value("a", I64, [1])], [value("y", F, [1, 2, 3])]),
        "limit",
        "wants axes as a weight",
    ),
    "length of a shape": (
        model([N("Reshape", ["x", "a"], ["y"])], [*X, value("a", I64, ["n"])], [value("y", F, None)]),
        "limit",
        "dynamic rank",
    ),
    "fmod": (model([N("Mod", ["x", "x"], ["y"])], X, Y), "limit", "fmod=1"),
    "dtypes that differ": (
        model([N("Add", ["x", "z"], ["y"])], [*X, value("z", I64)], Y),
        "dtype",
        "float32 and int64 where OpenVINO wants one dtype",
    ),
    "inputs that are not there": (model([N("Add", ["x"], ["y"])], X, Y), "limit", "has 1 inputs and needs 2"),
    "attribute that is not there": (model([N("Concat", ["x", "x"], ["y"])], X, [value("y", F, [4, 3])]), "limit", "no attribute axis"),
    "attribute of another type": (model([N("Softmax", ["x"], ["y"], axis="zz")], X, Y), "limit", "not of the type INT"),
    "shapes": (model([N("MatMul", ["x", "x"], ["y"])], X, [value("y", F, None)]), "limit", "infers no shapes for MatMul"),
    "sequence as output": (
        model([N("SequenceConstruct", ["x", "x"], ["s"])], X, [helper.make_tensor_sequence_value_info("s", F, [2, 3])]),
        "dtype",
        "sequence 's'",
    ),
    "scan of outer tensors": (
        model(
            [N("Relu", ["o"], ["outer"]), N("Scan", ["h", "x"], ["t1", "y"], body=SCAN, num_scan_inputs=1)],
            [*X, value("h", shape=[3]), value("o", shape=[3])],
            [value("t1", shape=[3]), *Y],
        ),
        "limit",
        "its body reads 'outer'",
    ),
}

WORKS = {
    "plain": model([N("Relu", ["x"], ["y"])], X, Y),
    "newer opset than any": model([N("Relu", ["x"], ["y"])], X, Y, opset=100),
    "newer IR than any": model([N("Relu", ["x"], ["y"])], X, Y, ir=99),
    "not in order": model([N("Relu", ["h"], ["y"]), N("Neg", ["x"], ["h"])], X, Y),
    "unknown operator that nothing needs": model([N("Relu", ["x"], ["y"]), N("Foo", ["x"], ["z"])], X, Y),
    "attribute that is not known": model([N("Relu", ["x"], ["y"], bogus=1)], X, Y),
    "wrong shape of an output": model([N("Relu", ["x"], ["y"])], X, [value("y", F, [7, 7])]),
    "wrong dtype of an output": model([N("Relu", ["x"], ["y"])], X, [value("y", I64)]),
    "one input too many": model([N("Mul", ["x", "x", "x"], ["y"])], X, Y),
    "two that give one tensor": model([N("Relu", ["x"], ["y"]), N("Relu", ["x"], ["y"])], X, Y),
    "stored axes": model([N("Unsqueeze", ["x", "a"], ["y"])], X, [value("y", F, [1, 2, 3])], [weight("a", 0)]),
    "shape of known length": model([N("Reshape", ["x", "a"], ["y"])], [*X, value("a", I64, [2])], [value("y", F, None)]),
    "sequence within": model(
        [N("SequenceConstruct", ["x", "x"], ["s"]), N("SequenceAt", ["s", "i"], ["y"])], X, Y, [SCALAR]
    ),
}  # fmt: skip


def judged(path: Path, release: str = "2026.4.1"):
    (subject,) = subjects([path])
    return asked(f"openvino=={release}").judge(subject)


def written(folder: Path, made: onnx.ModelProto) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(made.SerializeToString())
    return path


@pytest.mark.parametrize("name", FAILS)
def test_what_it_refuses(name, tmp_path):
    made, cause, words = FAILS[name]
    judgement = judged(written(tmp_path, made))
    assert judgement.verdict is Verdict.fails
    assert any(reason.cause == cause and words in reason.message for reason in judgement.reasons), judgement.reasons


@pytest.mark.parametrize("name", WORKS)
def test_what_it_puts_up_with(name, tmp_path):
    judgement = judged(written(tmp_path, WORKS[name]))
    assert judgement.verdict is Verdict.ok, judgement.reasons


def test_an_operator_of_tensorflow_lite_without_translator(tmp_path):
    from deplint.targets.table import rows

    known = rows("openvino", "2026.4.1")
    assert ("tflite", "CONV_2D") in known and ("tflite", "LSTM") not in known
    assert ("tensorflow", "Conv2D") in known and ("tensorflow", "Acosh") in known and ("tensorflow", "Betainc") not in known


@pytest.mark.torch
def test_the_runtime_agrees(tmp_path):
    """The same models, each asked in a process of its own: some take it down."""
    pytest.importorskip("openvino")
    from deplint.verify import Asking

    with Asking() as asking:
        for name, (made, _, _) in FAILS.items():
            assert asking.ask(written(tmp_path, made), "openvino").works is False, name
        for name, made in WORKS.items():
            assert asking.ask(written(tmp_path, made), "openvino").works is True, name


def verdict(path: Path, made: onnx.ModelProto, target: str) -> tuple[Verdict, str]:
    onnx.save(made, path)
    found = asked(target).judge(next(iter(subjects([path]))))
    return found.verdict, " ".join(reason.message for reason in found.reasons)


def test_a_model_is_compiled_for_inputs_of_known_rank(tmp_path: Path):
    unknown = model([N("Relu", ["x"], ["y"])], [value("x", shape=None)], Y)
    assert "dynamic rank" in verdict(tmp_path / "m.onnx", unknown, "openvino")[1]
    assert verdict(tmp_path / "n.onnx", unknown, "onnxruntime-cpu==1.20")[0] is Verdict.ok


def test_shapes_that_operators_give_are_known(tmp_path: Path):
    made = model([N("Relu", ["x"], ["r"]), N("Reshape", ["r", "s"], ["y"])], X, [value("y", shape=None)], [weight("s", 4, 2)])
    assert "does not make 4x2 of 2x3" in verdict(tmp_path / "m.onnx", made, "openvino")[1]
    made.graph.initializer[0].CopyFrom(weight("s", -1, 2))
    assert verdict(tmp_path / "m.onnx", made, "openvino")[0] is Verdict.ok


def test_the_importer_before_2026_wants_operators_in_order(tmp_path: Path):
    made = model([N("Relu", ["z"], ["y"]), N("Relu", ["x"], ["z"])], X, [*Y, value("z")])
    assert verdict(tmp_path / "m.onnx", made, "openvino==2024.6")[0] is Verdict.fails
    assert verdict(tmp_path / "m.onnx", made, "openvino==2026.4.1")[0] is Verdict.ok


def test_what_holds_no_graph_may_be_loaded(tmp_path: Path):
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx.ModelProto(ir_version=8, producer_name="p" * 30).SerializeToString())
    assert [asked(name).judge(next(iter(subjects([path])))).verdict for name in ("openvino", "onnxruntime-cpu")] == [
        Verdict.unknown,
        Verdict.fails,
    ]


IR = """<?xml version="1.0"?>
<net name="m" version="{version}"><layers>
<layer id="0" name="x" type="Parameter" version="opset1"><data shape="2,3" element_type="f32"/>
<output><port id="0" precision="FP32"><dim>2</dim><dim>3</dim></port></output></layer>
<layer id="1" name="c" type="Const" version="opset1"><data element_type="f32" shape="2,3" offset="0" size="{size}"/>
<output><port id="0" precision="FP32"><dim>2</dim><dim>3</dim></port></output></layer>
<layer id="2" name="a" type="{kind}" version="{opset}"><input><port id="0"><dim>2</dim><dim>3</dim></port><port id="1"><dim>2</dim>
<dim>3</dim></port></input><output><port id="2" precision="FP32"><dim>2</dim><dim>3</dim></port></output></layer>
<layer id="3" name="r" type="Result" version="opset1"><input><port id="0"><dim>2</dim><dim>3</dim></port></input></layer>
</layers><edges><edge from-layer="0" from-port="0" to-layer="2" to-port="0"/>{edge}
<edge from-layer="2" from-port="2" to-layer="3" to-port="0"/></edges></net>"""

SOUND = {"version": 11, "kind": "Add", "opset": "opset1", "size": 24, "bytes": 24,
         "edge": '<edge from-layer="1" from-port="0" to-layer="2" to-port="1"/>'}  # fmt: skip

IRS = {
    "sound": ({}, ""),
    "letters": ({"kind": "ADD"}, ""),
    "version 10": ({"version": 10}, ""),
    "newer opset": ({"opset": "opset13"}, ""),
    "version 7": ({"version": 7}, "reads 10 and 11"),
    "no operator": ({"kind": "Foo"}, "has it in none"),
    "opset of the future": ({"opset": "opset99"}, "up to opset"),
    "another set": ({"opset": "extension"}, "unsupported opset"),
    "no .bin": ({"bytes": -1}, "the constant 'c'"),
    "short .bin": ({"bytes": 12}, "the constant 'c'"),
    "size": ({"size": 12}, "the constant 'c'"),
    "no edge": ({"edge": ""}, "no edge leads"),
}


def ir(folder: Path, changes: dict[str, object]) -> Path:
    given = SOUND | changes
    path = folder / "m.xml"
    path.write_text(IR.format(**given), "utf-8")
    path.with_suffix(".bin").unlink(missing_ok=True)
    if given["bytes"] >= 0:
        path.with_suffix(".bin").write_bytes(bytes(given["bytes"]))
    return path


@pytest.mark.parametrize("name", IRS)
def test_its_own_files(name: str, tmp_path: Path):
    changes, words = IRS[name]
    judgement = judged(ir(tmp_path, changes))
    assert judgement.verdict is (Verdict.fails if words else Verdict.ok), judgement.reasons
    assert any(words in reason.message for reason in judgement.reasons) or not words, judgement.reasons


@pytest.mark.torch
def test_the_runtime_agrees_about_its_own_files(tmp_path: Path):
    pytest.importorskip("openvino")
    from deplint.verify import Asking

    with Asking() as asking:
        for name, (changes, words) in IRS.items():
            assert asking.ask(ir(tmp_path, changes), "openvino").works is not bool(words), name


def sampled(mode: str) -> onnx.ModelProto:
    node = N("GridSample", ["x", "g"], ["y"], mode=mode)
    return model([node], [value("x", F, [1, 1, 3, 3]), value("g", F, [1, 2, 2, 2])], [value("y", F, [1, 1, 2, 2])], opset=20, ir=9)


def test_values_of_attributes_are_those_of_the_release(tmp_path: Path):
    """Measured: releases before 2026 read opset 20 as if it were 16."""
    path = tmp_path / "m.onnx"
    assert verdict(path, sampled("linear"), "openvino==2025.4.1")[0] is Verdict.fails
    assert verdict(path, sampled("linear"), "openvino==2026.4.1")[0] is Verdict.ok
    assert verdict(path, sampled("bilinear"), "openvino==2026.4.1")[0] is Verdict.fails
    assert verdict(path, sampled("bilinear"), "openvino==2024.6")[0] is Verdict.ok


def test_what_is_computed_of_weights_is_known(tmp_path: Path):
    """The number of axes that Range gives is not inferred by onnx, but computed by OpenVINO, unless it depends on an input."""
    weights = [helper.make_tensor(name, I64, [], [number]) for name, number in (("from", 0), ("to", 2), ("by", 1))]
    nodes = [N("Range", ["from", "to", "by"], ["axes"]), N("ReduceSum", ["x", "axes"], ["y"], keepdims=1)]
    made = model(nodes, X, [value("y", F, [1, 1])], weights)
    assert verdict(tmp_path / "m.onnx", made, "openvino")[0] is Verdict.ok
    given = model(nodes, [*X, value("to", I64, [])], [value("y", F, None)], [weights[0], weights[2]])
    assert "how many axes" in verdict(tmp_path / "m.onnx", given, "openvino")[1]


def test_weights_of_unknown_sizes(tmp_path: Path):
    made = model([N("Conv", ["x", "w"], ["y"])], [value("x", F, [1, 3, 8, 8]), value("w", F, ["o", 3, 3, 3])], [value("y", F, None)])
    assert "dynamic weights" in verdict(tmp_path / "m.onnx", made, "openvino")[1]


def test_dtypes_of_tensorflow_lite(tmp_path: Path):
    pytest.importorskip("flatbuffers")
    from tools.agreement.build_tflite import Draw, single

    path = tmp_path / "m.tflite"
    for name, draw, words in (
        ("ADD", Draw("float32"), ""),
        ("ADD", Draw("qint8", bias="qint32"), ""),
        ("ADD", Draw("bfloat16"), "computes it for none but"),
        ("LOGICAL_OR", Draw("float32"), "computes it for none but bool"),
        ("ADD", Draw("float32", other="int32"), "wants one dtype"),
        ("ABS", Draw("float32", result="int32"), "Inconsistent type inference"),
    ):
        path.write_bytes(bytes(single(name, draw)))
        judgement = judged(path)
        assert judgement.verdict is (Verdict.fails if words else Verdict.ok), (name, judgement.reasons)
        assert any(words in reason.message for reason in judgement.reasons) or not words, judgement.reasons


def one(kind: str, *inputs: tuple[int, list[int]] | None, opset: int = 17, domain: str = "", outputs: int = 1, **attributes):
    """A model of one operator, with inputs of these dtypes and shapes, None for one that is left out."""
    names = ["" if each is None else f"i{number}" for number, each in enumerate(inputs)]
    given = [value(name, *each) for name, each in zip(names, inputs, strict=True) if each is not None]
    made = [onnx.ValueInfoProto(name=f"y{number}") for number in range(outputs)]
    node = N(kind, names, [each.name for each in made], domain=domain, **attributes)
    return model([node], given, made, opset=opset, domains=[domain] if domain else [])


HALF, U8, MS = TensorProto.FLOAT16, TensorProto.UINT8, "com.microsoft"
IMAGE, NUMBER, VECTOR, ROWS = (F, [1, 3, 8, 8]), (F, []), (F, [3]), (F, [2, 3])
QUANTIZED = (U8, [2, 3]), NUMBER, (U8, [])

ONE_FAILS = {
    "axis of a scale": one("DequantizeLinear", (U8, [4]), (F, [4]), (U8, [4]), opset=13),
    "blocks before opset 21": one("QuantizeLinear", ROWS, (F, [2, 2]), (U8, [2, 2]), opset=13, block_size=2),
    "length of a scale": one("QuantizeLinear", ROWS, (F, [2]), (U8, [2]), opset=13),
    "several scales of a product": one("QLinearMatMul", (U8, [2, 3]), (F, [2]), (U8, [2]), (U8, [3, 4]), *[NUMBER, (U8, [])] * 2),
    "strides": one("Conv", IMAGE, (F, [2, 3, 3, 3]), strides=[1]),
    "pads": one("MaxPool", IMAGE, kernel_shape=[3, 3], pads=[1, 1, 1]),
    "kernel in padding": one("AveragePool", IMAGE, kernel_shape=[3, 3], pads=[3, 3, 3, 3]),
    "axis of Hardmax": one("Hardmax", VECTOR, opset=11),
    "axes of MeanVarianceNormalization": one("MeanVarianceNormalization", ROWS, opset=13),
    "length of a window": one("HannWindow", (I64, [1])),
    "training": one("Dropout", ROWS, opset=6),
    "no hidden size": one("LSTM", (F, [3, 2, 4]), (F, [1, 20, 4]), (F, [1, 20, 5])),
    "texts": one("Constant", opset=13, value_string="a"),
    "numbers before 13": one("Constant", opset=12, value_int=1),
    "sums before 8": one("Sum", ROWS, VECTOR, opset=6),
    "factors of two dtypes": one("LayerNormalization", ROWS, (HALF, [3])),
    "sequence": one("SequenceConstruct", ROWS, ROWS),
    "dtype of random numbers": one("RandomUniformLike", ROWS, dtype=HALF),
    "statistics of channels": one("BatchNormalization", (F, [2, 3, 4]), *[(F, [4])] * 4, opset=9),
    "matrices": one("Gemm", (F, [2, 3]), (F, [2, 3])),
    "lengths of sequences": one("ReverseSequence", (F, [4, 3]), (I64, [4])),
    "blocks": one("DepthToSpace", (F, [1, 6, 2, 2]), blocksize=2, opset=13),
    "few inputs": one("QLinearSigmoid", *QUANTIZED, NUMBER, domain=MS),
    "no alpha": one("QLinearLeakyRelu", *QUANTIZED, NUMBER, (U8, []), domain=MS),
    "sizes of scales": one("QLinearAdd", *QUANTIZED, *QUANTIZED, (F, [3, 2]), domain=MS),
    "halves": one("QuickGelu", (HALF, [2]), domain=MS),
    "no bias": one("Attention", (F, [2, 3, 8]), (F, [8, 24]), domain=MS, num_heads=2),
    "heads": one("MultiHeadAttention", *[(F, [2, 3, 8])] * 3, domain=MS, num_heads=3),
    "batches": one("FusedMatMul", (F, [2, 4, 3, 5]), (F, [2, 4, 3, 5]), domain=MS, transB=1, transBatchB=1),
    "rank of a bias": one("BiasAdd", (F, [2, 3, 4]), (F, [1, 4]), (F, [2, 3, 4]), domain=MS),
    "nothing given": one("GRU", (F, [3, 4]), (F, [3, 4]), (F, [3, 4]), outputs=0, hidden_size=4),
}  # fmt: skip
"""One operator each that OpenVINO 2026.4 refuses."""

ONE_WORKS = {
    "one scale in a list": one("DequantizeLinear", (U8, [4]), (F, [1]), (U8, [1]), opset=13),
    "scale along the axis": one("DequantizeLinear", (U8, [4]), (F, [4]), (U8, [4]), opset=13, axis=0),
    "pads for both sides": one("Conv", IMAGE, (F, [2, 3, 3, 3]), pads=[1, 1]),
    "kernel in padding that counts": one("AveragePool", IMAGE, kernel_shape=[3, 3], pads=[3, 3, 3, 3], count_include_pad=1),
    "scalars": one("Softmax", NUMBER, opset=13),
    "no training": one("Dropout", ROWS, opset=6, is_test=1),
    "texts to random numbers": one("RandomUniformLike", (TensorProto.STRING, [2]), dtype=F),
    "transposed matrices": one("Gemm", ROWS, ROWS, transB=1),
    "second input of Split-1": one("Split", (F, [4, 2]), (F, [2]), opset=1, outputs=2),
    "slopes of channels": one("PRelu", (F, [2, 3, 4]), VECTOR),
    "an axis before 7": one("Add", ROWS, (F, [2]), opset=6, broadcast=1, axis=0),
    "one zero point less": one("QLinearAdd", (U8, [2, 3]), NUMBER, None, *QUANTIZED, NUMBER, (U8, []), domain=MS),
    "batches": one("FusedMatMul", (F, [2, 4, 3, 5]), (F, [2, 3, 4, 5]), domain=MS, transB=1, transBatchA=1),
    "nothing given": one("LSTM", (F, [3, 2, 4]), (F, [1, 20, 4]), (F, [1, 20, 5]), outputs=0, hidden_size=5),
}
"""One operator each that OpenVINO 2026.4 compiles."""

BEFORE = {
    "2025.4.1": [
        one("Softmax", NUMBER, opset=13),
        one("QLinearAdd", (U8, [2, 3]), NUMBER, None, *QUANTIZED, NUMBER, (U8, []), domain=MS),
        one("LayerNormalization", ROWS, VECTOR, outputs=3),
        one("Swish", (HALF, [2]), opset=24),
        one("GroupNormalization", (F, [3, 4, 2, 2]), (F, [4]), (F, [4]), opset=21, num_groups=2),
    ],
    "2024.6.0": [
        one("Split", (F, [7]), opset=13, outputs=3),
        one("SoftmaxCrossEntropyLoss", (TensorProto.INT8, [3, 5]), (I64, [3]), opset=13),
        one("CenterCropPad", (F, [4, 4]), (I64, [1]), opset=18, axes=[0]),
        one("AffineGrid", (F, [2, 2, 3]), (I64, [4]), opset=20),
    ],
}
"""What a release refuses and the next of them compiles."""


@pytest.mark.parametrize("name", ONE_FAILS)
def test_single_operators_it_refuses(name: str, tmp_path: Path):
    assert judged(written(tmp_path, ONE_FAILS[name])).verdict is Verdict.fails


@pytest.mark.parametrize("name", ONE_WORKS)
def test_single_operators_it_compiles(name: str, tmp_path: Path):
    judgement = judged(written(tmp_path, ONE_WORKS[name]))
    assert judgement.verdict is Verdict.ok, judgement.reasons


@pytest.mark.parametrize("release", BEFORE)
def test_releases_differ(release: str, tmp_path: Path):
    for made in BEFORE[release]:
        path = written(tmp_path, made)
        kind = made.graph.node[0].op_type
        later = "2026.4.1" if release == "2025.4.1" else "2025.4.1"
        assert judged(path, release).verdict is Verdict.fails, kind
        assert judged(path, later).verdict is Verdict.ok, kind


@pytest.mark.torch
def test_the_runtime_agrees_about_single_operators(tmp_path: Path):
    pytest.importorskip("openvino")
    from deplint.verify import Asking

    with Asking() as asking:
        for works, models in ((False, ONE_FAILS), (True, ONE_WORKS)):
            for name, made in models.items():
                answer = asking.ask(written(tmp_path, made), "openvino")
                assert answer.works is works, (name, answer.error)
