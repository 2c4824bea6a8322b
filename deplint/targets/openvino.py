"""OpenVINO: what its frontends translate, and what its CPU plugin then compiles.

The frontend of ONNX translates the operators that an output needs, and nothing else; it knows neither IR versions nor an upper limit of
operator sets, does not check attributes it does not read, nor the dtypes and shapes that a file states for outputs, and does not look into
functions. Shapes are inferred while it translates, so that a shape that cannot be is refused (openvino, src/frontends/onnx).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

from deplint.data import load
from deplint.formats.onnx import DTYPES
from deplint.formats.onnx_schemas import NOT_TENSORS, Typed, schemas, typed
from deplint.model import Dim, Graph, Model, Op, Shape, Tensor, Unreadable
from deplint.targets import At
from deplint.targets.soundness import faults
from deplint.targets.subject import Subject
from deplint.targets.table import ABSENT, Limit, Operand, Row, rows
from deplint.targets.tensorflow_graph import nodes
from deplint.targets.verdict import Reason

if TYPE_CHECKING:
    from deplint.formats.onnx_inference import Complaint

SOUND = ("DPL405", "DPL427")
"""Rules about weights that are not there, or not as long as they should be."""


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    model = subject.model
    assert model is not None
    if model.format == "onnx":
        yield from _onnx(subject, model, at)
    elif model.format == "tflite":
        yield from _tflite(subject, model, at)
    elif model.format == "openvino":
        yield from _ir(subject, model, at)
    else:
        yield from _tensorflow(subject, at)


def _tflite(subject: Subject, model: Model, at: At) -> Iterator[Reason]:
    yield from faults(subject, SOUND[1:])
    known = rows(at.target.table, at.release)
    usable = at.target.meta["of"][at.release]["tflite"]
    made = {*model.graph.inputs, *(tensor.name for tensor in model.graph.weights)}
    for graph, op in model.ops():
        named = known.get(("tflite", op.type), ())
        if not named or op.domain:
            yield _untranslated(subject, at, graph, op)
            continue
        if graph is model.graph:
            for name in op.inputs:
                if name and name not in made:
                    words = f"{op.type} reads {name!r}, which is no input and no weight (This tensor should be already produced)"
                    yield at.reason("file", words, subject, graph, op, remedy="write the operators in the order they are computed in")
            made.update(op.outputs)
        why = _mistyped(graph, op, named[0], usable)
        if why:
            yield at.reason("dtype", f"{op.type}: {why}", subject, graph, op, remedy="cast to float32 before it")


def _mistyped(graph: Graph, op: Op, row: Row, usable: Sequence[str]) -> str:
    """Tensors that have a scale are numbers of float32 within OpenVINO; it infers the dtypes of outputs, and wants the file to say the
    same."""
    inputs = [Operand(_quantized(graph.tensor(name)), constant=None) if name else ABSENT for name in op.inputs]
    for limit in row.limits:
        if limit.met({}, inputs) is False:
            return f"OpenVINO {limit.text}"
    plain = (tensor.dtype for name in (*op.inputs, *op.outputs) if name and (tensor := graph.tensor(name)).quant is None)
    other = next((dtype for dtype in plain if dtype and dtype not in usable), None)
    if other:
        return f"OpenVINO has no tensors of {other} (Unexpected type)"
    same = row.more.get("same", {})
    dtypes = dict.fromkeys(_inner(inputs[number].dtype) for number in same.get("inputs", ()) if number < len(inputs))
    if len(dtypes) > 1:
        return f"OpenVINO wants one dtype of inputs, and they are {' and '.join(dtypes)}"
    first = next((_inner(inputs[number].dtype) for number in same.get("output", ()) if number < len(inputs)), "")
    given = _inner(_quantized(graph.tensor(op.outputs[0]))) if op.outputs else ""
    told = given.startswith(("float", "int", "uint", "bool")) and given != first
    return f"OpenVINO infers {first}, and the file says {given} (Inconsistent type inference)" if first and told else ""


def _quantized(tensor: Tensor) -> str:
    return f"q{tensor.dtype}" if tensor.quant is not None else tensor.dtype


def _inner(dtype: str) -> str:
    return "float32" if dtype.startswith("q") else dtype


# IR


def _ir(subject: Subject, model: Model, at: At) -> Iterator[Reason]:
    """Layers are made of the operators that their sets hold; what ports say of shapes and dtypes is not read, but inferred."""
    facts = load(f"support/{IR}")["meta"]["of"][at.release]
    if model.ir_version not in facts["versions"]:
        known = " and ".join(map(str, facts["versions"]))
        words = f"the file is IR version {model.ir_version}, and OpenVINO reads {known} (Please check that model format is supported)"
        yield at.reason("file", words, subject, remedy="convert the model again with this release")
        return
    for tensor in model.graph.weights:
        stored = tensor.stored
        short = stored is not None and not tensor.sparse and tensor.nbytes is not None and stored.nbytes < tensor.nbytes
        if stored is not None and (stored.problem or short):
            words = f"the constant {tensor.name!r}: {stored.problem or f'{stored.nbytes:,} bytes of {tensor.nbytes:,}'}"
            yield at.reason("file", words, subject, remedy="ship the .bin that was written with the .xml, and name it as the .xml is named")
            break
    yield from _unfed(subject, at, model.graph, set())
    yield from _fed(subject, model, at)
    held = _held(at.release)
    for graph, op in _live(model.graph, [op for op in model.graph.ops if op.type == "Assign"]):
        if "" in op.inputs:
            words = f"no edge leads to an input of {op.type} {op.name!r}"
            yield at.reason("file", words, subject, graph, op, remedy="convert the model again: the file was changed")
        spans = held.get(op.type.lower(), ())
        if op.domain or op.version is None:
            words = f"{op.type} is of the set {op.domain!r}, which OpenVINO does not have (unsupported opset)"
        elif not any(first <= op.version <= last for first, last in spans):
            newest = max((last for _, last in spans), default=0)
            since = f"has it up to opset{newest}" if spans else "has it in none"
            words = f"opset{op.version} does not contain {op.type}, OpenVINO {at.release} {since}"
        else:
            continue
        cause = "version" if spans else "operator"
        yield at.reason(cause, words, subject, graph, op, remedy="use a newer OpenVINO, or register the operator as an extension")


IR = "openvino-ir"
"""The table of the sets of operators."""


@lru_cache(maxsize=4)
def _held(release: str) -> Mapping[str, Sequence[tuple[int, int]]]:
    """The sets that hold an operator, first and last, by its name in small letters: upper and lower case are one."""
    return {name.lower(): [(row.since, row.until) for row in found] for (_, name), found in rows(IR, release).items()}


# TensorFlow


DROPPED = {"Merge", "Batch"}
"""Operators of TensorFlow that are left out where what they belong to is not there."""

COMPLEX = {"complex64", "complex128"}
MAKERS = {"Complex", "RFFT", "RFFT2D", "RFFT3D"}
"""Operators that make complex numbers of others."""


def _tensorflow(subject: Subject, at: At) -> Iterator[Reason]:
    known = rows(at.target.table, at.release)
    used = subject.once(nodes)
    makes_complex = any(node.op.type in MAKERS for node in used)
    for node in used:
        place = node.within[0] if node.within else (node.graph, node.op)
        named = known.get(("tensorflow", node.op.type), ())
        broken = next((limit for row in named for limit in row.limits if limit.met(node.op.attributes, node.inputs) is False), None)
        if not named:
            if node.op.type not in DROPPED:
                yield _untranslated(subject, at, *place, shown=node.op.type)
        elif broken is not None:
            yield at.reason("limit", f"{node.op.type}: OpenVINO {broken.text}", subject, *place, remedy="write it with other operators")
        elif _FOURIER.fullmatch(node.op.type) and not makes_complex and any(operand.dtype in COMPLEX for operand in node.inputs):
            words = f"{node.op.type} reads complex numbers that nothing in the model makes (ComplexTypeMark is not set)"
            yield at.reason("dtype", words, subject, *place, remedy="take two real inputs and make them complex in the model")
        elif node.op.type == "Cast" and node.op.attributes.get("DstT") in COMPLEX:
            words = f"OpenVINO casts nothing to {node.op.attributes['DstT']} (Unsupported element type)"
            yield at.reason("dtype", words, subject, *place, remedy="make complex numbers with Complex")


_FOURIER = re.compile("I?FFT[23]?D?|Imag")


def _untranslated(subject: Subject, at: At, graph: Graph, op: Op, shown: str = "") -> Reason:
    name = shown or (f"{op.domain}.{op.type}" if op.domain else op.type)
    words = f"OpenVINO has no translator for {name} (No conversion rule found for operations: {name})"
    return at.reason("operator", words, subject, graph, op, remedy="replace the operator, or register a translator as an extension")


# ONNX


def _onnx(subject: Subject, model: Model, at: At) -> Iterator[Reason]:
    yield from faults(subject, SOUND if _translates(at) else SOUND[:1])
    names = list(_names(subject, model, at))
    yield from names
    facts = at.target.meta["of"][at.release]
    refused = frozenset(facts["refused"])
    yield from _dtypes(subject, model, at, refused)
    yield from _fed(subject, model, at)
    known = rows(at.target.table, at.release)
    by_op = {id(found.op): found for found in subject.once(_typed)}
    live = {id(op): (graph, op) for graph, op in _live(model.graph)}
    told, fluid = set(), subject.once(_fluid)
    for graph, op in live.values():
        found = by_op.get(id(op))
        inputs = [_operand(subject, graph, name, found.dtypes if found is not None else {}) for name in op.inputs]
        why = _refused(
            model, op, inputs, found, known.get((op.domain, op.type), ()), refused, fluid if graph is model.graph else frozenset()
        )
        why = why or _cast(op, inputs, facts["casts"]) or _reshaped(subject, graph, op, inputs)
        if why is None:
            continue
        told.add(id(op))
        cause, words, remedy = why
        yield _untranslated(subject, at, graph, op) if cause == "operator" else at.reason(cause, words, subject, graph, op, remedy=remedy)
    if not names:
        for complaint in subject.once(_complaints):
            at_fault = model.graph.ops[complaint.op] if complaint.op is not None and complaint.op < len(model.graph.ops) else None
            if at_fault is not None and id(at_fault) in live and id(at_fault) not in told:
                words = f"OpenVINO infers no shapes for {at_fault.type}: {complaint.message}"
                yield at.reason("limit", words, subject, model.graph, at_fault, remedy="correct the shapes, dtypes or attributes")


def _translates(at: At) -> bool:
    """The importer before made nodes in stored order, from a cache of names, and was content with what it now refuses."""
    return int(at.release.partition(".")[0]) >= TRANSLATES


TRANSLATES = 2026
"""The year of releases from which on the frontend translates a model operator by operator."""


def _typed(subject: Subject) -> Sequence[Typed]:
    assert subject.model is not None
    return list(typed(subject.model))


PUTS_UP_WITH = re.compile(
    "Inferred (shape and existing shape|elem type) differ|No opset import|not in range|unsupported type|incorrect size|but .* were provided"
    "|must be same as rank|evenly splittable|should not be null|One and only one of the attributes|duplicates|referred to more than once"
    "|Ratio of Dropout|'Repeats' input has incorrect|Neither 'split' input|does not have rank 2|has inconsistent type"
)
"""Complaints of onnx.shape_inference about what OpenVINO does not check, or what is judged here by the operator."""


def _complaints(subject: Subject) -> Sequence[Complaint]:
    from deplint.formats.onnx_inference import complaints

    assert subject.model is not None
    if subject.model.source is None:
        return ()
    return [c for c in complaints(subject.model.source) if c.kind == "inference" and not PUTS_UP_WITH.search(c.message)]


def _live(graph: Graph, sinks: Sequence[Op] = ()) -> Iterator[tuple[Graph, Op]]:
    """The operators that outputs of the graph and `sinks` need, with those of their nested graphs."""
    makers = graph.producers
    seen: set[int] = set()
    stack = [*sinks, *(makers[name] for name in graph.outputs if name in makers)]
    while stack:
        op = stack.pop()
        if id(op) in seen:
            continue
        seen.add(id(op))
        yield graph, op
        stack += [makers[name] for name in op.reads if name in makers]
        for nested in op.graphs.values():
            yield from _live(nested)


def _names(subject: Subject, model: Model, at: At) -> Iterator[Reason]:
    """Tensors that nothing gives. The name of an output may be read by an operator that comes before the one that gives it."""
    graph = model.graph
    twice = _translates(at) and len(set(graph.inputs)) < len(graph.inputs)
    for name in {name for name in graph.inputs if graph.inputs.count(name) > 1} if twice else ():
        yield at.reason(
            "file", f"the input {name!r} is there twice (Tensor already exists)", subject, remedy="give inputs names of their own"
        )
    stored = {tensor.name for tensor in graph.weights}
    for name in graph.outputs:
        if name not in graph.producers and name not in graph.inputs and name not in stored:
            yield at.reason("file", f"nothing gives the output {name!r}", subject, remedy="name as outputs what operators give")
    made = graph.producers
    for op in graph.ops if not _translates(at) else ():
        for name in op.inputs:
            if name in graph.outputs and name in made and made[name].index >= op.index:
                words = f"{op.type} reads the output {name!r} before it is given (node not found in graph cache)"
                yield at.reason("file", words, subject, graph, op, remedy="store operators in the order they are computed in")
    yield from _unfed(subject, at, graph, set())


def _unfed(subject: Subject, at: At, graph: Graph, around: set[str]) -> Iterator[Reason]:
    known = {*around, "", *graph.inputs, *graph.outputs, *(tensor.name for tensor in graph.weights)}
    waiting = list(graph.ops)
    while waiting:
        left = []
        for op in waiting:
            if all(name in known for name in op.inputs):
                known.update(op.outputs)
            else:
                left.append(op)
        if len(left) == len(waiting):
            op = left[0]
            name = next(name for name in op.inputs if name not in known)
            words = f"nothing gives the tensor {name!r} before it is read (Input tensor isn't found)"
            yield at.reason("file", words, subject, graph, op, remedy="give it as an input or a weight")
            return
        waiting = left
    for op in graph.ops:
        for nested in op.graphs.values():
            yield from _unfed(subject, at, nested, known)
            given = {*known, *nested.inputs, *nested.producers, *(tensor.name for tensor in nested.weights)}
            for name in nested.outputs:
                if name not in given:
                    words = f"nothing gives the output {name!r} of a graph that {op.type} holds (declared as a graph output)"
                    yield at.reason("file", words, subject, graph, op, remedy="name as outputs what operators give")


def _dtypes(subject: Subject, model: Model, at: At, refused: Set[str]) -> Iterator[Reason]:
    """Dtypes that OpenVINO has no element type for, and those of inputs and outputs that are no tensors."""
    graph = model.graph
    for dtype in sorted({tensor.dtype for tensor in graph.tensors.values()} & refused):
        yield at.reason("dtype", f"OpenVINO has no element type {dtype} (Unsupported type)", subject, remedy="use float32, float16 or int8")
    for name in dict.fromkeys([*graph.inputs, *graph.outputs]):
        if graph.tensor(name).dtype == "sequence":
            words = f"the sequence {name!r} is an input or output: OpenVINO has sequences within the graph only"
            yield at.reason("dtype", words, subject, remedy="pass tensors, one input each")


LARGEST, NONSENSE = 1 << 40, 1 << 60
"""Elements of an input from which on no machine has the memory that the plugin takes when it compiles, and those beyond which it
miscounts."""


def _fed(subject: Subject, model: Model, at: At) -> Iterator[Reason]:
    """Inputs that the CPU plugin compiles no model for."""
    stored = {tensor.name for tensor in model.graph.weights}
    for name in dict.fromkeys(model.graph.inputs):
        tensor = model.graph.tensor(name)
        if name in stored or tensor.dtype in NOT_TENSORS or not (_translates(at) or model.graph.consumers.get(name)):
            continue
        if tensor.dtype in at.target.meta["of"][at.release].get("unfed", ()):
            words = f"the input {name!r} is of {tensor.dtype}, which OpenVINO is not fed (Input image format is not supported)"
            yield at.reason("dtype", words, subject, remedy="cast within the model, so that inputs are float32 or float16")
        elif tensor.shape is None:
            words = f"the input {name!r} has no known rank: OpenVINO compiles no such model (Parameter operation with dynamic rank)"
            yield at.reason("file", words, subject, remedy="state how many dimensions the input has, or reshape the model first")
        elif tensor.shape and LARGEST <= prod(size if isinstance(size, int) else 1 for size in tensor.shape) < NONSENSE:
            words = f"the input {name!r} is of {'x'.join(map(str, tensor.shape))}, more than memory holds (bad_alloc)"
            yield at.reason("file", words, subject, remedy="correct the shape that the file states")


ELEMENTWISE = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Mean", "Sum"}
MERGED = {
    *ELEMENTWISE,
    *("Mod", "PRelu", "MatMul", "Gemm", "Where", "Concat"),
    *("And", "Or", "Xor", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "BitwiseAnd", "BitwiseOr", "BitwiseXor"),
    *("ScatterElements", "ScatterND", "Conv", "ConvTranspose", "LayerNormalization"),
}
"""Operators whose inputs must be of one dtype, by which OpenVINO fails to merge others (element::Type::merge)."""

Why = tuple[str, str, str]


def _refused(
    model: Model, op: Op, inputs: Sequence[Operand], found: Typed | None, named: Sequence[Row], refused: Set[str], fluid: Set[str]
) -> Why | None:
    """Why an operator is not translated: cause, words and remedy."""
    version = model.opsets.get(op.domain, 1)
    if not named:
        return "operator", "", ""
    if version < 1:
        return "version", f"{op.type} of opset {version} (Unsupported operator version)", "name the opset the model was made for"
    row = next((row for row in named if row.since <= version <= row.until), None)
    if row is None:
        first = min(row.since for row in named)
        return "version", f"OpenVINO translates {op.type} from opset {first} on, and the model names {version}", "use a newer opset"
    if op.type.startswith("Reduce") and version < (13 if op.type == "ReduceSum" else 18):
        inputs = inputs[:1]  # axes were an attribute
    alone = op.type in ELEMENTWISE and not op.domain and len(inputs) == 1  # and so nothing to compute
    for limit in row.limits if not alone else ():
        if _unmet(limit, op, inputs, fluid):
            return "dtype" if limit.what == "dtype" else "limit", f"{op.type}: OpenVINO {limit.text}", _REMEDIES.get(limit.what, "")
    if op.type == "Cast" and isinstance(to := op.attributes.get("to"), int) and DTYPES.get(to) in refused:
        return "dtype", f"OpenVINO has no element type {DTYPES[to]} (Unsupported data type)", "cast to another dtype"
    special = None if op.domain else _SPECIAL.get(op.type)
    words = special(op, inputs) if special is not None else ""
    return ("limit", f"{op.type}: OpenVINO {words}", "") if words else _misused(op, version, found, inputs)


def _unmet(limit: Limit, op: Op, inputs: Sequence[Operand], fluid: Set[str]) -> bool:
    """Whether the limit is certainly not met. Of what is computed of weights OpenVINO knows the numbers, and so the size; `fluid` are the
    tensors it knows no numbers of."""
    met = limit.met(op.attributes, inputs)
    if not isinstance(limit.of, int) or limit.of >= len(inputs) or inputs[limit.of].constant is not None:
        return met is False
    if limit.what in ("static", "constant"):
        return met is not True and op.inputs[limit.of] in fluid and (met is False or limit.what == "constant")
    return met is False


def _cast(op: Op, inputs: Sequence[Operand], casts: Mapping[str, Sequence[str]]) -> Why | None:
    to, origin = op.attributes.get("to"), inputs[0] if inputs else ABSENT
    if op.type != "Cast" or op.domain or not isinstance(to, int) or origin.constant is not False or origin.dtype not in casts:
        return None
    wanted = DTYPES.get(to, "")
    words = f"the CPU plugin casts no {origin.dtype} to {wanted or 'a dtype that is not named'} (cpu_convert can't convert)"
    return None if wanted in casts[origin.dtype] else ("dtype", words, "cast to another dtype")


def _reshaped(subject: Subject, graph: Graph, op: Op, inputs: Sequence[Operand]) -> Why | None:
    """A shape that is computed of others, as onnx computes it where the model notes none."""
    name = next(iter(op.outputs), "")
    if op.type != "Reshape" or op.domain or len(inputs) < 2 or inputs[1].constant is not None or name in graph.outputs:
        return None
    if not inputs[0].static or graph.tensor(name).shape is not None:
        return None
    wanted = Operand(shape=_sized(subject.once(_inferred).get(name, ("", None))[1]))
    have, want = _sizes(inputs[0]), _sizes(wanted)
    if not wanted.static or prod(have) == prod(want):
        return None
    return "limit", f"Reshape: OpenVINO does not make {_shown(want)} of {_shown(have)}", "correct the shape that is computed"


def _shown(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes)) or "a scalar"


_REMEDIES = {"dtype": "cast to another dtype before it", "constant": "store it as a weight", "in": "export with another mode"}


def _operand(subject: Subject, graph: Graph, name: str, dtypes: Mapping[str, str]) -> Operand:
    """What is known of an input: of what operators give, the shape that onnx infers, which is what OpenVINO finds as well."""
    if not name:
        return ABSENT
    assert subject.model is not None
    if name not in graph.tensors and name in subject.model.graph.tensors:  # of a graph around it
        graph = subject.model.graph
    tensor, main = graph.tensor(name), graph is subject.model.graph
    given = main and name in graph.inputs and tensor.stored is None
    dtype = dtypes.get(name, "")
    computed = main and not given and tensor.stored is None
    inferred, shape = subject.once(_inferred).get(name, ("", tensor.shape)) if computed else ("", tensor.shape)
    dtype = dtype or inferred  # which onnx infers of what the schema forbids as well
    constant = True if tensor.stored is not None else False if given else None
    return Operand("" if dtype in NOT_TENSORS else dtype, _sized(shape), constant, _numbers(tensor))


def _sized(shape: Shape) -> Shape:
    """A shape as OpenVINO reads it: the largest number is no size, and those below zero are zero."""
    if shape is None:
        return None
    return tuple(None if not isinstance(size, int) or size >= UNSIZED else max(size, 0) for size in shape)


UNSIZED = (1 << 63) - 1


def _fluid(subject: Subject) -> frozenset[str]:
    """The tensors of the main graph whose numbers depend on those that the model is given."""
    assert subject.model is not None
    graph = subject.model.graph
    stored, made = {tensor.name for tensor in graph.weights}, graph.producers
    found: set[str] = set()
    waiting = [name for name in graph.inputs if name not in stored]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            for op in graph.consumers.get(name, ()):
                sized = Operand(shape=_sized(graph.tensor(name).shape)).static or (name in made and made[name].type == "Shape")
                if op.type not in ("Shape", "Size") or not sized:
                    waiting += op.outputs
    return frozenset(found)


def _inferred(subject: Subject) -> Mapping[str, tuple[str, Shape]]:
    from deplint.formats.onnx_inference import inferred

    assert subject.model is not None
    return inferred(subject.model.source) if subject.model.source is not None else {}


def _numbers(tensor: Tensor) -> tuple[int, ...] | None:
    """The numbers of a weight that is a short list of integers, or of truth values."""
    kind = _PACKED.get(tensor.dtype)
    if tensor.stored is None or kind is None or tensor.shape is None or len(tensor.shape) > 1:
        return None
    try:
        content = tensor.bytes(SHORT * 8)
    except Unreadable:
        return None
    return tuple(number for (number,) in struct.iter_unpack(kind, content)) if len(content) % struct.calcsize(kind) == 0 else None


_PACKED = {"int64": "<q", "int32": "<i", "bool": "<?"}


SHORT = 16
"""Numbers of a shape, at most."""


def _misused(op: Op, version: int, found: Typed | None, inputs: Sequence[Operand]) -> Why | None:
    """What OpenVINO stumbles over in an operator that ONNX forbids: inputs that are not there, attributes that it reads as another type."""
    schema = next((s for s in reversed(schemas().get((op.domain, op.type), ())) if s.since <= version and not s.deprecated), None)
    if schema is None:
        return None
    given = len(op.inputs)
    if given < schema.counts[0] and op.type != "CumSum":  # whose axis is 0 then
        return "limit", f"{op.type} has {given} inputs and needs {schema.counts[0]}", "give the missing inputs"
    for name in schema.required if op.type != "Pad" else ():  # whose amounts are an input or an attribute, whatever the opset
        if name not in op.attributes and name not in op.graphs:
            return "limit", f"{op.type} has no attribute {name}", "set the attribute"
    for name, wanted in (schema.attributes or {}).items():
        if name in op.attributes and not _converts(op.attributes[name], wanted):
            return "limit", f"the attribute {name} of {op.type} is not of the type {wanted}", "write the attribute as the standard says"
    if op.type in MERGED and schema.inputs:
        formal = [schema.inputs[min(number, len(schema.inputs) - 1)][0] for number in range(given)]
        for kind in dict.fromkeys(formal):
            dtypes = dict.fromkeys(each.dtype for each, of in zip(inputs, formal, strict=True) if of == kind and each.dtype)
            if len(dtypes) > 1 and given <= schema.counts[1]:
                return "dtype", f"{op.type} gets {' and '.join(dtypes)} where OpenVINO wants one dtype", "cast its inputs to one dtype"
    return None


def _converts(value: Any, wanted: str) -> bool:
    """OpenVINO reads numbers of either kind, and a text where a number's digits are in it."""
    if wanted in ("INT", "FLOAT"):
        return not isinstance(value, list | tuple) and not (isinstance(value, str) and not re.fullmatch(r"[-+]?\d+(\.\d*)?", value))
    return not (wanted in ("INTS", "FLOATS") and isinstance(value, str | float))


