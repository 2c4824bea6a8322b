"""Core ML: what coremltools converts.

Its frontends look up each operator by name (coremltools/converters/mil/frontend/torch/ops.py, ``convert_single_node``; the one for
TensorFlow ``convert_graph``). TorchScript goes in as it is; an exported program is decomposed first, ``program.run_decompositions({})``,
and its inputs have the dtypes of Core ML or stop the conversion (``exir_utils.py``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from deplint.model import Graph, Model, Op
from deplint.targets import At, keras
from deplint.targets.pytorch import Used, damaged, fed, followed, operators, projected, scripted, written_whole
from deplint.targets.soundness import SAVEDMODEL, faults
from deplint.targets.subject import Subject
from deplint.targets.table import Row, Rows, rows
from deplint.targets.tensorflow_graph import CALLS, FED, VARIABLES, Node, nodes
from deplint.targets.tensorflow_layers import LAYERS, uses
from deplint.targets.torchscript_shapes import Shaped
from deplint.targets.verdict import Reason, Verdict

TAKEN = ("bool", "float32", "float64", "int16", "int32", "int64")
"""Dtypes of an exported program's inputs that Core ML has, or that are narrowed."""

NUMBERED = ("bool", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "uint8")
"""Dtypes that arguments of an exported program may be (``TORCH_DTYPE_TO_NUM``, converters/mil/frontend/torch/utils.py)."""

