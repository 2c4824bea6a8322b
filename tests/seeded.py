"""Models with one defect each, and the healthy models they were made from.

`ONNX` holds, for each defect, the rule that names it, what ONNX Runtime says of the model, and a function that plants it. Models of other
formats are edited where they lie (`poke`), or written field by field (`field`).
"""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from deplint.formats.flatbuffer import NUMBERS, FlatBuffer, Table
from deplint.formats.tflite import schema

DATA = Path(__file__).with_name("data") / "models"
FLOAT, BOOL, INT64 = TensorProto.FLOAT, TensorProto.BOOL, TensorProto.INT64


def weight(name: str, values: object) -> TensorProto:
    return numpy_helper.from_array(np.asarray(values), name)


def info(name: str, dtype: int = FLOAT, shape: object = None) -> object:
    return helper.make_tensor_value_info(name, dtype, shape)


def node(kind: str, inputs: list[str], outputs: list[str], name: str = "", **attributes: object) -> NodeProto:
    return helper.make_node(kind, inputs, outputs, name=name, **attributes)


def branch(kind: str, inputs: list[str], *outputs: str) -> object:
    nodes = [node(kind, inputs, [name]) for name in outputs]
    return helper.make_graph(nodes, "branch", [], [info(name, FLOAT, [1, 8, 6, 6]) for name in outputs])


