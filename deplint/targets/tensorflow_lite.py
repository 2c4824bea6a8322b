"""TensorFlow Lite: what its converter makes of a TensorFlow model.

Measured, for each operator and the dtype of its first input (`tools/support/tensorflow_lite.py`): it becomes built-in operators, or the
converter asks for TensorFlow's own (select operators) or for a custom one. An operator whose inputs are all known is folded before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from deplint.model import BITS, Graph, Layer, Model, Op
from deplint.targets import At, keras, litert
from deplint.targets.soundness import SAVEDMODEL, faults
from deplint.targets.subject import Subject
from deplint.targets.table import Operand, Row, Rows, rows
from deplint.targets.tensorflow_graph import CALLS, DEEPEST, FED, VARIABLES, Node, nodes, unloadable
from deplint.targets.tensorflow_layers import LAYERS, uses
from deplint.targets.verdict import Reason, Verdict

KERNELS = "tensorflow-kernels"
"""The table of TensorFlow's own operators."""

KNOWN = frozenset({*BITS, "string", "resource", "variant"})

ALLOW = "allow tf.lite.OpsSet.SELECT_TF_OPS and ship the select operators' library, or replace the operator"
REPLACE = "replace the operator, or move it out of the model"
NARROW = "reshape what it is given to four dimensions"
FLOATS = "replace the operator, or quantize dynamically (no representative dataset), which leaves it in float32"
UNROLL = "unroll the loop (unroll=True), or quantize dynamically (no representative dataset), which calibrates nothing"

WIDE = "PReLU of more than four dimensions fails: tfl.prelu operands do not have the same shape or broadcastable shapes within the rank 4"
LISTED = "a loop collects its steps in a list: the calibration of full integer quantization ends the process (segmentation fault)"

HANDLED = {
    *CALLS, *FED, *VARIABLES, "Const", "NoOp", "Identity", "IdentityN", "ReadVariableOp", "StopGradient", "PreventGradient", "Assert",
    "While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase", "Snapshot", "EnsureShape", "PlaceholderWithDefault",
    "Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond",
}  # fmt: skip
"""Operators that vanish, or become control flow, whatever their dtype."""

FUSED = {"DynamicStitch", "TensorListReserve", "TensorListSetItem", "TensorListStack", "TensorListFromTensor",
         "TensorListGetItem", "TensorListElementShape", "TensorListLength", "NonMaxSuppressionV4", "NonMaxSuppressionV5", "HashTableV2",
         "LookupTableFindV2", "LookupTableImportV2", "LookupTableSizeV2", "RFFT"}  # fmt: skip
"""Operators that the converter takes or not depending on what is around them: the operator alone proves nothing."""

FROM_LISTS = ("TensorListGetItem", "TensorListSetItem")
"""Operators a loop reads and writes its steps with."""

UNQUANTIZED = {"ReverseSequence"}
"""Operators that are quantized and have no kernel of int8: of those that become built-in operators, each was quantized by itself."""

BOUND = {"Tanh", "Sign"}
"""Operators that give numbers around zero: quantized, their zero point is 0."""

VIEWS = {"Reshape", "Transpose", "ExpandDims", "Squeeze", "Identity", "StridedSlice", "Tile"}
"""Operators that leave the numbers as they are."""

LOOPS = {"LSTM", "GRU", "SimpleRNN", "RNN"}
"""Layers of Keras that collect their steps in a list: of elements whose shape is known only with the batch size."""

SCALARS = {
    "OneHot": (1, 2, 3),
    "MatrixBandPart": (1, 2),
    "ConcatOffset": (0,),
    "Cumsum": (1,),
    "Cumprod": (1,),
    "CumulativeLogsumexp": (1,),
}
"""Inputs that TensorFlow imports whatever their rank, and its dialect of MLIR takes as scalars only (tf_ops_a_m.cc, tf_ops_n_z.cc)."""

ALONG = {"Cumsum", "Cumprod", "CumulativeLogsumexp"}
"""Operators whose second input is an axis of the first, which the dialect checks."""