FOREIGN = ("bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
"""Dtypes that NumPy, which an exported program's tensors are handed to, has none for."""

NOTHING = Row("")

OTHER = "replace the operator by others, or register a conversion (register_torch_op)"


def looked_up(name: str) -> str:
    """The name an operator of PyTorch is looked up by (``sanitize_op_kind``): ``aten.add.Tensor`` and ``aten::add_`` as ``add``."""
    kind = name.lower()
    if kind.startswith("__") and kind.endswith("__"):
        kind = kind[2:-2]
    for mark in ("::", "."):
        parts = kind.split(mark)
        first = 1 if parts[0] in ("aten", "prim") and len(parts) > 1 else 0
        last = len(parts) - 1 if parts[-1] in SUFFIXES and len(parts) - first > 1 else len(parts)
        kind = mark.join(parts[first:last])
    return kind[:-1] if kind.endswith("_") else kind


SUFFIXES = ("default", "int", "tensor", "tensor_mode", "scalar", "tensor_scalar")
"""Overloads that coremltools does not tell apart."""

BECOMES = {"chunk": "constantchunk"}
"""Operators of TorchScript that its passes write as others."""

REMOVED = frozenset(
    {
        *("raiseexception", "format", "warn", "device", "isnot", "is", "not", "contains", "annotate", "unchecked_cast", "append", "len"),
        *("scalarimplicit", "numtotensor", "tolist", "dtype", "getitem", "layout", "requires_grad", "str"),
    }
)
"""Operators of TorchScript that its passes remove before they are looked up."""


def mlprogram(subject: Subject, at: At) -> Iterator[Reason]:
    """What ``coremltools.convert`` refuses, for ML Programs or for neural networks, whose tables differ.

    A model of Core ML's own is taken for one that its system loads.
    """
    model = subject.model
    assert model is not None
    known = rows(at.target.table, at.release)
    if model.format == "torch-export":
        yield from damaged(subject, at)
        yield from _exported(subject, at, known)
    elif model.format == "torchscript":
        yield from damaged(subject, at)
        yield from _scripted(subject, at, known)
    elif model.format != "coreml":
        yield from _tensorflow(subject, at, known)


def _unmade(row: Row | None) -> tuple[str, str]:
    """Words for what a translation always makes that the format has nothing for, and a remedy: neural networks, which are older, or ML
    Programs of the systems that coremltools aims at by itself."""
    if row is None or row.status != "unsupported":
        return "", ""
    made, since = row.more["made_of"], row.more.get("since")
    if since is None:
        return f"becomes {made}, which neural networks of Core ML have no layer for", 'convert to an ML Program (convert_to="mlprogram")'
    words = f"becomes {made}, which ML Programs have from {since} on, and coremltools aims at {BY_ITSELF} by itself"
    return words, f"convert with minimum_deployment_target=coremltools.target.{since}"


BY_ITSELF = "iOS15"
"""The system that coremltools converts to ML Programs for, if nothing else is said."""


def _exported(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    model = subject.model
    assert model is not None
    for tensor in model.inputs:
        if tensor.dtype and tensor.dtype not in TAKEN:
            half = tensor.dtype == "float16"
            words = f"Core ML takes no input of {tensor.dtype}" + (
                " before iOS 16, which coremltools does not aim at by itself" if half else ""
            )
            remedy = "convert with minimum_deployment_target=coremltools.target.iOS16" if half else "export the model with float32 inputs"
            yield at.reason("dtype", f"{words} ({tensor.name})", subject, remedy=remedy)
    if returned := model.metadata.get("returns"):
        words = f"coremltools converts no exported program that returns what is no tensor ({returned})"
        yield at.reason("limit", words, subject, remedy="return tensors only, and export the model again")
    for tensor in model.graph.weights:
        if tensor.dtype in FOREIGN:
            words = f"coremltools reads no tensors of {tensor.dtype} ({tensor.name})"
            yield at.reason("dtype", words, subject, remedy="cast the module to float32 or float16 before it is exported")
    for graph, op in model.graph.walk():
        if isinstance(dtype := op.attributes.get("dtype"), str) and dtype not in NUMBERED:
            words = f"coremltools has no number for the dtype {dtype}, which an argument of {op.domain}.{op.type} is"
            yield at.reason("dtype", words, subject, graph, op, remedy="compute in float32 or float16, and export the module again")
    halves: set[str] = set()
    for used in subject.once(operators):
        if used.op.type == "floor_divide" or (used.op.type in MOVED and halves.intersection(used.op.inputs)):
            halves.update(used.op.outputs)
    for used in subject.once(operators):
        domain = used.op.domain
        if domain == "higher_order" and used.op.type in NESTED:
            words = f"coremltools converts no {used.op.type} of an exported program"
            remedy = "script the module, whose branches and loops coremltools converts"
            yield at.reason("operator", words, subject, used.graph, used.op, remedy=remedy)
        if domain in ("_operator", "math", "torch", "builtins", "higher_order", ""):
            continue
        name = f"{domain}.{used.key}"
        row = next(iter(known.get(("export", name), ())), None)
        if row is not None:
            if row.status == "unsupported":
                inner = str(row.more.get("made_of", ""))
                made = "" if looked_up(name) == inner else f": it becomes {inner}, which has none"
                yield at.reason("operator", f"coremltools has no conversion of {name}{made}", subject, used.graph, used.op, remedy=OTHER)
        elif ("torch", looked_up(name)) not in known:
            yield at.reason("operator", f"coremltools has no conversion of {name}", subject, used.graph, used.op, remedy=OTHER)
        elif (unmade := _unmade(known["torch", looked_up(name)][0]))[0]:
            yield at.reason("operator", f"{name} {unmade[0]}", subject, used.graph, used.op, remedy=unmade[1])
        elif unmet := _unmet(known["torch", looked_up(name)], used, halves):
            yield at.reason("limit", f"coremltools' conversion of {name} {unmet}", subject, used.graph, used.op, remedy=OTHER)
        elif used.given < (wanted := known.get(("expects", looked_up(name)), (NOTHING,))[0].more.get("expects", 0)):
            words = f"coremltools converts {name} with all of its {wanted} arguments only, and the program has {used.given}"
            yield at.reason("limit", words, subject, used.graph, used.op, remedy="convert the traced module (torch.jit.trace) instead")
        elif used.dtype in known.get(("refuses", looked_up(name)), (NOTHING,))[0].more.get("refuses", ()):
            words = f"Core ML's operator for {name} takes floating-point numbers, not {used.dtype}"
            yield at.reason("dtype", words, subject, used.graph, used.op, remedy="cast to float32 before it")


def _unmet(found: Sequence[Row], used: Used, halves: Collection[str]) -> str | None:
    """What a translation does not take of an exported program's operator; `halves` are results of ``floor_divide``, which become
    floating-point numbers."""
    given = used.op.attributes
    makers = [maker.type for name in used.op.inputs if (maker := used.graph.producers.get(name)) is not None]
    if (after := LITERAL.get(used.op.type)) is not None and (not after or after in makers):
        return f"looks its numbers up as tensors{f' after {after}' if after else ''}, which they are in TorchScript only"
    if used.op.type == "einsum" and _dotted(given.get("equation"), [operand.rank for operand in used.inputs]):
        return DOTS
    if used.op.type == "gather" and any(name in halves for name in used.op.inputs[1:]):
        return "takes no indices that floor_divide makes"
    if used.op.type == "col2im" and any(
        s < k for s, k in zip(_numbers(given.get("stride")), _numbers(given.get("kernel_size")), strict=False)
    ):
        return "takes no stride smaller than the kernel"
    if used.op.type.startswith("conv_transpose") and any(_numbers(given.get("output_padding"))) and not any(_numbers(given.get("padding"))):
        return "takes no output_padding without padding"
    if (
        used.op.type.startswith("adaptive_")
        and {*_numbers(given.get("output_size"))} - {1}
        and used.inputs
        and used.inputs[0].static is False
    ):
        return "takes no input of a size that is not known, unless the output's is 1"
    return next((limit.text for row in found for limit in row.limits if limit.met(given, used.inputs) is False), None)


def _numbers(value: object) -> Sequence[int]:
    return [each for each in value if isinstance(each, int)] if isinstance(value, list | tuple) else ()


LITERAL = {"multinomial": "", "grid_sampler": "affine_grid_generator"}
"""Operators whose translations look up the numbers that an exported program gives as if they were tensors (``context[node.inputs[2]]`` in
converters/mil/frontend/torch/ops.py): always, or after the operator that is named."""

MOVED = ("unsqueeze", "expand", "slice", "select", "view", "reshape", "permute", "transpose", "clone", "squeeze", "flatten", "expand_as")
"""Operators that give their input's numbers in another form."""

NESTED = ("cond", "while_loop", "scan", "map_impl", "map", "associative_scan")
"""Operators that hold graphs."""

SIZED = re.compile(r"\bint\((?!torch\.(?:item|sum))")
"""A number that is made of a tensor, in TorchScript's code."""


COMPUTED = re.compile(r"\[(?:[^]]*, )?_\d+\b")
"""A list of sizes one of which is computed, in TorchScript's code."""


def _scripted(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    model = subject.model
    assert model is not None
    for number, (_, shape) in enumerate(fed(subject) or ()):
        if shape == ():
            words = f"Core ML takes no input of rank 0 (the one at {number})"
            yield at.reason("limit", words, subject, remedy="give it the shape (1,)")
    for name in subject.once(followed).left:
        words = f"coremltools takes no module of which a parameter is left out ({name})"
        yield at.reason("limit", words, subject, remedy="give all that forward takes, or script it without that parameter")
    if (checked := _checked(subject)) is not None:
        words = f"coremltools leaves the branches and checks of scripted code as they are, and has no conversion of {checked[1].type}"
        yield at.reason("operator", words, subject, *checked, remedy="trace the module with an example input (torch.jit.trace) instead")
    found = subject.once(scripted)
    loose: set[str] = set()  # graphs that have made a tensor of computed sizes, which coremltools does not know from then on
    sized = None
    for used in found:
        if SIZED.search(used.written) and used.graph.name not in loose and "/modules/rnn" not in str(used.op.attributes.get("_code")):
            sized = used
            break
        if used.op.type in ("view", "reshape") and COMPUTED.search(used.written):
            loose.add(used.graph.name)
    if sized is not None and any(used.op.type == "NumToTensor" and used.graph is sized.graph for used in found):
        words = "coremltools makes no number of a size with NumPy 2.4 and later, and the code uses int(size)"
        yield at.reason("limit", words, subject, sized.graph, sized.op, remedy="install numpy<2.4 beside coremltools")
    stored = {tensor.dtype for tensor in model.graph.weights}.intersection(FOREIGN)
    halves = not any(looked_up(f"{used.op.domain}::{used.op.type}") in CASTING for used in found)
    for used in found:
        kind = looked_up(f"{used.op.domain}::{used.op.type}")
        if foreign := next((operand.dtype for operand in used.inputs[1:] if operand.dtype in stored), None):
            words = f"coremltools reads no tensors of {foreign}, which {used.op.type} is given"
            yield at.reason("dtype", words, subject, used.graph, used.op, remedy=WHOLE_FLOATS)
        elif halves and [operand.dtype for operand in used.inputs[PARAMETER.get(kind, len(used.inputs)) :]][:1] == ["float16"]:
            words = (
                f"Core ML's inputs are of float32 before iOS 16, and its operator for {used.op.type} takes no parameters of float16 then"
            )
            yield at.reason("dtype", words, subject, used.graph, used.op, remedy=WHOLE_FLOATS)
        if ("torch", BECOMES.get(kind, kind)) not in known and kind.strip("_") not in REMOVED:
            if used.op.type.endswith("_") and used.written.startswith("torch."):
                continue  # of a view that has no name: it is left out where its result has no use
            words = f"coremltools has no conversion of {used.op.domain}::{used.op.type}"
            yield at.reason("operator", words, subject, used.graph, used.op, remedy=OTHER)
        elif (unmade := _unmade(next(iter(known.get(("torch", BECOMES.get(kind, kind)), ())), None)))[0]:
            words = f"{used.op.domain}::{used.op.type} {unmade[0]}"
            yield at.reason("operator", words, subject, used.graph, used.op, remedy=unmade[1])
        elif words := _refused(kind, used) or next(filter(None, (used.without(row) for row in known.get(("torch", kind), ()))), ""):
            words = f"coremltools' conversion of {used.op.domain}::{used.op.type} {words}"
            yield at.reason("limit", words, subject, used.graph, used.op, remedy=OTHER)
        elif used.dtype in known.get(("refuses", kind), (NOTHING,))[0].more.get("refuses", ()):
            words = f"Core ML's operator for {used.op.domain}::{used.op.type} takes floating-point numbers, not {used.dtype}"
            yield at.reason("dtype", words, subject, used.graph, used.op, remedy="cast to float32 before it")


PARAMETER = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "_convolution"), 2),
    **dict.fromkeys(("layer_norm", "group_norm"), 2),
    **dict.fromkeys(("_convolution_mode", "instance_norm"), 1),
}
"""Which argument must have the dtype of the first (mil/ops/defs/iOS15/conv.py and normalization.py): the bias, or the scale."""