def healthy() -> ModelProto:
    """A small network of everything the defects need: convolution, normalization, dropout, quantization, a branch, a matrix."""
    random = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    weights = [
        weight("kernel", normal(8, 3, 3, 3)),
        weight("gamma", np.ones(8, np.float32)),
        weight("beta", normal(8)),
        weight("mean", normal(8)),
        weight("var", np.ones(8, np.float32)),
        weight("ratio", np.float32(0.5)),
        weight("training", np.bool_(False)),
        weight("scale", np.float32(0.05)),
        weight("zero", np.int8(3)),
        weight("flat", np.array([0, -1], np.int64)),
        weight("matrix", random.integers(-99, 99, (288, 10)).astype(np.int8)),
        weight("matrix_scale", np.full(10, 0.01, np.float32)),
        weight("matrix_zero", np.zeros(10, np.int8)),
        weight("flag", np.bool_(True)),
        weight("bias", normal(10)),
    ]
    nodes = [
        node("Conv", ["image", "kernel"], ["conv"], "conv"),
        node("LeakyRelu", ["conv"], ["relu"], "relu", alpha=0.1),
        node("BatchNormalization", ["relu", "gamma", "beta", "mean", "var"], ["normal"], "normal"),
        node("Dropout", ["normal", "ratio", "training"], ["drop"], "drop"),
        node("If", ["flag"], ["chosen"], "choose", then_branch=branch("Relu", ["drop"], "a"), else_branch=branch("Neg", ["drop"], "b")),
        node("QuantizeLinear", ["chosen", "scale", "zero"], ["quant"], "quant"),
        node("DequantizeLinear", ["quant", "scale", "zero"], ["real"], "real"),
        node("Reshape", ["real", "flat"], ["rows"], "rows"),
        node("DequantizeLinear", ["matrix", "matrix_scale", "matrix_zero"], ["dense"], "dense", axis=1),
        node("MatMul", ["rows", "dense"], ["product"], "product"),
        node("Add", ["product", "bias"], ["logits"], "logits"),
    ]
    graph = helper.make_graph(nodes, "net", [info("image", FLOAT, ["batch", 3, 8, 8])], [info("logits", FLOAT, ["batch", 10])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="seeded")


Plant = Callable[[ModelProto], None]


@dataclass(frozen=True)
class Defect:
    """`verdict`: what ONNX Runtime says when it loads or runs the model ("" if it runs, ``*`` if results change; unoptimized)."""

    rule: str
    verdict: str
    plant: Plant


ONNX: dict[str, Defect] = {}


def defect(rule: str, verdict: str = "") -> Callable[[Plant], Plant]:
    def add(plant: Plant) -> Plant:
        ONNX[plant.__name__] = Defect(rule, verdict, plant)
        return plant

    return add


def op(model: ModelProto, name: str) -> NodeProto:
    return next(n for n in model.graph.node if n.name == name)


def stored(model: ModelProto, name: str) -> TensorProto:
    return next(t for t in model.graph.initializer if t.name == name)


def store(model: ModelProto, name: str, values: object) -> None:
    stored(model, name).CopyFrom(weight(name, values))


def insert(model: ModelProto, before: str, *nodes: NodeProto) -> None:
    index = next(i for i, n in enumerate(model.graph.node) if n.name == before)
    rest = list(model.graph.node)[index:]
    del model.graph.node[index:]
    model.graph.node.extend([*nodes, *rest])


@defect("DPL420", "is not a graph input, initializer, or output of a previous node")
def reads_nothing(m: ModelProto) -> None:
    op(m, "relu").input[0] = "ghost"


@defect("DPL420", "does not exist in the graph")
def output_of_nothing(m: ModelProto) -> None:
    m.graph.output[0].name = "probabilities"


@defect("DPL420", "not acyclic")
def cycle(m: ModelProto) -> None:
    op(m, "conv").input[0] = "turned"
    insert(m, "conv", node("Add", ["image", "later"], ["turned"]))
    m.graph.node.append(node("Identity", ["turned"], ["later"]))


@defect("DPL420", "is not output of any previous nodes")
def branch_reads_nothing(m: ModelProto) -> None:
    op(m, "choose").attribute[0].g.node[0].input[0] = "ghost"


@defect("DPL421", "Duplicate definition of name")
def given_twice(m: ModelProto) -> None:
    m.graph.node.append(node("Neg", ["product"], ["logits"]))


@defect("DPL421", "two nodes with same node name")
def named_twice(m: ModelProto) -> None:
    op(m, "real").name = "quant"


@defect("DPL421", "Duplicate definition-site")
def two_inputs(m: ModelProto) -> None:
    m.graph.input.append(m.graph.input[0])


@defect("DPL422")
def out_of_order(m: ModelProto) -> None:
    nodes = list(m.graph.node)
    del m.graph.node[:]
    m.graph.node.extend([*nodes[1:], nodes[0]])


@defect("DPL422")
def domain_not_imported(m: ModelProto) -> None:
    relu = op(m, "relu")
    relu.op_type, relu.domain = "FastGelu", "com.microsoft"
    del relu.attribute[:]


@defect("DPL423", "No Op registered for Gelu")
def operator_of_a_later_opset(m: ModelProto) -> None:
    op(m, "relu").op_type = "Gelu"
    del op(m, "relu").attribute[:]


@defect("DPL423", "No Op registered for Swishy")
def operator_of_no_opset(m: ModelProto) -> None:
    op(m, "relu").op_type = "Swishy"


@defect("DPL423", "is deprecated in domain_version of 17")
def removed_operator(m: ModelProto) -> None:
    m.graph.initializer.append(weight("sizes", np.ones(4, np.float32)))
    insert(m, "drop", node("Upsample", ["relu", "sizes"], ["up"], mode="nearest"))
    op(m, "drop").input[0] = "up"


@defect("DPL424", "has input size 1 not in range")
def input_missing(m: ModelProto) -> None:
    del op(m, "conv").input[1:]
    m.graph.initializer.remove(stored(m, "kernel"))


@defect("DPL424", "Unrecognized attribute: axes")
def attribute_of_an_earlier_opset(m: ModelProto) -> None:
    insert(m, "drop", node("ReduceSum", ["relu"], ["sum"], axes=[1], keepdims=0))
    m.graph.output.append(info("sum"))


@defect("DPL424", "Required attribute 'to' is missing")
def attribute_missing(m: ModelProto) -> None:
    insert(m, "drop", node("Cast", ["relu"], ["cast"]))
    m.graph.output.append(info("cast"))


@defect("DPL424", "Mismatched attribute type")
def attribute_of_another_type(m: ModelProto) -> None:
    op(m, "relu").attribute[0].CopyFrom(helper.make_attribute("alpha", 1))


@defect("DPL425")
def asymmetric_weights(m: ModelProto) -> None:
    store(m, "matrix_zero", np.full(10, 7, np.int8))


@defect("DPL426", "bound to different types")
def float64_bias(m: ModelProto) -> None:
    store(m, "bias", np.ones(10))


@defect("DPL426", "bound to different types")
def zero_point_of_another_dtype(m: ModelProto) -> None:
    m.graph.initializer.append(weight("unsigned", np.uint8(3)))
    op(m, "real").input[2] = "unsigned"


@defect("DPL426", "is invalid")
def dtype_that_the_operator_does_not_take(m: ModelProto) -> None:
    insert(m, "drop", node("Not", ["relu"], ["opposite"]))
    m.graph.output.append(info("opposite", BOOL))


@defect("DPL426", "does not match expected type")
def wrong_note_of_a_dtype(m: ModelProto) -> None:
    m.graph.value_info.append(info("relu", TensorProto.DOUBLE, None))


@defect("DPL427", "during initialization|size mismatch")
def too_few_bytes(m: ModelProto) -> None:
    stored(m, "bias").raw_data = stored(m, "bias").raw_data[:-4]


@defect("DPL427", "during initialization|size mismatch")
def too_many_bytes(m: ModelProto) -> None:
    stored(m, "bias").raw_data += b"1234"


@defect("DPL428", "different number of outputs")
def branches_differ(m: ModelProto) -> None:
    op(m, "choose").attribute[0].g.CopyFrom(branch("Relu", ["drop"], "a", "a2"))


@defect("DPL429", "*")
def dropout_in_training(m: ModelProto) -> None:
    store(m, "training", np.bool_(True))


@defect("DPL429", "*")
def normalization_in_training(m: ModelProto) -> None:
    normal = op(m, "normal")
    normal.output.extend(["new_mean", "new_var"])
    normal.attribute.append(helper.make_attribute("training_mode", 1))


@defect("DPL430", "*")
def scale_zero(m: ModelProto) -> None:
    store(m, "scale", np.float32(0))


@defect("DPL430", "*")
def scale_not_a_number(m: ModelProto) -> None:
    store(m, "matrix_scale", np.array([np.nan] * 10, np.float32))


@defect("DPL430")
def scale_negative(m: ModelProto) -> None:
    store(m, "scale", np.float32(-0.05))


@defect("DPL431", "scale must be 1D tensor with size")
def fewer_scales_than_slices(m: ModelProto) -> None:
    store(m, "matrix_scale", np.ones(8, np.float32))
    store(m, "matrix_zero", np.zeros(8, np.int8))


@defect("DPL431", "zero.?point")
def fewer_zero_points_than_scales(m: ModelProto) -> None:
    store(m, "matrix_zero", np.zeros(1, np.int8))


@defect("DPL435")
def weight_nobody_reads(m: ModelProto) -> None:
    m.graph.initializer.append(weight("old_head", np.ones((300, 300), np.float32)))


@defect("DPL436")
def weight_stored_twice(m: ModelProto) -> None:
    values = np.random.default_rng(1).normal(size=(10, 2000)).astype(np.float32)
    m.graph.initializer.extend([weight("one", values), weight("two", values)])
    m.graph.node.extend([node("MatMul", ["logits", "one"], ["left"]), node("MatMul", ["logits", "two"], ["right"])])
    m.graph.output.extend([info("left"), info("right")])


@defect("DPL437")
def transposes_that_cancel(m: ModelProto) -> None:
    there, back = [0, 2, 3, 1], [0, 3, 1, 2]
    insert(m, "drop", node("Transpose", ["relu"], ["nhwc"], perm=there), node("Transpose", ["nhwc"], ["nchw"], perm=back))
    op(m, "drop").input[0] = "nchw"


@defect("DPL438")
def operator_nobody_needs(m: ModelProto) -> None:
    m.graph.node.append(node("Softmax", ["product"], ["forgotten"]))


@defect("DPL439", "Could not find an implementation for Conv")
def float64_kernel(m: ModelProto) -> None:
    store(m, "kernel", np.ones((12, 3, 3, 3)))
    insert(m, "conv", node("Cast", ["image"], ["wide"], to=TensorProto.DOUBLE))
    op(m, "conv").input[0], op(m, "conv").output[0] = "wide", "wide_conv"
    insert(m, "relu", node("Cast", ["wide_conv"], ["narrow"], to=FLOAT))
    insert(m, "relu", node("Slice", ["narrow", "from", "to", "axis"], ["conv"]))
    m.graph.initializer.extend([weight("from", np.array([0])), weight("to", np.array([8])), weight("axis", np.array([1]))])


@defect("DPL440")
def path_in_a_stack_trace(m: ModelProto) -> None:
    entry = op(m, "conv").metadata_props.add()
    entry.key, entry.value = "pkg.torch.onnx.stack_trace", 'File "/home/alice/thesis/net.py", line 12, in forward'


@defect("DPL440")
def path_in_a_doc_string(m: ModelProto) -> None:
    op(m, "conv").doc_string = "C:\\Users\\alice\\net.py(12): forward"


@defect("DPL441")
def key_in_metadata(m: ModelProto) -> None:
    helper.set_model_props(m, {"upload": "hf_" + "abcdefghijklmnopq" * 2})


@defect("DPL441")
def password_in_the_documentation(m: ModelProto) -> None:
    m.doc_string = "weights from postgres://train:" + "hunter22" + "@db.internal.org/runs"


@defect("DPL446", "*")
def weight_not_a_number(m: ModelProto) -> None:
    store(m, "bias", np.array([1, np.nan] * 5, np.float32))


@defect("DPL446", "*")
def weight_all_zero(m: ModelProto) -> None:
    store(m, "kernel", np.zeros((8, 3, 3, 3), np.float32))


# What the ONNX checker alone knows. `added` gives the graph an output that a new operator makes of "relu", [batch, 8, 6, 6].


def added(m: ModelProto, kind: str, *weights: object, inputs: tuple[str, ...] = ("relu",), **attributes: object) -> None:
    names = [f"{kind}{number}" for number in range(len(weights))]
    m.graph.initializer.extend(map(weight, names, weights))
    insert(m, "drop", node(kind, [*inputs, *names], ["new"], "new", **attributes))
    m.graph.output.append(info("new", FLOAT, ["a", "b", "c", "d"]))


def calling(m: ModelProto, *nodes: NodeProto, opset: int = 17) -> None:
    """The activation is a function of the model."""
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("local", 1)]
    m.opset_import.append(opsets[1])
    m.functions.append(helper.make_function("local", "F", ["X"], ["Y"], list(nodes), opsets))
    op(m, "relu").op_type, op(m, "relu").domain = "F", "local"
    del op(m, "relu").attribute[:]