# What one condition cannot say


def _mod(op: Op, inputs: Sequence[Operand]) -> str:
    real = bool(inputs) and inputs[0].dtype.startswith(("float", "bfloat"))
    return "wants fmod=1 for floating-point numbers" if real and not op.attributes.get("fmod") else ""


def _shape(number: int) -> Callable[[Op, Sequence[Operand]], str]:
    """Of a shape that is computed, the length must be known: the CPU plugin compiles nothing of unknown rank."""

    def unknown(op: Op, inputs: Sequence[Operand]) -> str:
        shape = inputs[number] if number < len(inputs) else ABSENT
        computed = shape.constant is False and not (shape.rank == 1 and shape.static)
        return "does not compile what has no known rank (dynamic rank)" if computed else ""

    return unknown


def _reshape(op: Op, inputs: Sequence[Operand]) -> str:
    unknown = _shape(1)(op, inputs)
    if unknown or len(inputs) < 2 or not inputs[0].static or inputs[1].value is None:
        return unknown
    sizes, wanted = _sizes(inputs[0]), list(inputs[1].value)
    if not op.attributes.get("allowzero"):
        wanted = [sizes[at] if size == 0 and at < len(sizes) else size for at, size in enumerate(wanted)]
    have, want = prod(sizes), prod(size for size in wanted if size != -1)
    fits = want > 0 and have % want == 0 if -1 in wanted else have == want
    return "" if fits or not have else f"does not make {'x'.join(map(str, wanted))} of {'x'.join(map(str, sizes))}"