TABLES = {("string", "int64"), ("int64", "string")}
"""Keys and values that built-in tables have."""

BETTER = ("builtin", "refused", "flex", "custom", "kernel", "error")
"""What may come of an operator, the best first."""


def builtins(subject: Subject, at: At) -> Iterator[Reason]:
    """What keeps a model from built-in operators alone."""
    yield from _converted(subject, at, select=False)


def select(subject: Subject, at: At) -> Iterator[Reason]:
    """What keeps a model from being converted with TensorFlow's operators allowed."""
    yield from _converted(subject, at, select=True)


def int8(subject: Subject, at: At) -> Iterator[Reason]:
    """What keeps a model from full integer quantization: what keeps it from built-in operators, and what cannot be calibrated or has no
    kernel of int8."""
    yield from _converted(subject, at, select=False, quantized=True)


def _converted(subject: Subject, at: At, select: bool, quantized: bool = False) -> Iterator[Reason]:
    model = subject.model
    assert model is not None
    if model.format == "tflite":
        yield from litert.tensorflow(subject, at, select)
        return
    if model.format.startswith("keras"):
        yield from _layers(subject, at, select, quantized)
        return
    yield from faults(subject, SAVEDMODEL)
    known = rows(at.target.table, at.release)
    registered = rows(KERNELS, at.release)
    for name in model.graph.inputs:
        if (dtype := model.graph.tensor(name).dtype) in ("resource", "variant"):
            words = f"the input {name} is a {dtype}: Unsupported TensorFlow type provided for the input type of the model"
            yield at.reason("dtype", words, subject, remedy="export a SavedModel, which keeps its tables")
    for graph, op, words in subject.once(unloadable):
        yield at.reason("file", words, subject, graph, op, remedy="export the model again")
    for graph in model.graphs:
        for op in graph.ops:
            if ("", op.type) not in registered and op.type not in model.functions:
                words = f"TensorFlow {at.release} has no operator {op.type}: Op type not registered"
                yield at.reason("operator", words, subject, graph, op, remedy="load the library that brings it, or replace the operator")
    for node in subject.once(nodes):
        op = node.op
        place = node.within[0] if node.within else (node.graph, op)
        if not node.within and op.type not in VARIABLES and (lacks := _no_kernel(op, registered.get(("", op.type), ()))):
            words = f"TensorFlow itself does not compute {op.type}{lacks}: No OpKernel was registered"
            yield at.reason("dtype", words, subject, *place, remedy="cast its inputs to float32")
            continue
        if op.type == "TensorListReserve" and not select and not sized(node):
            words = "TensorListReserve requires element_shape to be static: a loop collects what has a size nobody knows"
            yield at.reason("limit", words, subject, *place, remedy="fix the batch size of the model's inputs, or allow SELECT_TF_OPS")
        if op.type == "LookupTableFindV2" and not select and (pair := tuple(map(op.attributes.get, ("Tin", "Tout")))) not in TABLES:
            words = f"TensorFlow Lite has no tables from {pair[0]} to {pair[1]}, only between int64 and string"
            yield at.reason("dtype", words, subject, *place, remedy=ALLOW)
        if words := _unverified(node):
            yield at.reason("limit", words, subject, *place, remedy=REPLACE)
            continue
        if wide_prelu(node):
            yield at.reason("limit", WIDE, subject, *place, remedy=NARROW)
        if quantized and (words := _unquantized(node)):
            yield at.reason("limit", words, subject, *place, remedy=FLOATS)
        if node.folded or op.type in HANDLED or op.type in FUSED or part_of_gelu(node):
            continue
        yield from _operator(subject, at, select, node, place, known.get(("", op.type), ()), registered.get(("", op.type), ()))