@defect("DPL484", "appeared multiple times")
def attribute_twice(m: ModelProto) -> None:
    op(m, "relu").attribute.append(helper.make_attribute("alpha", 0.2))


@defect("DPL484", "type field and data field mismatch")
def attribute_of_two_values(m: ModelProto) -> None:
    op(m, "relu").attribute[0].ints.append(3)


@defect("DPL484", "'name' of 'graph'")
def branch_without_a_name(m: ModelProto) -> None:
    op(m, "choose").attribute[0].g.name = ""


@defect("DPL484", "does not have type information")
def input_without_a_type(m: ModelProto) -> None:
    m.graph.input[0].ClearField("type")


@defect("DPL484", "Out of bounds dimensions")
def weight_of_negative_size(m: ModelProto) -> None:
    stored(m, "bias").dims[0] = -10


@defect("DPL484", "Incompatible dimensions for matrix")
def matrices_that_do_not_fit(m: ModelProto) -> None:
    added(m, "MatMul", np.ones((5, 2), np.float32))


@defect("DPL484", "Incompatible dimensions")
def shapes_that_do_not_broadcast(m: ModelProto) -> None:
    added(m, "Add", np.ones((3, 5), np.float32))


@defect("DPL484", "does not match the number of spatial dimensions")
def kernel_of_another_rank(m: ModelProto) -> None:
    store(m, "kernel", np.ones((8, 3, 3), np.float32))