def _gemm(op: Op, inputs: Sequence[Operand]) -> str:
    if len(inputs) < 2 or any(each.rank != 2 or not each.static for each in inputs[:2]):
        return ""
    first, second = _sizes(inputs[0]), _sizes(inputs[1])
    inner = first[0 if op.attributes.get("transA") else 1], second[1 if op.attributes.get("transB") else 0]
    return "" if inner[0] == inner[1] else f"multiplies no matrices of {inner[0]} columns and {inner[1]} rows"


def _dequantize(op: Op, inputs: Sequence[Operand]) -> str:
    blocks = len(inputs) > 1 and (inputs[1].rank or 0) > 1 and not op.attributes.get("block_size")
    return "wants a block_size for scales of more than one dimension" if blocks else ""


def _reduced(op: Op, inputs: Sequence[Operand]) -> str:
    axes = inputs[1] if len(inputs) > 1 else ABSENT
    computed = axes.constant is False and axes.rank == 1 and axes.shape != (1,) and op.attributes.get("keepdims") == 0
    return "does not compile what has no known rank (dynamic rank)" if computed else ""


def _along(op: Op, inputs: Sequence[Operand]) -> str:
    """Axes that the model is given leave it to the reference implementation, which has fewer dtypes."""
    axes = inputs[1] if len(inputs) > 1 else ABSENT
    lacks = ("int32", "int64", "uint32", "uint64") if op.type == "ReduceL2" else ("bfloat16",)
    if axes.constant is False and inputs[0].dtype in lacks:
        return f"reduces {inputs[0].dtype} along axes that are stored only (Second tensor is not constant)"
    return _reduced(op, inputs) if op.type in ("ReduceSum", "ReduceLogSum") else ""