def _layers(subject: Subject, at: At, select: bool, quantized: bool) -> Iterator[Reason]:
    """What keeps a Keras model from being converted: that Keras does not load it, or that one of its layers is no built-in operator."""
    from deplint.targets.known import TARGETS

    model = subject.model
    assert model is not None
    three = [int(part) for part in at.release.split(".")[:2]] >= [2, 16]  # those before come with Keras 2
    loading = TARGETS["keras3" if three else "keras2"]
    yield from (keras.keras3 if three else keras.keras2)(subject, At(loading, loading.releases[-1] if three else loading.releases[0]))
    known = rows(LAYERS, at.release)
    operators = rows(at.target.table, at.release)
    fixed = all(tensor.shape is not None and tensor.shape[:1] != (None,) for tensor in map(model.graph.tensor, model.graph.inputs))
    for layer in model.layers:
        used = dict.fromkeys(uses(known, layer, fixed))
        if layer.class_name in LOOPS and not fixed and not layer.config.get("unroll"):
            used["TensorListReserve:"] = None
        place = (f'layer "{layer.name}"',)
        source = str(at.target.meta["source"])
        if layer.class_name == "PReLU" and _wide(model, layer):
            yield Reason("limit", Verdict.fails, WIDE, layer.class_name, 1, place, NARROW, source)
        came = {use: _came_of_use(operators, use) for use in used}
        worst = max((result for result in came.values() if not (result == "flex" and select)), key=BETTER.index, default="builtin")
        if worst == "builtin":
            looped = layer.class_name in LOOPS or any(use.startswith(FROM_LISTS) for use in used)
            if quantized and looped and not layer.config.get("unroll"):
                yield Reason("limit", Verdict.fails, LISTED, layer.class_name, 1, place, UNROLL, source)
            continue
        named = ", ".join(dict.fromkeys(use.partition(":")[0] for use, result in came.items() if result == worst))
        words = {
            "flex": f"TensorFlow Lite has no built-in operator for {named} of {layer.class_name}: the converter asks for SELECT_TF_OPS",
            "custom": f"the converter knows {named} of {layer.class_name} as a custom operator only",
        }.get(worst, f"the converter fails on {named} of {layer.class_name}")
        remedy = ALLOW if worst == "flex" else REPLACE
        if "TensorListReserve" in named:
            remedy = f"fix the batch size of the model's input, pass unroll=True, or {ALLOW}"
        yield Reason("operator", Verdict.fails, words, layer.class_name, 1, place, remedy, source)


def _came_of_use(operators: Rows, use: str) -> str:
    """What the converter makes of an operator of a layer, named with the dtype of its first input."""
    name, _, dtype = use.partition(":")
    if name == "TensorListReserve":
        return "flex"
    if name == "LookupTableFindV2":
        return "builtin" if tuple(dtype.split(">")) in TABLES else "flex"
    return "builtin" if name in HANDLED | FUSED else _came_of(operators.get(("", name), ()), dtype) or "builtin"


def _operator(
    subject: Subject, at: At, select: bool, node: Node, place: tuple[Graph, Op], found: Sequence[Row], registered: Sequence[Row]
) -> Iterator[Reason]:
    """What the converter makes of an operator, where that keeps the model from being converted."""
    op = node.op
    dtype = _first_dtype(node, registered)
    came = "error" if op.type == "Atan2" and _broadcasts(node) else "refused" if _real_transform(node) else _came_of(found, dtype)
    inputs = (replace(node.inputs[0], dtype=dtype), *node.inputs[1:]) if node.inputs else ()
    limit = next((limit for row in found for limit in row.limits if limit.met(op.attributes, inputs) is False), None)
    if came in ("builtin", "") and limit is not None:
        came = limit.status if limit.status in BETTER else "error"
        if not (came == "flex" and select):
            words = (
                f"{op.type} becomes no built-in operator: {limit.text}"
                if came == "flex"
                else f"the converter fails on {op.type}: {limit.text}"
            )
            yield at.reason("limit", words, subject, *place, remedy=ALLOW if came == "flex" else REPLACE)
        return
    if came in ("builtin", "") or (came == "flex" and select):
        return
    of = f" of {dtype}" if dtype and any(_came_of(found, other) == "builtin" for other in ("float32", "int32")) else ""
    if came == "flex":
        words = f"TensorFlow Lite has no built-in operator for {op.type}{of}: the converter asks for SELECT_TF_OPS"
    elif came == "custom":
        words = f"the converter knows {op.type}{of} as a custom operator only"
    elif came == "refused":
        words = f"the converter takes {op.type}{of}, and the interpreter does not take what it makes of it"
    else:
        words = f"the converter fails on {op.type}{of}"
    remedy = ALLOW if came == "flex" else "cast its inputs to float32" if of else REPLACE
    yield at.reason("dtype" if of else "operator", words, subject, *place, remedy=remedy)