@defect("DPL484", "Dimension mismatch in unification between 7 and 8")
def statistics_of_another_size(m: ModelProto) -> None:
    store(m, "gamma", np.ones(7, np.float32))


@defect("DPL484", "axis must be in")
def axis_outside_the_rank(m: ModelProto) -> None:
    added(m, "Concat", inputs=("relu", "relu"), axis=9)


@defect("DPL484", "Both inferred and declared dimension have values but they differ")
def joined_parts_that_do_not_fit(m: ModelProto) -> None:
    added(m, "Concat", inputs=("relu", "image"), axis=1)


@defect("DPL484", "Mismatch between the sum of 'split'")
def parts_that_do_not_add_up(m: ModelProto) -> None:
    added(m, "Split", np.array([3, 4]), axis=1)
    op(m, "new").output.append("rest")


@defect("DPL484", "must be 1 instead of 8")
def squeezed_size_is_not_one(m: ModelProto) -> None:
    added(m, "Squeeze", np.array([1]))


@defect("DPL484", "must be same as rank")
def fewer_sizes_than_dimensions(m: ModelProto) -> None:
    added(m, "Resize", np.ones(3, np.float32), inputs=("relu", ""))


@defect("DPL484", "Pads has incorrect number of values")
def fewer_pads_than_dimensions(m: ModelProto) -> None:
    added(m, "Pad", np.array([0, 0, 1]))


@defect("DPL484", "less than the requested k")
def more_than_there_are(m: ModelProto) -> None:
    added(m, "TopK", np.array([999]), axis=1)
    op(m, "new").output.append("indices")


@defect("DPL484", "multiple -1")
def two_sizes_left_open(m: ModelProto) -> None:
    store(m, "flat", np.array([-1, -1]))


@defect("DPL484", "does not match. .11. != .10.")
def weight_that_is_an_input_of_another_shape(m: ModelProto) -> None:
    m.graph.input.append(info("bias", FLOAT, [11]))


@defect("DPL484", "is not a graph input")
def function_reads_nothing(m: ModelProto) -> None:
    calling(m, node("Add", ["X", "ghost"], ["Y"]))


@defect("DPL484", "Duplicate definition of name")
def function_gives_twice(m: ModelProto) -> None:
    calling(m, node("Relu", ["X"], ["Y"]), node("Neg", ["X"], ["Y"]))


@defect("DPL484", "INVALID_GRAPH")
def function_calls_itself(m: ModelProto) -> None:
    calling(m, node("F", ["X"], ["Y"], domain="local"))


@defect("DPL484", "Unrecognized attribute: alpha")
def function_misuses_an_operator(m: ModelProto) -> None:
    calling(m, node("Relu", ["X"], ["Y"], alpha=1.0))


@defect("DPL484", "out of range|out of bounds|index")
def sparse_weight_outside_its_shape(m: ModelProto) -> None:
    values, places = helper.make_tensor("sparse", FLOAT, (2,), [1.0, 2.0]), helper.make_tensor("", INT64, (2,), [0, 99])
    m.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [10]))
    op(m, "logits").input[1] = "sparse"
    m.graph.initializer.remove(stored(m, "bias"))


@defect("DPL486")
def how_to_train_it(m: ModelProto) -> None:
    training = m.training_info.add()
    step = helper.make_graph([node("Sub", ["bias", "bias"], ["bias_new"])], "step", [], [info("bias_new", FLOAT, [10])])
    training.algorithm.CopyFrom(step)
    training.update_binding.add(key="bias", value="bias_new")


@defect("DPL487", "function_utils")
def function_called_with_too_much(m: ModelProto) -> None:
    calling(m, node("Relu", ["X"], ["Y"]))
    op(m, "relu").input.append("conv")


@defect("DPL487", "failed validating the check")
def function_without_its_result(m: ModelProto) -> None:
    calling(m, node("Relu", ["X"], ["Z"]))


@defect("DPL485")
def wrong_note_of_a_size(m: ModelProto) -> None:
    m.graph.value_info.append(info("normal", FLOAT, ["batch", 9, 6, 6]))


@defect("DPL485")
def wrong_rank_of_an_output(m: ModelProto) -> None:
    del m.graph.output[0].type.tensor_type.shape.dim[1]


@defect("DPL485")
def weight_stored_under_one_name_twice(m: ModelProto) -> None:
    m.graph.initializer.append(stored(m, "bias"))


@defect("DPL485")
def weight_stored_in_two_fields(m: ModelProto) -> None:
    stored(m, "bias").float_data.extend([1.0] * 10)


@defect("DPL485")
def metadata_twice(m: ModelProto) -> None:
    for value in "ab":
        m.metadata_props.add(key="author", value=value)