def _two(op: Op, inputs: Sequence[Operand]) -> str:
    longer = any(each.rank == 1 and each.static and each.shape != (2,) for each in inputs[1:3])
    return "folds images of two dimensions only" if longer else ""


def _pool(op: Op, inputs: Sequence[Operand]) -> str:
    kernel, rank = op.attributes.get("kernel_shape"), inputs[0].rank if inputs else None
    if not isinstance(kernel, list | tuple) or rank is None or rank != len(kernel) + 2:
        return "wants a kernel of two dimensions less than the input" if isinstance(kernel, list | tuple) and rank is not None else ""
    sizes = inputs[0].shape or ()
    if sizes[1] == 0:
        return "pools no input without channels (Channel count is zero)"
    count = len(kernel)
    pads, dilations = op.attributes.get("pads", [0] * 2 * count), op.attributes.get("dilations", [1] * count)
    if op.attributes.get("auto_pad", "NOTSET") != "NOTSET" or len(pads) != 2 * count or len(dilations) != count:
        return ""
    for size, length, step, before, after in zip(sizes[2:], kernel, dilations, pads[:count], pads[count:], strict=True):
        if isinstance(size, int) and (length - 1) * step + 1 > size + before + after:
            return f"pools with no kernel of {length} over {size} (Kernel after dilation has size larger than the data shape)"
    return ""