def _unverified(node: Node) -> str:
    """Why the converter refuses the operator when it reads the graph, before it converts anything, in words; "" if nothing is known."""
    op, inputs = node.op, node.inputs
    if op.type == "Merge" and isinstance(count := op.attributes.get("N"), int) and count != 2:
        return f"Merge only has {count} inputs, while only merge nodes with two inputs supported"
    if op.type == "ShapeN" and len(inputs) > 1 and all(operand.static for operand in inputs):
        return "ShapeN of several known shapes is folded: type of return operand doesn't match function result type"
    if op.type == "Bitcast" and op.attributes.get("T") == op.attributes.get("type") is not None:
        return "Bitcast to the same dtype is folded: type of return operand doesn't match function result type"
    if op.type == "Slice" and len(inputs) == 3 and (words := _beyond(*inputs)):
        return words
    for number in SCALARS.get(op.type, ()):
        if number < len(inputs) and (rank := inputs[number].rank):
            return f"input {number} of {op.type} has {rank} dimensions and has to be a scalar"
    if op.type in ALONG and len(inputs) > 1 and (value := inputs[1].value):
        of = inputs[0].rank
        if of is not None and not -of <= value[0] < of:
            return f"the axis {value[0]} of {op.type}: axis operand should be within range [-{of}, {of})"
    return ""


def _beyond(of: Operand, begins: Operand, sizes: Operand) -> str:
    """Whether a slice with constant begin and size leaves its input, in words."""
    for dim, begin, size in zip(of.shape or (), begins.value or (), sizes.value or (), strict=False):
        if isinstance(dim, int) and dim >= 0 and not (0 <= begin <= begin + max(size, 0) <= dim):
            return f"Slice takes {size} numbers from {begin} on of a dimension of {dim}: requires 0 <= begin[i] <= begin[i] + size[i] <= Di"
    return ""


def _broadcasts(node: Node) -> bool:
    """Whether the operator's inputs are of different shapes for certain."""
    shapes = [operand.shape for operand in node.inputs]
    return None not in shapes and len({len(shape or ()) for shape in shapes}) > 1


def _real_transform(node: Node) -> bool:
    """Whether a Fourier transform of real numbers gives but real parts: what the converter makes of it has half of the numbers."""
    if node.op.type != "FFT" or not node.op.inputs or not node.op.outputs:
        return False
    before = node.graph.producers.get(node.op.inputs[0])
    after = {reader.type for reader in node.graph.consumers.get(node.op.outputs[0], ())}
    return before is not None and before.type == "Cast" and after == {"Real"}


def _maker(node: Node, number: int) -> Op | None:
    """The operator that gives an input, past what only passes it on."""
    names = [name for name in node.op.inputs if not name.startswith("^")]
    maker = node.graph.producers.get(names[number]) if number < len(names) else None
    for _ in range(DEEPEST):
        if maker is None or maker.type not in VIEWS or not maker.inputs:
            break
        maker = node.graph.producers.get(maker.inputs[0])
    return maker


def _unquantized(node: Node) -> str:
    """Why full integer quantization fails on an operator that becomes a built-in one, in words; "" if nothing is known."""
    op = node.op
    if op.type in FROM_LISTS and op.attributes.get("element_dtype") == "float32" and any("While" in o.type for _, o in node.within):
        return LISTED
    if not node.inputs or node.folded or node.inputs[0].dtype != "float32":
        return ""
    if op.type in UNQUANTIZED:
        return f"{op.type} is quantized, and has no kernel: Type 'INT8' is not supported"
    if op.type == "Conv2D" and not node.loop and len(node.inputs) > 1 and not node.inputs[1].constant:
        maker = _maker(node, 1)
        if maker is not None and maker.type not in BOUND and maker.type not in FED:
            return "Conv2D of a filter that is computed: quantized, its zero point is not 0, which the kernel wants"
    return ""