@defect("DPL429", "*")
def dropout_in_training_in_a_function(m: ModelProto) -> None:
    drop = op(m, "drop")
    value = [node("Constant", [], ["r"], value=weight("", np.float32(0.5))), node("Constant", [], ["t"], value=weight("", np.bool_(True)))]
    body = [*value, node("Dropout", ["a", "r", "t"], ["b"])]
    m.functions.append(helper.make_function("local", "Drop", ["a"], ["b"], body, [helper.make_opsetid("", 17)]))
    m.opset_import.append(helper.make_opsetid("local", 1))
    drop.op_type, drop.domain = "Drop", "local"
    del drop.input[1:]


@defect("DPL439")
def small_float64_matrix(m: ModelProto) -> None:
    double = helper.make_attribute("to", TensorProto.DOUBLE)
    wide, narrow = node("Cast", ["product"], ["wide"]), node("Cast", ["turned"], ["narrow"], to=FLOAT)
    wide.attribute.append(double)
    m.graph.initializer.append(weight("turn", np.eye(10)))
    insert(m, "logits", wide, node("MatMul", ["wide", "turn"], ["turned"]), narrow)
    op(m, "logits").input[0] = "narrow"


@defect("DPL437")
def transposes_around_an_activation(m: ModelProto) -> None:
    before = node("Transpose", ["conv"], ["last"], perm=[0, 2, 3, 1])
    insert(m, "relu", before)
    relu = op(m, "relu")
    relu.input[0], relu.output[0] = "last", "active"
    insert(m, "normal", node("Transpose", ["active"], ["relu"], perm=[0, 3, 1, 2]))


@defect("DPL490", "*")
def dropout_written_out(m: ModelProto) -> None:
    parts = [
        node("RandomUniformLike", ["relu"], ["draw"]),
        node("Greater", ["draw", "ratio"], ["keep"]),
        node("Cast", ["keep"], ["mask"], to=FLOAT),
        node("Mul", ["relu", "mask"], ["dropped"]),
    ]
    insert(m, "normal", *parts)
    op(m, "normal").input[0] = "dropped"


def quantized_gemm(m: ModelProto, bias_scale: float) -> None:
    values = {"bias8": np.full(10, 50, np.int32), "bias8_scale": np.float32(bias_scale), "bias8_zero": np.int32(0)}
    values |= {"gemm8": np.ones((288, 10), np.int8), "gemm8_scale": np.float32(0.0005), "gemm8_zero": np.int8(0)}
    m.graph.initializer.extend([weight(name, value) for name, value in values.items()])
    for name in ("gemm8", "bias8"):
        insert(m, "product", node("DequantizeLinear", [name, f"{name}_scale", f"{name}_zero"], [f"{name}_real"]))
    insert(m, "product", node("Reshape", ["quant", "flat"], ["rows8"]))
    insert(m, "product", node("DequantizeLinear", ["rows8", "scale", "zero"], ["rows_real"]))
    insert(m, "product", node("Gemm", ["rows_real", "gemm8_real", "bias8_real"], ["gemm"], "gemm"))
    insert(m, "product", node("QuantizeLinear", ["gemm", "scale", "zero"], ["gemm_quant"]))
    m.graph.output.append(info("gemm_quant", TensorProto.INT8, ["batch", 10]))


@defect("DPL492")
def bias_of_another_scale(m: ModelProto) -> None:
    quantized_gemm(m, 0.02)


@defect("DPL494", "*")
def quantized_convolution_that_is_read_in_float(m: ModelProto) -> None:
    values = {"kernel8": np.ones((8, 8, 1, 1), np.int8), "kernel8_scale": np.float32(0.02), "kernel8_zero": np.int8(0)}
    m.graph.initializer.extend([weight(name, value) for name, value in values.items()])
    insert(m, "rows", node("DequantizeLinear", ["kernel8", "kernel8_scale", "kernel8_zero"], ["kernel8_real"]))
    insert(m, "rows", node("Conv", ["real", "kernel8_real"], ["conv8"], "conv8"))
    insert(m, "rows", node("Sigmoid", ["conv8"], ["gate"]))
    op(m, "rows").input[0] = "gate"


@defect("DPL498")
def names_of_the_exporter(m: ModelProto) -> None:
    m.graph.input[0].name = "input.1"
    op(m, "conv").input[0] = "input.1"


@defect("DPL538")
def table_in_the_graph(m: ModelProto) -> None:
    insert(m, "logits", node("Constant", [], ["table"], value=weight("", np.ones((500_000, 10), np.float32))))
    insert(m, "logits", node("ReduceMean", ["table"], ["shift"], axes=[0]))
    insert(m, "logits", node("Add", ["product", "shift"], ["shifted"]))
    op(m, "logits").input[0] = "shifted"


@defect("DPL537")
def weights_in_uint8(m: ModelProto) -> None:
    store(m, "matrix", np.full((288, 10), 140, np.uint8))
    store(m, "matrix_zero", np.full(10, 131, np.uint8))


@defect("DPL539")
def normalization_after_convolution(m: ModelProto) -> None:
    op(m, "relu").op_type, op(m, "normal").op_type = "BatchNormalization", "LeakyRelu"
    first, second = op(m, "relu"), op(m, "normal")
    parameters = list(second.input)[1:]
    del second.input[1:], first.attribute[:]
    first.input.extend(parameters)