def _compatible(*pairs: tuple[Any, Any]) -> bool:
    """Whether sizes may be the same: those that are not known may be any."""
    return all(not isinstance(one, int) or not isinstance(other, int) or one == other for one, other in pairs)


GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def _recurrent(op: Op, inputs: Sequence[Operand]) -> str:
    """Weights are ``[directions, gates x hidden, input]``, and the recurrent ones ``[directions, gates x hidden, hidden]``."""
    given, weights, recurrent = inputs[:3] if len(inputs) > 2 else (ABSENT,) * 3
    if weights.shape is None or recurrent.shape is None:
        return ""
    if weights.rank != 3 or recurrent.rank != 3:
        return "wants weights of three dimensions"
    hidden, directions = recurrent.shape[2], 2 if op.attributes.get("direction") == "bidirectional" else 1
    rows = hidden * GATES[op.type] if isinstance(hidden, int) else None
    pairs = [(rows, weights.shape[1]), (rows, recurrent.shape[1]), (directions, weights.shape[0]), (directions, recurrent.shape[0])]
    read = given.shape[2] if given.rank == 3 and given.shape is not None else None
    fits = _compatible(*pairs, (read, weights.shape[2]))
    return "" if fits else f"wants weights of {directions} x {rows} x {read if read is not None else 'the input'}"