def wide_prelu(node: Node) -> bool:
    """Whether it is a part of PReLU, which becomes one operator: ``-alpha * Relu(-x)`` for an alpha of four dimensions or more."""
    if node.op.type != "Mul" or node.folded or len(node.inputs) != 2:
        return False
    before = [node.graph.producers.get(name) for name in node.op.inputs[:2]]
    for alpha, given, maker in zip(node.inputs, node.inputs[::-1], before[::-1], strict=True):
        if alpha.constant and len(alpha.shape or ()) >= 4 and len(given.shape or ()) > 4 and maker is not None and maker.type == "Relu":
            negated = node.graph.producers.get(maker.inputs[0]) if maker.inputs else None
            return negated is not None and negated.type == "Neg"
    return False


def _wide(model: Model, layer: Layer) -> bool:
    """Whether the weights of a PReLU have four dimensions, of which its input has one more."""
    return any(
        name.startswith((f"{layer.name}/", f"layers/{layer.name}/")) and len(tensor.shape or ()) >= 4
        for name, tensor in model.graph.tensors.items()
    )


def part_of_gelu(node: Node) -> bool:
    """Whether an error function is what GELU is made of, which becomes one operator: ``1 + Erf(x * c)``, ``x * Erfc(x * -c)``."""
    op, graph = node.op, node.graph
    if op.type not in ("Erf", "Erfc") or not op.inputs or not op.outputs:
        return False
    before = graph.producers.get(op.inputs[0])
    after = {reader.type for reader in graph.consumers.get(op.outputs[0], ())}
    return before is not None and before.type in ("Mul", "RealDiv") and bool(after & ({"Add", "AddV2"} if op.type == "Erf" else {"Mul"}))


def _no_kernel(op: Op, registered: Sequence[Row]) -> str:
    """The dtypes that no kernel of TensorFlow on the CPU has for the operator, in words; "" if one has them."""
    for row in registered:
        kernels = row.more.get("kernels")
        if kernels is None:
            continue
        given = {key: value for kernel in kernels for key in kernel if isinstance(value := op.attributes.get(key), str) and value in KNOWN}
        if given and not any(all(value in kernel.get(key, (value,)) for key, value in given.items()) for kernel in kernels):
            return f" of {', '.join(dict.fromkeys(given.values()))}"
    return ""


def _first_dtype(node: Node, registered: Sequence[Row]) -> str:
    """The dtype of the first input; where the graph does not say, as the operator's own attributes have it."""
    if node.inputs and node.inputs[0].dtype:
        return node.inputs[0].dtype
    for row in registered:
        first = str(row.more.get("first", ""))
        stated = node.op.attributes.get(first)
        return stated if isinstance(stated, str) else first if first in KNOWN else ""
    return ""


def sized(node: Node) -> bool:
    """Whether the shape of a list's elements may be known: a constant without unknown sizes, or of unknown rank."""
    shape = node.inputs[0] if node.inputs else None
    return shape is None or shape.value is None or shape.rank == 0 or all(size >= 0 for size in shape.value)


def _came_of(found: Sequence[Row], dtype: str) -> str:
    """What the converter made of the operator; "" where that was not measured, and other dtypes came out differently."""
    for row in found:
        measured: Mapping[str, str] = {name: result for result in BETTER for name in row.more.get(result, ())}
        results = set(measured.values())
        if dtype in measured and (measured[dtype] not in ("error", "refused") or results == {measured[dtype]}):
            return measured[dtype]  # a failure may as well be the fault of the numbers that were tried
        if "builtin" not in results:
            return min(results, key=BETTER.index, default=str(row.more.get("otherwise", "")))
    return ""