@defect("DPL540")
def depthwise_with_one_scale(m: ModelProto) -> None:
    values = {"each": np.ones((8, 1, 1, 1), np.int8), "each_scale": np.float32(0.02), "each_zero": np.int8(0)}
    m.graph.initializer.extend([weight(name, value) for name, value in values.items()])
    insert(m, "normal", node("DequantizeLinear", ["each", "each_scale", "each_zero"], ["each_real"]))
    insert(m, "normal", node("Conv", ["relu", "each_real"], ["deep"], "deep", group=8), node("Tanh", ["deep"], ["bent"]))
    op(m, "normal").input[0] = "bent"


@defect("DPL543")
def weights_above_half_precision(m: ModelProto) -> None:
    values = np.ones(10, np.float32)
    values[3] = 1e6
    store(m, "bias", values)


@defect("DPL546")
def prime_beyond_32_bits(m: ModelProto) -> None:
    m.graph.initializer.append(weight("prime", np.int64(2654435761)))
    insert(m, "logits", node("Shape", ["product"], ["size"]), node("Mul", ["size", "prime"], ["hash"]))
    m.graph.output.append(info("hash", INT64, [2]))


@defect("DPL548", "kernel_shape is not compatible")
def kernel_of_another_size(m: ModelProto) -> None:
    store(m, "kernel", np.ones((8, 3, 5, 5), np.float32))
    op(m, "conv").attribute.append(helper.make_attribute("kernel_shape", [3, 3]))


@defect("DPL548", "not equal to kernel channels|Input channels C")
def kernel_for_other_channels(m: ModelProto) -> None:
    store(m, "kernel", np.ones((8, 4, 3, 3), np.float32))


@defect("DPL548", "cannot be reshaped|Reshape")
def reshape_of_a_batch_of_training(m: ModelProto) -> None:
    m.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    store(m, "flat", np.array([32, 288], np.int64))


# TensorFlow Lite: numbers of a real model changed in place


def poke(content: bytes, name: str, part: str, value: float) -> bytes:
    """`content`, a TensorFlow Lite model, with one number of the tensor `name` changed: its ``type``, or the first of its ``scale``,
    ``zero_point`` or of the sizes of its ``shape``; ``size`` the length of its buffer, ``scales`` how many scales and zero points it
    has; ``integer`` is the first number of its content; ``input`` the tensor that the operator which gives it reads first."""
    data = bytearray(content)
    root = FlatBuffer(content, *schema()).root("Model")
    graph = root["subgraphs"][0]
    number, tensor = next((i, t) for i, t in enumerate(graph["tensors"]) if t["name"] == name)
    if part == "input":
        maker = next(o for o in graph["operators"] if number in o["outputs"])
        struct.pack_into("<i", data, maker._buffer.vector(maker._where(maker._fields["inputs"]), 4)[0], int(value))
        return bytes(data)
    if part == "scales":
        holder = tensor["quantization"]
        for each, size in (("scale", 4), ("zero_point", 8)):
            struct.pack_into("<I", data, holder._buffer.vector(holder._where(holder._fields[each]), size)[0] - 4, int(value))
        return bytes(data)
    if part == "integer":
        struct.pack_into("<i", data, root["buffers"][tensor["buffer"]].span("data")[0], int(value))
        return bytes(data)
    if part == "size":
        buffer = root["buffers"][tensor["buffer"]]
        struct.pack_into("<I", data, buffer.span("data")[0] - 4, int(value))
        return bytes(data)
    holder: Table = tensor if part in ("type", "shape") else tensor["quantization"]
    kind = holder._fields[part][1]
    at = holder._where(holder._fields[part])
    code = NUMBERS[kind.strip("[]")]
    start = holder._buffer.vector(at, code.size)[0] if kind.startswith("[") else at
    code.pack_into(data, start, value if code.format.endswith(("f", "d")) else int(value))
    return bytes(data)


CONV = "sequential_3/stem/Conv2D"
ACTIVATION = "sequential_3/stem/Relu6;sequential_3/stem/Conv2D"
TFLITE: dict[str, tuple[str, str, str, float]] = {
    "weights with a zero point": ("DPL432", CONV, "zero_point", 3),
    "zero point that is no int8": ("DPL432", ACTIVATION, "zero_point", 300),
    "scale zero": ("DPL430", ACTIVATION, "scale", 0.0),
    "scale infinite": ("DPL430", CONV, "scale", float("inf")),
    "float between quantized": ("DPL433", ACTIVATION, "type", 0),
    "bytes missing": ("DPL427", CONV, "size", 200),
    "integer result": ("DPL433", ACTIVATION, "type", 2),
    "reads what it gives": ("DPL491", "StatefulPartitionedCall:0", "input", 17),
    "axis that is not there": ("DPL493", "sequential_3/global_average_pooling2d_3/Mean/reduction_indices", "integer", 7),
    "weights without a scale": ("DPL495", CONV, "scales", 0),
    "depthwise weights with one scale": ("DPL540", "sequential_3/mix/depthwise", "scales", 1),
}
"""Defect -> rule, and what `poke` changes of the model int8.tflite."""