def _attention(op: Op, inputs: Sequence[Operand]) -> str:
    """Keys are as long as values and as wide as queries; what was there before has the same heads."""
    heads = (op.attributes.get("q_num_heads"), op.attributes.get("kv_num_heads"), op.attributes.get("kv_num_heads"))
    shapes = [_by_head(operand, number) for operand, number in zip(inputs, heads, strict=False)]
    if len(shapes) < 3:
        return ""
    query, key, value = shapes
    if not _compatible((query[3], key[3])):
        return f"wants keys of {query[3]} numbers as queries are, and they are of {key[3]}"
    if not _compatible((key[0], value[0]), (key[1], value[1]), (key[2], value[2])):
        return "wants as many keys as values (Value input shape not compatible with other inputs)"
    mask = inputs[3] if len(inputs) == 4 else ABSENT
    if mask.shape is not None and len(mask.shape) > 1:
        fits = all(_compatible(pair) or pair[0] == 1 for pair in ((mask.shape[-1], key[2]), (mask.shape[-2], query[2])))
        if not fits:
            return "wants a mask of queries x keys (Attention mask input shape not compatible with other inputs)"
    for number, now in ((4, key), (5, value)):
        past = inputs[number] if number < len(inputs) else ABSENT
        if past.rank == 4 and past.shape is not None and not _compatible(*((past.shape[at], now[at]) for at in (0, 1, 3))):
            return "joins no keys and values of before that have other heads or widths"
    return ""