CASTING = frozenset(
    {
        *("to", "half", "type_as", "embedding", "full", "full_like", "zeros", "zeros_like", "ones", "ones_like", "arange", "tensor"),
        *("new_zeros", "new_ones", "new_full", "rand", "randn", "rand_like", "randn_like", "_cast_half", "expand_as", "scalar_tensor"),
    }
)
"""Operators that may give float16 where no input is of it."""

WHOLE_FLOATS = "convert the module in float32 (module.float()): coremltools stores ML Programs in float16 by itself"


def _checked(subject: Subject) -> tuple[Graph, Op] | None:
    """An operator of a check that a scripted module makes of its arguments; those of a traced one were made once."""
    model = subject.model
    assert model is not None
    ran = subject.once(followed)
    if not ran.whole or any(tensor.dtype for tensor in model.inputs):
        return None
    graphs = (graph for graph in model.graphs if graph.name in ran.entered)
    return next(((graph, op) for graph in graphs for op in graph.ops if op.type in CHECKS), None)


CHECKS = ("RaiseException", "format", "len", "__isnot__", "__contains__")
"""What the library of torch.nn asks of arguments in scripted code, and no translation takes."""


def _refused(kind: str, used: Used) -> str | None:
    """What a translation does not take of TorchScript's operator, as far as its arguments are known."""
    match kind, used.args:
        case "copy", _ if written_whole(used):
            return "takes no destination that is a whole tensor"
        case "conv1d" | "conv2d" | "conv3d", (_, _, None, *_):
            return "takes no bias that is None, as scripted code has it"
        case "einsum", (equation, [*operands], *_) if _dotted(equation, [_rank(operand) for operand in operands]):
            return DOTS
        case "lstm", _ if projected(used):
            return "takes no projections (proj_size)"
        case "rnn_tanh" | "rnn_relu", (_, _, _, _, _, _, _, True, *_):
            return "takes one direction only"
        case "gather", (_, _, Shaped(by="floor_divide"), *_):
            return "takes no indices that floor_divide makes"
        case "grid_sampler", (Shaped(shape=tuple() as shape), *_) if len(shape) != 4:
            return "takes images only, of rank 4"
        case "col2im", (_, _, kernel, _, _, stride) if any(s < k for s, k in zip(_numbers(stride), _numbers(kernel), strict=False)):
            return "takes no stride smaller than the kernel"
        case "avg_pool2d" | "avg_pool3d", (_, _, _, _, _, _, int()):
            return "takes no divisor_override"
    return None


