"""What ONNX demands of operators, and the dtypes that follow from it for every tensor of a model.

The schemas are those ONNX Runtime checks models against (`tools.onnx_operators`), so a model that contradicts them is refused there.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from deplint.data import load
from deplint.formats.onnx import DTYPES
from deplint.model import Graph, Model, Op, Tensor

NOT_TENSORS = ("", "sequence", "map", "optional")
"""Dtypes that say nothing of elements."""


@dataclass(frozen=True)
class Schema:
    """What ONNX Runtime demands of an operator. `inputs` and `outputs` are ``(type, option)`` as `tools.onnx_operators` writes them;
    `counts` the least and most of inputs and of outputs; `types` the dtypes that a type's name may stand for."""

    since: int
    deprecated: bool = False
    inputs: Sequence[Sequence[str]] = ()
    outputs: Sequence[Sequence[str]] = ()
    counts: Sequence[int] = (0, 0, 0, 0)
    types: Mapping[str, frozenset[str]] | None = None
    attributes: Mapping[str, str] | None = None
    required: Sequence[str] = ()


@lru_cache(maxsize=1)
def schemas() -> Mapping[tuple[str, str], Sequence[Schema]]:
    """The schemas of each operator by domain and name, the oldest first."""
    table = load("onnx_operators")
    sets = [frozenset(names) for names in table["dtypes"]]
    found: dict[tuple[str, str], list[Schema]] = {}
    for row in table["rows"]:
        facts: dict[str, Any] = {key: value for key, value in row.items() if key not in ("domain", "name")}
        if "types" in facts:
            facts["types"] = {name: sets[index] for name, index in facts["types"].items()}
        found.setdefault((row["domain"], row["name"]), []).append(Schema(**facts))
    return found


def covered(model: Model, domain: str) -> int:
    """The version of a domain's operators that the model uses, if the table covers it; else 0."""
    version = model.opsets.get(domain, 0)
    return version if 0 < version <= load("onnx_operators")["latest"].get(domain, 0) else 0


def schema(model: Model, op: Op) -> Schema | None:
    """The schema that holds for `op`; None for one that is unknown, deprecated, or a function of the model."""
    version = covered(model, op.domain)
    return _holding(op.domain, op.type, version) if version and not is_function(model, op) else None


@lru_cache(maxsize=1024)
def _holding(domain: str, kind: str, version: int) -> Schema | None:
    known = [s for s in schemas().get((domain, kind), ()) if s.since <= version]
    return known[-1] if known and not known[-1].deprecated else None


def is_function(model: Model, op: Op) -> bool:
    """The model itself says what the operator is."""
    if not model.functions:
        return False
    return (f"{op.domain}.{op.type}" if op.domain else op.type) in model.functions or f"ai.onnx.{op.type}" in model.functions


@dataclass(slots=True)
class Typed:
    """An operator with the dtypes that reach it. `dtypes` are those of all tensors it may read, "" or nothing where one is not known;
    `bound` says which dtype each type parameter of the schema stands for, `given` the dtypes of its outputs where they are certain;
    `wrong` is what the schema forbids, in words, or empty. `within` are the calls of functions it is in, the outermost first."""

    graph: Graph
    op: Op
    schema: Schema | None
    dtypes: Mapping[str, str]
    bound: Mapping[str, str]
    given: Mapping[str, str]
    wrong: str = ""
    within: tuple[tuple[Graph, Op], ...] = ()


def typed(model: Model, *, calls: bool = False) -> Iterator[Typed]:
    """Every operator of the main graph and of those nested in it, each before what reads it. With `calls`, what a function of the model
    holds follows at each of its calls, with the dtypes it is called with."""
    yield from _Typing(model, calls).graph(model.graph, ChainMap(), ())


def typed_function(model: Model, body: Graph, dtypes: Mapping[str, str]) -> Iterator[Typed]:
    """The same for a function that an operator of `model` stands for, called with these dtypes of its inputs."""
    yield from _Typing(model, True).graph(body, ChainMap(dict(dtypes)), ())


DEEPEST = 32
"""Calls within calls that are followed."""