def _by_head(operand: Operand, heads: Any) -> tuple[Dim, ...]:
    """``[batch, heads, length, width]``."""
    shape = operand.shape
    if shape is not None and len(shape) == 4:
        return shape
    if shape is None or len(shape) != 3 or not isinstance(heads, int) or heads < 1:
        return (None,) * 4
    return shape[0], heads, shape[1], shape[2] // heads if isinstance(shape[2], int) else None


def _gather_elements(op: Op, inputs: Sequence[Operand]) -> str:
    data, indices = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    if data.shape is None or indices.shape is None:
        return ""
    axis = op.attributes.get("axis", 0)
    axis = axis + len(data.shape) if isinstance(axis, int) and axis < 0 else axis
    pairs = [pair for at, pair in enumerate(zip(data.shape, indices.shape, strict=False)) if at != axis]
    return "" if data.rank == indices.rank and _compatible(*pairs) else "wants indices of the sizes of the data but for the axis"


def _scatter_elements(op: Op, inputs: Sequence[Operand]) -> str:
    ranks = {each.rank for each in inputs[:3] if each.rank is not None}
    return "wants data, indices and updates of as many dimensions" if len(ranks) > 1 else ""


def _scatter(op: Op, inputs: Sequence[Operand]) -> str:
    data, indices, updates = inputs[:3] if len(inputs) > 2 else (ABSENT,) * 3
    if data.rank is None or not indices.shape or updates.rank is None or not isinstance(last := indices.shape[-1], int):
        return ""
    if last > data.rank:
        return f"wants indices of at most {data.rank} numbers"
    wanted = data.rank + len(indices.shape) - last - 1
    return "" if updates.rank == wanted else f"wants updates of {wanted} dimensions"


def _constant(op: Op, inputs: Sequence[Operand]) -> str:
    if "value" in op.attributes and not isinstance(op.attributes["value"], Tensor):
        return "wants a tensor as value"
    return "" if any(name.startswith(("value", "sparse_value")) for name in op.attributes) else "wants a value"


def _axis(op: Op, inputs: Sequence[Operand]) -> str:
    axis = inputs[1] if len(inputs) > 1 else ABSENT
    return "wants one axis" if axis.static and prod(_sizes(axis)) != 1 else ""


def _sizes(operand: Operand) -> tuple[int, ...]:
    return tuple(size for size in operand.shape or () if isinstance(size, int))


def _layer_normalization(op: Op, inputs: Sequence[Operand]) -> str:
    if len(inputs) < 2 or not (inputs[0].static and inputs[1].static):
        return ""
    axis = op.attributes.get("axis", -1)
    wanted = prod(_sizes(inputs[0])[axis:]) if isinstance(axis, int) else 0
    return "" if not wanted or prod(_sizes(inputs[1])) in (1, wanted) else f"wants a scale of {wanted} numbers"


def _root_normalization(op: Op, inputs: Sequence[Operand]) -> str:
    if len(inputs) < 2 or not (inputs[0].static and inputs[1].static):
        return ""
    pairs = zip(reversed(_sizes(inputs[0])), reversed(_sizes(inputs[1])), strict=False)
    return "" if all(a == b or 1 in (a, b) for a, b in pairs) else "does not broadcast the scale to the input"