def labelled(labels: str | None) -> bytes:
    """A classifier of four classes whose metadata name a file of labels, with these packed behind it, or nothing."""
    whole = (DATA / "tflite" / "described.tflite").read_bytes()
    stream = io.BytesIO(whole[: whole.index(b"PK\3\4")])
    stream.seek(0, io.SEEK_END)
    if labels is not None:
        with zipfile.ZipFile(stream, "a") as archive:
            archive.writestr("labels.txt", labels)
    return stream.getvalue()


def optimized_ort(suffix: str = "") -> bytes:
    return (DATA / "ort" / f"torch_legacy_opset11{suffix}.ort").read_bytes()


def openvino(version: int) -> bytes:
    layers = (
        '<layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,4" element_type="f32"/>'
        '<output><port id="0"/></output></layer>'
        '<layer id="1" name="r" type="ReLU" version="opset1"><input><port id="0"/></input><output><port id="1"/></output></layer>'
        '<layer id="2" name="y" type="Result" version="opset1"><input><port id="0"/></input></layer>'
    )
    edges = "".join(f'<edge from-layer="{i}" from-port="{i}" to-layer="{i + 1}" to-port="0"/>' for i in range(2))
    return f'<?xml version="1.0"?>\n<net name="n" version="{version}"><layers>{layers}</layers><edges>{edges}</edges></net>'.encode()


WHOLE: dict[str, tuple[str, str, bytes, bytes]] = {
    "a version long past": ("DPL469", "net.xml", openvino(7), openvino(11)),
    "optimized for one CPU": ("DPL455", "net.ort", optimized_ort("_optimized"), optimized_ort()),
    "labels lost": ("DPL456", "net.tflite", labelled(None), labelled("cat\ndog\nnewt\nowl\n")),
    "a label too few": ("DPL457", "net.tflite", labelled("cat\ndog\nnewt\n"), labelled("cat\ndog\nnewt\nowl\n")),
}
"""Defect -> rule, file, content with it and without."""


# TensorFlow's graphs, Core ML's models: a few fields of protobuf


def varint(value: int) -> bytes:
    prefix = b""
    while value > 127:
        prefix, value = prefix + bytes([value & 127 | 128]), value >> 7
    return prefix + bytes([value])


def field(number: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def graph_node(name: str, kind: str, *inputs: str, device: str = "") -> bytes:
    return field(1, field(1, name) + field(2, kind) + b"".join(field(3, i) for i in inputs) + (field(4, device) if device else b""))


FOUR, UNKNOWN_RANK = field(2, field(1, 4)), field(3, 1)


def saved_model(*nodes: bytes, tag: str = "serve", shape: bytes = FOUR) -> bytes:
    """A SavedModel with one signature, x -> y, each of four numbers."""

    def tensor(name: str) -> bytes:
        return field(1, name) + field(2, field(1, f"{name}:0") + field(2, 1) + field(3, shape))

    signature = field(1, tensor("x")) + field(2, tensor("y")) + field(3, "tensorflow/serving/predict")
    meta = field(1, field(4, tag) + field(5, "2.15.0"))
    return field(1, 1) + field(2, meta + field(2, b"".join(nodes)) + field(5, field(1, "serving_default") + field(2, signature)))


X, Y = graph_node("x", "Placeholder"), graph_node("y", "Relu", "x")
TENSORFLOW: dict[str, tuple[str, str, bytes, bytes]] = {
    "calls Python": ("DPL445", "saved_model.pb", saved_model(X, graph_node("y", "EagerPyFunc", "x")), saved_model(X, Y)),
    "unfed placeholder": (
        "DPL449",
        "saved_model.pb",
        saved_model(X, graph_node("keep_prob", "Placeholder"), graph_node("y", "Mul", "x", "keep_prob")),
        saved_model(X, graph_node("keep_prob", "Placeholder"), Y),
    ),
    "bound to a GPU": ("DPL443", "frozen.pb", X + graph_node("y", "Relu", "x", device="/job:localhost/device:GPU:0"), X + Y),
    "fake quantization": (
        "DPL434",
        "frozen.pb",
        X + graph_node("q", "FakeQuantWithMinMaxArgs", "x") + graph_node("y", "Relu", "q"),
        X + graph_node("q", "Relu6", "x") + graph_node("y", "Relu", "q"),
    ),
    "normalization in training": (
        "DPL490",
        "frozen.pb",
        X + graph_node("y", "FusedBatchNormV3", "x", "x", "x", "x", "x"),
        X + graph_node("y", "Relu", "x"),
    ),
    "not tagged to be served": ("DPL497", "saved_model.pb", saved_model(X, Y, tag="train"), saved_model(X, Y)),
    "operator of another library": ("DPL499", "frozen.pb", X + graph_node("y", "Addons>Gelu", "x"), X + Y),
    "input of training": ("DPL532", "frozen.pb", graph_node("x", "IteratorGetNext") + Y, X + Y),
    "without its variables": ("DPL533", "frozen.pb", X + graph_node("w", "VariableV2") + graph_node("y", "MatMul", "x", "w"), X + Y),
    "reads a node that is not there": ("DPL534", "frozen.pb", X + graph_node("y", "Add", "x", "gone"), X + Y),
    "two nodes of one name": ("DPL534", "frozen.pb", X + Y + graph_node("y", "Neg", "x"), X + Y),
    "output of unknown rank": ("DPL545", "saved_model.pb", saved_model(X, Y, shape=UNKNOWN_RANK), saved_model(X, Y)),
}
"""Defect -> rule, file, content with it and without."""


# TensorFlow.js: the JSON of a model


def graph_json(*nodes: dict[str, object]) -> bytes:
    """A graph model from x to y that needs no weights."""
    x = {"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}}}
    return json.dumps({"format": "graph-model", "modelTopology": {"node": [x, *nodes]}, "weightsManifest": []}).encode()


def layers_json(layer: str, weights: int = 0, **config: object) -> bytes:
    """A layers model of an input and a layer called "one"; `weights`, if not 0, are the columns of its kernel."""
    first = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "dtype": "float32", "name": "x"}}
    layers = [first, {"class_name": layer, "config": {"name": "one", **config}}]
    topology = {"keras_version": "2.15.0", "model_config": {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}}
    kernel = {"name": "one/kernel", "shape": [0, weights], "dtype": "float32"}
    manifest = [{"paths": [], "weights": [kernel]}] if weights else []
    return json.dumps({"format": "layers-model", "modelTopology": topology, "weightsManifest": manifest}).encode()