@dataclass(frozen=True)
class _Typing:
    model: Model
    calls: bool

    def graph(self, graph: Graph, known: ChainMap[str, str], within: tuple[tuple[Graph, Op], ...]) -> Iterator[Typed]:
        """`known` takes the dtypes of this graph's tensors and has, behind them, those of the graphs around it."""
        own = known.maps[0]
        seen: Mapping[str, str] = known if len(known.maps) > 1 else own  # a look-up in one dict costs a tenth
        own.update((tensor.name, tensor.dtype) for tensor in (*graph.input_tensors, *graph.weights) if tensor.dtype)
        for op in graph.ops:
            inner: dict[str, Mapping[str, str]] = {}
            for name, nested in op.graphs.items():
                child = known.new_child()
                if op.type == "Scan" and not op.domain:
                    child.update(_scanned(op, nested, known))
                yield from self.graph(nested, child, within)
                inner[name] = child
            function = called(self.model, op)
            if function is not None:
                body = ChainMap({formal: seen.get(given, "") for formal, given in zip(function.inputs, op.inputs, strict=False)})
                if self.calls and len(within) < DEEPEST:
                    yield from self.graph(function, body, (*within, (graph, op)))
                found = {name: body.get(formal, "") for name, formal in zip(op.outputs, function.outputs, strict=False)}
                own.update((name, dtype) for name, dtype in found.items() if name and dtype)
                continue
            wanted = schema(self.model, op)
            bound: dict[str, str] = {}
            wrong = _bind(op, wanted, seen, bound) if wanted is not None else ""
            given = _given(op, wanted, bound, inner) if wanted is not None and not wrong else {}
            for name in op.outputs:
                dtype = given.get(name, "") or seen.get(name, "")
                if not dtype and name in graph.tensors:
                    dtype = graph.tensors[name].dtype
                if name and dtype:
                    own[name] = dtype
            yield Typed(graph, op, wanted, seen, bound, given, wrong, within)


def called(model: Model, op: Op) -> Graph | None:
    """The function of the model that the operator calls."""
    functions = model.functions
    if not functions:
        return None
    return functions.get(f"{op.domain}.{op.type}" if op.domain else op.type) or (
        functions.get(f"ai.onnx.{op.type}") if not op.domain else None
    )


def _scanned(op: Op, body: Graph, known: Mapping[str, str]) -> dict[str, str]:
    return {formal: known.get(name, "") for formal, name in zip(body.inputs, op.inputs, strict=False) if known.get(name)}


def _bind(op: Op, wanted: Schema, known: Mapping[str, str], bound: dict[str, str]) -> str:
    """Note which dtype each name of a type stands for; what is wrong, in words, if something is."""
    types = wanted.types or {}
    for number, name in enumerate(op.inputs):
        kind, option = wanted.inputs[min(number, len(wanted.inputs) - 1)] if wanted.inputs else ("", "**")
        dtype = known.get(name, "") if name else ""
        if dtype in NOT_TENSORS or option == "**":
            continue
        allowed = types.get(kind, {kind})
        if dtype not in allowed:
            return f"takes no {dtype} as its input {number}"
        if bound.setdefault(kind, dtype) != dtype:
            return f"wants one dtype for several inputs and gets {bound[kind]} and {dtype}"
    return ""


def _given(op: Op, wanted: Schema, bound: dict[str, str], inner: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The dtypes of an operator's outputs, where they are certain, and with them what the names of their types stand for. `inner` are the
    dtypes within its nested graphs."""
    types = wanted.types or {}
    found: dict[str, str] = {}
    for number, name in enumerate(op.outputs):
        kind, option = wanted.outputs[min(number, len(wanted.outputs) - 1)] if wanted.outputs else ("", "**")
        allowed = types.get(kind, {kind})
        if option == "**":
            found[name] = _from_nested(op, number, inner)
            continue
        dtype = bound.get(kind) or (next(iter(allowed)) if len(allowed) == 1 else "") or _by_attribute(op)
        if dtype and kind in types:
            bound[kind] = dtype
        found[name] = dtype
    return found


def _from_nested(op: Op, number: int, inner: Mapping[str, Mapping[str, str]]) -> str:
    """The dtype of an output that a nested graph gives: of an ``If`` that of either branch; a loop's body gives a condition first."""
    for name, graph in op.graphs.items():
        at = number + (op.type == "Loop")
        if at < len(graph.outputs) and (dtype := inner[name].get(graph.outputs[at])):
            return dtype
    return ""


_BY_ATTRIBUTE = {"Cast": "to", "EyeLike": "dtype", "RandomNormal": "dtype", "RandomUniform": "dtype", "RandomNormalLike": "dtype",
                 "RandomUniformLike": "dtype", "Multinomial": "dtype", "Bernoulli": "dtype", "DequantizeLinear": "output_dtype",
                 "QuantizeLinear": "output_dtype", "HannWindow": "output_datatype", "HammingWindow": "output_datatype",
                 "BlackmanWindow": "output_datatype", "MelWeightMatrix": "output_datatype"}  # fmt: skip
"""Operators with an attribute that names the dtype of what they give, and the attribute."""

_DEFAULTS = {"ConstantOfShape": "float32", "RandomNormal": "float32", "RandomUniform": "float32", "Multinomial": "int32"}


def _by_attribute(op: Op) -> str:
    """The dtype that an attribute names."""
    if op.domain:
        return ""
    if isinstance(to := op.attributes.get(_BY_ATTRIBUTE.get(op.type, "")), int):
        return DTYPES.get(to, "")
    value = op.attributes.get("value")
    if op.type in ("Constant", "ConstantOfShape") and isinstance(value, Tensor):
        return value.dtype
    if op.type == "Constant":
        kinds: Mapping[str, Any] = {"value_float": "float32", "value_int": "int64", "value_string": "string"}
        return next((kinds[name.removesuffix("s")] for name in op.attributes if name.removesuffix("s") in kinds), "")
    return _DEFAULTS.get(op.type, "")