def _tensorflow(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    model = subject.model
    assert model is not None
    if model.format in ("keras", "graphdef"):
        words = "coremltools.convert takes paths of SavedModels and of .h5 files, and no others of TensorFlow"
        yield at.reason("file", words, subject, remedy="load it first (keras.models.load_model) and convert that, or save it as SavedModel")
    if model.format == "savedmodel" and len(model.signatures) > 1:
        words = f"coremltools.convert takes a SavedModel of one signature, and this one has {len(model.signatures)}"
        yield at.reason("file", words, subject, remedy="save it with one signature, or convert one function ([signature])")
    yield from faults(subject, SAVEDMODEL)
    for tensor in model.inputs:
        if tensor.dtype == "string":
            yield at.reason("dtype", f"Core ML has no text ({tensor.name})", subject, remedy="leave that to what calls the model")
        if tensor.shape == () and tensor.dtype not in ("resource", "variant"):
            words = f"Core ML takes no input of rank 0 ({tensor.name}): Rank-0 is unsupported"
            yield at.reason("limit", words, subject, remedy="give it the shape (1,)")
    if model.format == "keras-h5" and keras.of_keras_3(model):
        yield from _layers(subject, at, known)
    settled: set[str] = set()
    for node in subject.once(nodes):
        op = node.op
        where = node.within[0] if node.within else (node.graph, op)
        if op.type == "Einsum" and _dotted(op.attributes.get("equation"), [operand.rank for operand in node.inputs]):
            yield at.reason("limit", f"coremltools' conversion of Einsum {DOTS}", subject, *where, remedy=NAMED)
        if words := _complex(node) or _loop(node, model):
            yield at.reason("limit", words, subject, *where, remedy="compute with real numbers" if "complex" in words else UNROLL)
        if op.type in FLOATING and node.inputs and node.inputs[0].dtype in WHOLE and not node.folded:
            words = f"Core ML's operator for {op.type} takes floating-point numbers, not {node.inputs[0].dtype}"
            yield at.reason("dtype", words, subject, *where, remedy="cast to float32 before it")
        row = next(iter(known.get(("tensorflow", op.type), ())), None)
        if not node.folded and (unmade := _unmade(row))[0]:
            yield at.reason("operator", f"{op.type} {unmade[0]}", subject, *where, remedy=unmade[1])
        if op.type.startswith("StatelessRandom") and all(i.constant or n in settled for n, i in zip(op.inputs, node.inputs, strict=False)):
            settled.update(op.outputs)  # numbers of a constant seed, which TensorFlow's own passes compute beforehand
            continue
        if node.folded or op.type in FROZEN or row is not None:
            continue
        yield at.reason("operator", f"coremltools has no conversion of {op.type}", subject, *where, remedy="replace the operator by others")


def _layers(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    """What keeps a Keras 3 model in HDF5 from being converted: that Keras does not load it, or an operator of one of its layers."""
    from deplint.targets.known import TARGETS

    model = subject.model
    assert model is not None
    loading = TARGETS["keras3"]
    yield from keras.keras3(subject, At(loading, loading.releases[-1]))
    sizes = [size for tensor in map(model.graph.tensor, model.graph.inputs) for size in (tensor.shape or (None, None))[1:]]
    made_of = rows(LAYERS, TRACED)
    for layer in model.layers:
        place, source = (f'layer "{layer.name}"',), str(at.target.meta["source"])
        if layer.class_name in LOOPS and not layer.config.get("unroll") and None not in sizes:
            yield Reason("limit", Verdict.fails, LOOP, layer.class_name, 1, place, UNROLL, source)
        for name in dict.fromkeys(use.partition(":")[0] for use in uses(made_of, layer, False)):
            if ("tensorflow", name) not in known and name not in FROZEN:
                words = f"coremltools has no conversion of {name} of {layer.class_name}"
                yield Reason("operator", Verdict.fails, words, layer.class_name, 1, place, "replace the layer by others", source)


def _dotted(equation: object, ranks: Sequence[int | None]) -> bool:
    """Whether an equation for einsum has dots for another number of dimensions than three, which they are taken for, one a dot
    (``parse_einsum_equation``, converters/mil/frontend/_utils.py)."""
    terms = str(equation).replace(" ", "").partition("->")[0].split(",")
    return any("..." in term and rank is not None and rank != len(term) for term, rank in zip(terms, ranks, strict=False))


def _rank(operand: object) -> int | None:
    return len(operand.shape) if isinstance(operand, Shaped) and operand.shape is not None else None


DOTS = "takes the dots of an equation (...) for three dimensions"

NAMED = "name all dimensions in the equation"


def _complex(node: Node) -> str:
    """Why an operator of complex numbers is not converted, in words. Inputs of the model are read as real numbers whatever they are."""
    op = node.op
    if op.type in SPECTRAL and any(name in node.graph.outputs for name in op.outputs) and not node.within:
        return "MIL doesn't support complex data as model's output"
    before = node.graph.producers.get(op.inputs[0]) if op.inputs else None
    if op.type in ("Real", "IFFT", "IRFFT") and before is not None and before.type in FED:
        return f"an input of complex numbers is read as one of real numbers, which {op.type} does not take"
    return ""


def _loop(node: Node, model: Model) -> str:
    """Why a loop is not converted, in words: of a condition with two comparisons, one with a constant, coremltools loses the constant."""
    condition = model.functions.get(str(node.op.attributes.get("cond"))) if node.op.type in ("While", "StatelessWhile") else None
    compared = [op for op in condition.ops if op.type in COMPARISONS] if condition is not None else []
    if condition is None or len(compared) < 2:
        return ""
    makers = {name: op.type for op in condition.ops for name in op.outputs}
    return LOOP if any(makers.get(name) == "Const" for op in compared for name in op.inputs) else ""


SPECTRAL = ("FFT", "FFT2D", "FFT3D", "IFFT", "IFFT2D", "IFFT3D", "RFFT", "RFFT2D", "RFFT3D", "Complex")
"""Operators of TensorFlow that give complex numbers."""

COMPARISONS = ("Less", "LessEqual", "Greater", "GreaterEqual", "NotEqual", "Equal")

LOOPS = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
"""Layers of Keras 3 that run a loop, whose condition compares with the number of steps."""

LOOP = "the condition of a loop makes two comparisons, one with a constant, which coremltools loses: IndexError: list index out of range"

UNROLL = "unroll the loop (unroll=True), or leave the number of steps open"

TRACED = "2.21.0"
"""The release of TensorFlow whose Keras the layers were traced with."""

FLOATING = ("Round", "Relu", "Relu6", "Reciprocal", "LeakyRelu")
"""Operators of TensorFlow for whole numbers too that become operators of Core ML for floating-point numbers only (mil/ops/defs/iOS15)."""

WHOLE = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")

FROZEN = {*CALLS, *FED, *VARIABLES, "ReadVariableOp", "ResourceGather", "Const", "NoOp", "Identity", "Assert"}
"""Operators of TensorFlow that freezing removes."""