def json_node(kind: str, *inputs: str, **attributes: object) -> dict[str, object]:
    return {"name": "y", "op": kind, "input": list(inputs), "attr": attributes}


FIRST = {"data_format": {"s": base64.b64encode(b"NCHW").decode()}}
LAST = {"data_format": {"s": base64.b64encode(b"NHWC").decode()}}
TFJS: dict[str, tuple[str, bytes, bytes]] = {
    "operator that is not there": ("DPL530", graph_json(json_node("MatrixInverse", "x")), graph_json(json_node("Relu", "x"))),
    "layer that is not there": ("DPL530", layers_json("GroupNormalization"), layers_json("LayerNormalization")),
    "pooling with channels first": (
        "DPL531",
        graph_json(json_node("MaxPool", "x", **FIRST)),
        graph_json(json_node("MaxPool", "x", **LAST)),
    ),
    "normalization in training": (
        "DPL490",
        graph_json(json_node("FusedBatchNormV3", *"xxxxx", is_training={"b": True})),
        graph_json(json_node("FusedBatchNormV3", *"xxxxx", is_training={"b": False})),
    ),
    "weights of another layer": ("DPL535", layers_json("Dense", 3, units=2), layers_json("Dense", 2, units=2)),
    "stateful layer": ("DPL541", layers_json("LSTM", units=2, stateful=True), layers_json("LSTM", units=2, stateful=False)),
}
"""Defect -> rule, ``model.json`` with it and without."""


def coreml(kind: int, body: bytes, note: str = "tests") -> bytes:
    """A Core ML model that makes y of x, each four numbers."""
    x, y = (field(1, name) + field(3, field(5, field(1, 4) + field(2, 65568))) for name in "xy")
    return field(1, 4) + field(2, field(1, x) + field(10, y) + field(100, field(3, note))) + field(kind, body)


def coreml_layer(name: str, given: str, gives: str, kind: int, *parameters: bytes) -> bytes:
    return field(1, field(1, name) + field(2, given) + field(3, gives) + field(kind, b"".join(parameters)))


def dense(floats: int, given: str = "x", gives: str = "y") -> bytes:
    """A layer of 4 by 4 weights."""
    weights = field(20, field(1, struct.pack(f"<{floats}f", *range(floats))))
    return coreml_layer("dense", given, gives, 140, field(1, 4), field(2, 4), weights)


NETWORK, PIPELINE = 500, 202
HEALTHY_NETWORK = coreml(NETWORK, dense(16))
HEALTHY_PIPELINE = coreml(PIPELINE, field(1, HEALTHY_NETWORK))
COREML: dict[str, tuple[str, bytes, bytes]] = {
    "reads what nothing gives": ("DPL463", coreml(NETWORK, dense(16, "renamed")), HEALTHY_NETWORK),
    "reads what comes later": (
        "DPL463",
        coreml(NETWORK, dense(16, "h") + coreml_layer("relu", "x", "h", 130, field(10, b""))),
        coreml(NETWORK, coreml_layer("relu", "x", "h", 130, field(10, b"")) + dense(16, "h")),
    ),
    "gives no output": ("DPL463", coreml(NETWORK, dense(16, "x", "z")), HEALTHY_NETWORK),
    "a pipeline of models that do not fit": (
        "DPL463",
        coreml(PIPELINE, field(1, HEALTHY_NETWORK.replace(b"\x0a\x01x", b"\x0a\x01z").replace(b"\x12\x01x", b"\x12\x01z"))),
        HEALTHY_PIPELINE,
    ),
    "too few weights": ("DPL427", coreml(NETWORK, dense(15)), HEALTHY_NETWORK),
    "too many weights": ("DPL427", coreml(NETWORK, dense(17)), HEALTHY_NETWORK),
    "a path in the metadata": ("DPL440", coreml(NETWORK, dense(16), "made from /Users/alice/net/train.py"), HEALTHY_NETWORK),
    "a key in the metadata": ("DPL441", coreml(NETWORK, dense(16), "AKIA" + "IOSFODNN7EXAMPLF"), HEALTHY_NETWORK),
}
"""Defect -> rule, content with it and without."""