def _carried(op: Op, inputs: Sequence[Operand]) -> str:
    """What a loop carries has the dtype of what it begins with, whatever its body says."""
    body = op.graphs.get("body")
    states = len(inputs) - (op.attributes.get("num_scan_inputs") or 0) if op.type == "Scan" else len(inputs)
    if body is None or len(inputs) != len(body.inputs) or not isinstance(states, int):
        return ""
    given = {name: each.dtype for name, each in zip(body.inputs[:states], inputs, strict=False) if each.dtype}
    known = {tensor.name: tensor.dtype for tensor in (*body.input_tensors, *body.weights) if tensor.dtype} | given
    for inner in body.ops:
        dtypes = dict.fromkeys(known[name] for name in inner.inputs if name in known)
        if inner.type in ELEMENTWISE and len(dtypes) > 1 and any(name in given for name in inner.inputs):
            return f"carries {' and '.join(dtypes)} where {inner.type} wants one dtype"
    return ""


def _scan(op: Op, inputs: Sequence[Operand]) -> str:
    body = op.graphs.get("body")
    if body is None or (words := _carried(op, inputs)):
        return words if body is not None else ""
    own = {"", *body.inputs, *body.producers, *(tensor.name for tensor in body.weights)}
    outer = next((name for inner in body.ops for name in inner.inputs if name not in own), None)
    return f"wants every tensor a Scan reads as one of its inputs, and its body reads {outer!r}" if outer else ""


def _if(op: Op, inputs: Sequence[Operand]) -> str:
    given = min((len(branch.outputs) for branch in op.graphs.values()), default=0)
    return f"wants {len(op.outputs)} outputs of each branch, and one gives {given}" if given < len(op.outputs) else ""


def _split(op: Op, inputs: Sequence[Operand]) -> str:
    """Without lengths all parts but the last are of one size, and the last is what is left of them."""
    axis, parts = op.attributes.get("axis", 0), len(op.outputs)
    if len(inputs) != 1 or "split" in op.attributes or inputs[0].shape is None or not isinstance(axis, int) or not parts:
        return ""
    size = inputs[0].shape[axis] if -len(inputs[0].shape) <= axis < len(inputs[0].shape) else None
    fits = not isinstance(size, int) or size % parts == 0 or size > (parts - 1) * -(-size // parts)
    return "" if fits else f"makes no {parts} parts of {size} (The split number is invalid)"


def _transposed(op: Op, inputs: Sequence[Operand]) -> str:
    order, rank = op.attributes.get("perm"), inputs[0].rank if inputs else None
    wrong = isinstance(order, list | tuple) and rank is not None and len(order) != rank
    return f"wants an order of {rank} axes" if wrong else ""


def _labels(op: Op, inputs: Sequence[Operand]) -> str:
    """Labels have the shape of scores but for the classes, which are the second axis."""
    scores, labels = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    if scores.shape is None or labels.shape is None:
        return ""
    wanted = (*scores.shape[:1], *scores.shape[2:])
    fits = len(wanted) == len(labels.shape) and _compatible(*zip(wanted, labels.shape, strict=True))
    return "" if fits else "wants a label for each vector of scores"


def _transposed_convolution(op: Op, inputs: Sequence[Operand]) -> str:
    data, weights = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    if data.shape is None or weights.shape is None or len(data.shape) < 2 or len(weights.shape) != len(data.shape):
        return ""
    return "" if _compatible((data.shape[1], weights.shape[0])) else f"wants weights of {data.shape[1]} channels, as the input has"


def _clip(op: Op, inputs: Sequence[Operand]) -> str:
    """Bounds are broadcast with the input."""
    sizes = [tuple(reversed(each.shape)) for each in inputs[:3] if each.shape is not None]
    fits = all(_compatible((one, other)) or 1 in (one, other) for a in sizes for b in sizes for one, other in zip(a, b, strict=False))
    return "" if fits else "broadcasts no bounds of those sizes to the input"


_SPECIAL: Mapping[str, Callable[[Op, Sequence[Operand]], str]] = {
    "Mod": _mod,
    "Reshape": _reshape,
    "Gemm": _gemm,
    "DequantizeLinear": _dequantize,
    "Expand": _shape(1),
    "ConstantOfShape": _shape(0),
    "Tile": _shape(1),
    "Col2Im": _two,
    "Scan": _scan,
    **{f"Reduce{kind}": _along for kind in ("Sum", "LogSum", "LogSumExp", "SumSquare", "Mean", "Prod", "Max", "Min", "L2")},
    "If": _if,
    "Clip": _clip,
    "Transpose": _transposed,
    "ConvTranspose": _transposed_convolution,
    "NegativeLogLikelihoodLoss": _labels,
    "SoftmaxCrossEntropyLoss": _labels,
    "Split": _split,
    "Loop": _carried,
    "Attention": _attention,
    "GatherElements": _gather_elements,
    "ScatterElements": _scatter_elements,
    "Scatter": _scatter_elements,
    "ScatterND": _scatter,
    **dict.fromkeys(GATES, _recurrent),
    "LpPool": _pool,
    "AveragePool": _pool,
    "MaxPool": _pool,
    "Constant": _constant,
    "CumSum": _axis,
    "LayerNormalization": _layer_normalization,
    "RMSNormalization": _root_normalization,
}
