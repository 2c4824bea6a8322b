"""OpenVINO: what its frontends translate, and what its CPU plugin then compiles.

The frontend of ONNX translates the operators that an output needs, and nothing else; it knows neither IR versions nor an upper limit of
operator sets, does not check attributes it does not read, nor the dtypes and shapes that a file states for outputs, and does not look into
functions. Shapes are inferred while it translates, so that a shape that cannot be is refused (openvino, src/frontends/onnx).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

from deplint.data import load
from deplint.formats.onnx import DTYPES
from deplint.formats.onnx_schemas import NOT_TENSORS, Typed, schemas, typed
from deplint.model import Graph, Model, Op, Shape, Tensor, Unreadable
from deplint.targets import At
from deplint.targets.openvino_operators import ELEMENTWISE, extents, wrong
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
    silent = [op for op in model.graph.ops if not any(op.outputs)] if _translates(at) else []
    live = {id(op): (graph, op) for graph, op in _live(model.graph, silent)}
    told, fluid, year = set(), subject.once(_fluid), _year(at)
    for graph, op in live.values():
        found = by_op.get(id(op))
        inputs = [_operand(subject, graph, name, found.dtypes if found is not None else {}) for name in op.inputs]
        named, flows = known.get((op.domain, op.type), ()), fluid if graph is model.graph else frozenset()
        why = _refused(model, op, inputs, found, named, refused, flows, year)
        why = why or _cast(op, inputs, facts["casts"]) or _reshaped(subject, graph, op, inputs)
        if why is None or (why[0] == "operator" and not any(op.outputs)):
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
    return _year(at) >= TRANSLATES


def _year(at: At) -> int:
    return int(at.release.partition(".")[0])


TRANSLATES = 2026
"""The year of releases from which on the frontend translates a model operator by operator."""


def _typed(subject: Subject) -> Sequence[Typed]:
    assert subject.model is not None
    return list(typed(subject.model))


PUTS_UP_WITH = re.compile(
    "Inferred (shape and existing shape|elem type) differ|No opset import|not in range|unsupported type|incorrect size|but .* were provided"
    "|must be same as rank|evenly splittable|should not be null|One and only one of the attributes|duplicates|referred to more than once"
    "|Ratio of Dropout|'Repeats' input has incorrect|Neither 'split' input|does not have rank 2|has inconsistent type"
    "|Input rank must be >= 1|must be 1 instead of|Mismatch between number of splits|not both of them|does not match the number of axes"
    "|Attribute value for pads is required|Invalid value\\(-|expected to have rank 2 but"
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
        maker = graph.producers.get(name)
        if graph.tensor(name).dtype == "sequence" or (maker is not None and maker.type in SEQUENCES and not maker.domain):
            words = f"the sequence {name!r} is an input or output: OpenVINO has sequences within the graph only"
            yield at.reason("dtype", words, subject, remedy="pass tensors, one input each")


def _reads(model: Model, consumers: Sequence[Op], name: str) -> bool:
    """Whether some operator reads the tensor as an input that its version of the operator has."""

    def has(op: Op) -> bool:
        version = model.opsets.get(op.domain, 1)
        schema = next((s for s in reversed(schemas().get((op.domain, op.type), ())) if s.since <= version), None)
        return schema is None or list(op.inputs).index(name) < schema.counts[1]

    return any(name not in op.inputs or has(op) for op in consumers)


SEQUENCES = {"SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SplitToSequence"}
"""Operators that give sequences."""

LARGEST, NONSENSE = 1 << 40, 1 << 60
"""Elements of an input from which on no machine has the memory that the plugin takes when it compiles, and those beyond which it
miscounts."""


def _fed(subject: Subject, model: Model, at: At) -> Iterator[Reason]:
    """Inputs that the CPU plugin compiles no model for."""
    stored, kept = {tensor.name for tensor in model.graph.weights}, _translates(at)
    for name in dict.fromkeys(model.graph.inputs):
        tensor = model.graph.tensor(name)
        if name in stored or tensor.dtype in NOT_TENSORS or not (kept or _reads(model, model.graph.consumers.get(name, ()), name)):
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


MERGED = {
    *ELEMENTWISE,
    *("Mod", "PRelu", "MatMul", "Gemm", "Where", "Concat"),
    *("And", "Or", "Xor", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "BitwiseAnd", "BitwiseOr", "BitwiseXor"),
    *("ScatterElements", "ScatterND", "Conv", "ConvTranspose", "LayerNormalization"),
}
"""Operators whose inputs must be of one dtype, by which OpenVINO fails to merge others (element::Type::merge)."""

Why = tuple[str, str, str]


def _refused(
    model: Model,
    op: Op,
    inputs: Sequence[Operand],
    found: Typed | None,
    named: Sequence[Row],
    refused: Set[str],
    fluid: Set[str],
    year: int,
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
    words = wrong(op, inputs, version, year)
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
    if op.domain or op.type not in ("Cast", "CastLike") or origin.constant is not False or not origin.dtype:
        return None
    if op.type == "CastLike":
        wanted = inputs[1].dtype if len(inputs) > 1 else ""
    else:
        wanted = DTYPES.get(to, "") if isinstance(to, int) else ""
    if not wanted and not (op.type == "Cast" and isinstance(to, int)):
        return None
    words = f"the CPU plugin casts no {origin.dtype} to {wanted or 'a dtype that is not named'} (cpu_convert can't convert)"
    return None if wanted in casts.get(origin.dtype, ()) else ("dtype", words, "cast to another dtype")


def _reshaped(subject: Subject, graph: Graph, op: Op, inputs: Sequence[Operand]) -> Why | None:
    """A shape that is computed of others, as onnx computes it where the model notes none."""
    name = next(iter(op.outputs), "")
    if op.type != "Reshape" or op.domain or len(inputs) < 2 or inputs[1].constant is not None or name in graph.outputs:
        return None
    if not inputs[0].static or graph.tensor(name).shape is not None:
        return None
    wanted = Operand(shape=_sized(subject.once(_inferred).get(name, ("", None))[1]))
    have, want = extents(inputs[0]), extents(wanted)
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
    dtype = dtype or inferred or subject.once(_passed).get(name, "")  # of what the schema forbids as well
    constant = True if tensor.stored is not None else False if given else None
    return Operand("" if dtype in NOT_TENSORS else dtype, _sized(shape), constant, _numbers(tensor))


def _passed(subject: Subject) -> Mapping[str, str]:
    """Dtypes that operators pass on which the standard forbids them: an output of the type of an input has its dtype."""
    passed: dict[str, str] = {}
    for found in subject.once(_typed):
        if found.schema is None or not found.schema.inputs:
            continue
        kinds: dict[str, str] = {}
        for number, name in enumerate(found.op.inputs):
            dtype = found.dtypes.get(name) or passed.get(name, "")
            if dtype and dtype not in NOT_TENSORS:
                kinds.setdefault(found.schema.inputs[min(number, len(found.schema.inputs) - 1)][0], dtype)
        for name, (kind, _) in zip(found.op.outputs, found.schema.outputs, strict=False):
            if name and kind in kinds and kind in (found.schema.types or {}) and not found.dtypes.get(name):
                passed[name] = kinds[kind]
    return passed


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
