"""ONNX models for measuring agreement: the test models of the onnx package, others made of them, and operators of every schema.

    python -m tools.agreement.build_onnx FOLDER [--seed N] [--changed N] [--varied N] [--operators N] [--of FOLDER]

Without options the test models are written as they are. ``--changed`` are so many that are damaged at random, each named by what was done
to it; ``--varied`` are sound but for being of another opset, dtype or rank; ``--operators`` hold one operator each, of any schema that ONNX
Runtime has, with inputs and attributes that the schema allows. ``--of`` takes the models of a folder in place of the test models.
"""

from __future__ import annotations

import argparse
import random
import warnings
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

Change = Callable[[Any, random.Random], "bytes | None"]
"""Changes a model in place, or gives the bytes that stand for it."""

DTYPES = (1, 11, 10, 6, 7, 9, 2, 3, 16, 8, 4, 5, 12, 13, 14, 17, 19, 21, 22, 23)
"""By their numbers in TensorProto.DataType, the common ones first."""


def _node(model: Any, rng: random.Random) -> Any:
    return rng.choice(model.graph.node)


def _given(model: Any, rng: random.Random) -> Any:
    """The type of an input that is a tensor, or of nothing that matters."""
    tensors = [value for value in model.graph.input if value.type.HasField("tensor_type")]
    return rng.choice(tensors).type.tensor_type if tensors else onnx.TypeProto().tensor_type


def cut(model: Any, rng: random.Random) -> bytes:
    content: bytes = model.SerializeToString()
    return content[: rng.randrange(1, len(content))]


def flipped(model: Any, rng: random.Random) -> bytes:
    content = bytearray(model.SerializeToString())
    for _ in range(rng.choice((1, 1, 2, 8))):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def operator(model: Any, rng: random.Random) -> None:
    _node(model, rng).op_type = rng.choice(("Foo", "Convv", "FlashAttention"))


def domain(model: Any, rng: random.Random) -> None:
    _node(model, rng).domain = name = rng.choice(("my.operators", "com.microsoft"))
    if name == "my.operators":
        model.opset_import.append(helper.make_opsetid(name, 1))


def undefined(model: Any, rng: random.Random) -> None:
    node = _node(model, rng)
    if node.input:
        node.input[rng.randrange(len(node.input))] = "nowhere"


def twice(model: Any, rng: random.Random) -> None:
    model.graph.node.append(deepcopy(_node(model, rng)))


def inputs(model: Any, rng: random.Random) -> None:
    node = _node(model, rng)
    if rng.random() < 0.5 and node.input:
        node.input.pop()
    else:
        node.input.append(node.input[0] if node.input else "x")


def fed(model: Any, rng: random.Random) -> None:
    if model.graph.input and rng.random() < 0.5:
        del model.graph.input[rng.randrange(len(model.graph.input))]
    elif model.graph.input:
        model.graph.input.append(deepcopy(model.graph.input[0]))


def dtype(model: Any, rng: random.Random) -> None:
    _given(model, rng).elem_type = rng.choice(DTYPES)


def dtypes(model: Any, rng: random.Random) -> None:
    wanted = rng.choice([dtype for dtype in DTYPES[1:] if dtype != TensorProto.STRING])
    for value in (*model.graph.input, *model.graph.output):
        if value.type.HasField("tensor_type") and value.type.tensor_type.elem_type == TensorProto.FLOAT:
            value.type.tensor_type.elem_type = wanted


def attribute(model: Any, rng: random.Random) -> None:
    node = _node(model, rng)
    values: tuple[Any, ...] = (1, 2.5, "x", [1, 2])
    if node.attribute and rng.random() < 0.6:
        at = rng.randrange(len(node.attribute))
        name = node.attribute[at].name
        del node.attribute[at]
        if rng.random() < 0.5:
            node.attribute.append(helper.make_attribute(name, rng.choice(values)))
    else:
        node.attribute.append(helper.make_attribute(rng.choice(("bogus", "axis", "alpha")), rng.choice(values)))


def shape(model: Any, rng: random.Random) -> None:
    dims = _given(model, rng).shape.dim
    if dims and rng.random() < 0.5:
        rng.choice(dims).dim_value = rng.choice((0, 1, 3, 7, 100))
    elif dims and rng.random() < 0.5:
        dims.pop()
    else:
        dims.add().dim_value = 2


def cycle(model: Any, rng: random.Random) -> None:
    node = _node(model, rng)
    if node.input and node.output:
        node.input[0] = node.output[0]


def versions(model: Any, rng: random.Random) -> None:
    if rng.random() < 0.5:
        model.ir_version = rng.choice((1, 2, 13, 14, 99))
    elif rng.random() < 0.8:
        model.opset_import[0].version = rng.choice((0, 1, 5, 7, 9, 30, 99))
    else:
        del model.opset_import[:]


def output(model: Any, rng: random.Random) -> None:
    model.graph.output.append(helper.make_tensor_value_info("never", TensorProto.FLOAT, [1]))


def weight(model: Any, rng: random.Random) -> None:
    """A weight in place of an input, of the wrong size or in a file that is not there."""
    if not model.graph.input:
        return
    value = rng.choice(model.graph.input)
    tensor = model.graph.initializer.add(name=value.name, data_type=value.type.tensor_type.elem_type)
    tensor.dims.extend(dim.dim_value for dim in value.type.tensor_type.shape.dim)
    if rng.random() < 0.5:
        tensor.raw_data = bytes(rng.choice((0, 3, 4, 64)))
    else:
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=rng.choice(("gone.bin", "../x.bin")))


def nothing(model: Any, rng: random.Random) -> None:
    pass


def huge(model: Any, rng: random.Random) -> None:
    """A dimension that no memory holds, of an input or of a weight."""
    if model.graph.initializer and rng.random() < 0.5:
        tensor = rng.choice(model.graph.initializer)
        tensor.dims.append(rng.choice((1 << 40, (1 << 63) - 1, -1)))
    elif dims := _given(model, rng).shape.dim:
        rng.choice(dims).dim_value = rng.choice((1 << 31, 1 << 40, (1 << 63) - 1, -5))


def named(model: Any, rng: random.Random) -> None:
    """Names of operators that are there twice, or of tensors that are empty or of a kind nobody writes."""
    node = _node(model, rng)
    kind = rng.randrange(4)
    if kind == 0:
        for each in model.graph.node:
            each.name = "same"
    elif kind == 1 and node.output:
        node.output[0] = ""
    elif kind == 2:
        model.graph.name = ""
    elif model.graph.input:
        model.graph.input[0].name = rng.choice(("", "a b", "\u00e9", model.graph.input[-1].name))


def nested(model: Any, rng: random.Random) -> None:
    """What is wrong within a graph that an operator holds; without one, the operators are moved into a branch of an ``If``."""
    graphs = [attribute.g for node in model.graph.node for attribute in node.attribute if attribute.HasField("g")]
    if not graphs:
        then = helper.make_graph([deepcopy(node) for node in model.graph.node], "then", [], [deepcopy(o) for o in model.graph.output])
        other = deepcopy(then)
        other.name = "else"
        model.graph.initializer.append(helper.make_tensor("which", TensorProto.BOOL, [], [True]))
        del model.graph.node[:]
        model.graph.node.append(
            helper.make_node("If", ["which"], [o.name for o in model.graph.output], then_branch=then, else_branch=other)
        )
        graphs = [attribute.g for attribute in model.graph.node[0].attribute]
    graph, kind = rng.choice(graphs), rng.randrange(6)
    if kind == 0 and graph.output:
        graph.output.pop()
    elif kind == 1 and graph.input:
        graph.input.pop()
    elif kind == 2 and graph.node:
        rng.choice(graph.node).op_type = "Foo"
    elif kind == 3 and graph.node and graph.node[0].input:
        graph.node[0].input[0] = "nowhere"
    elif kind == 4 and graph.output:
        graph.output[0].name = "never"


def wired(model: Any, rng: random.Random) -> None:
    """An operator reads another tensor of the model than it did."""
    node = _node(model, rng)
    names = [name for each in model.graph.node for name in (*each.input, *each.output) if name]
    if node.input and names:
        node.input[rng.randrange(len(node.input))] = rng.choice(names)


def stored(model: Any, rng: random.Random) -> None:
    """An input becomes a weight, as it should be."""
    tensors = [value for value in model.graph.input if value.type.HasField("tensor_type")]
    if not tensors:
        return
    value = rng.choice(tensors)
    kind, dims = value.type.tensor_type.elem_type, [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    if kind == TensorProto.STRING or kind not in helper.get_all_tensor_dtypes():
        return
    size = 1
    for dim in dims:
        size *= dim
    if size <= 1 << 16:
        model.graph.initializer.append(helper.make_tensor(value.name, kind, dims, [1] * size))
        if rng.random() < 0.7:
            model.graph.input.remove(value)


def unstated(model: Any, rng: random.Random) -> None:
    """Less is said of shapes: dimensions by name, or none."""
    for value in model.graph.input:
        if value.type.HasField("tensor_type") and rng.random() < 0.6:
            if rng.random() < 0.3:
                value.type.tensor_type.ClearField("shape")
            for number, dim in enumerate(value.type.tensor_type.shape.dim):
                if rng.random() < 0.5:
                    dim.dim_param = f"n{number}"
    for value in model.graph.output if rng.random() < 0.5 else ():
        if value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")


def misplaced(model: Any, rng: random.Random) -> None:
    """Operators in an order in which a tensor is read before it is there, or a message that lacks a part."""
    if len(model.graph.node) > 1 and rng.random() < 0.7:
        nodes = list(model.graph.node)
        rng.shuffle(nodes)
        del model.graph.node[:]
        model.graph.node.extend(nodes)
    else:
        kind = rng.randrange(4)
        if kind == 0:
            del model.graph.node[:]
        elif kind == 1:
            del model.graph.output[:]
        elif kind == 2:
            model.ClearField("graph")
        else:
            _node(model, rng).op_type = ""


def redefined(model: Any, rng: random.Random) -> None:
    """The model says itself what one of its operators is: in the domain of the operator, or one of its own."""
    node = _node(model, rng)
    name, domain = rng.choice(((node.op_type, ""), (node.op_type, "own"), ("Mine", "own")))
    inner = deepcopy(node)
    inputs, outputs = [f"i{n}" for n in range(len(node.input))], [f"o{n}" for n in range(len(node.output))]
    del inner.input[:], inner.output[:]
    inner.input.extend(inputs)
    inner.output.extend(outputs)
    function = helper.make_function(domain, name, inputs, outputs, [inner], list(model.opset_import))
    model.functions.append(function)
    node.op_type, node.domain = name, domain
    if domain and rng.random() < 0.8:
        model.opset_import.append(helper.make_opsetid(domain, 1))


CHANGES: tuple[Change, ...] = (
    *(cut, flipped, operator, domain, undefined, twice, inputs, fed, dtype, dtypes),
    *(attribute, shape, cycle, versions, output, weight, nothing),
    *(huge, named, nested, wired, stored, unstated, misplaced, redefined),
)


def varied(model: Any, rng: random.Random, newest: int) -> None:
    """Another opset up to `newest`, and another dtype for all that is float32; inputs may become weights or lose sizes."""
    if rng.random() < 0.7:
        for opset in model.opset_import:
            if not opset.domain:
                opset.version = rng.randint(7, newest)
    if rng.random() < 0.6:
        wanted = rng.choice((10, 10, 11, 16, 6, 7, 2, 3, 5, 4, 12, 13, 17, 22))
        for value in (*model.graph.input, *model.graph.output):
            if value.type.HasField("tensor_type") and value.type.tensor_type.elem_type == TensorProto.FLOAT:
                value.type.tensor_type.elem_type = wanted
    model.ir_version = rng.choice((7, 8, 8, 9, 10))
    for change in (stored, unstated):
        if rng.random() < 0.3:
            change(model, rng)


# One operator of a schema

SIZES = (2, 3, 4, 5, 1)
WORDS = ("linear", "nearest", "constant", "reflect", "sum", "none", "NOTSET", "SAME_UPPER", "bilinear", "forward", "DCR", "NCHW", "i,i->i")


def one_operator(schema: Any, rng: random.Random, newest: int) -> Any:
    """A model of one operator as its schema allows it; None where the operator needs a graph, or a type that is not for tensors."""
    if schema.deprecated and rng.random() < 0.8:
        return None
    bound: dict[str, Any] = {}
    allowed = {each.type_param_str: list(each.allowed_type_strs) for each in schema.type_constraints}

    def kind(formal: Any) -> Any:
        name = formal.typeStr
        if name not in bound:
            names = [each for each in allowed.get(name, [name]) if each in NAMED]
            likely = [each for each in names if each in ("tensor(float)", "tensor(int64)", "tensor(float16)")]
            bound[name] = NAMED.get(rng.choice(likely if likely and rng.random() < 0.6 else names)) if names else None
        return bound[name]

    rank = rng.choice((1, 2, 2, 3, 4, 4, 4, 5))
    common = [rng.choice(SIZES) for _ in range(rank)]
    inputs, infos, weights = [], [], []
    for number, formal in enumerate(schema.inputs):
        option = str(formal.option).rpartition(".")[2]
        if option == "Optional" and rng.random() < 0.6:
            inputs.append("")
            continue
        for repeated in range(rng.randint(1, 3) if option == "Variadic" else 1):
            dtype = kind(formal)
            if dtype is None:
                return None
            name = f"i{number}_{repeated}"
            inputs.append(name)
            index = number > 0 and dtype in (6, 7) and formal.typeStr not in [f.typeStr for f in schema.inputs[:1]]
            dims = (
                [rng.choice((1, 2, rank))]
                if index
                else common
                if rng.random() < 0.85
                else [rng.choice(SIZES) for _ in range(rng.randint(0, 4))]
            )
            if number > 0 and dtype in (1, 6, 7, 9, 11) and rng.random() < (0.7 if index else 0.3):
                size = 1
                for dim in dims:
                    size *= dim
                weights.append(helper.make_tensor(name, dtype, dims, [1] * size))
            else:
                infos.append(helper.make_tensor_value_info(name, dtype, dims))
    while inputs and not inputs[-1]:
        inputs.pop()
    attributes: dict[str, Any] = {}
    for name, attribute in schema.attributes.items():
        wanted = str(attribute.type).rpartition(".")[2]
        if not attribute.required and rng.random() < 0.85:
            continue
        if wanted in ("GRAPH", "GRAPHS", "SPARSE_TENSOR", "TYPE_PROTO", "???"):  # the last of a kind that the binding does not know
            return None
        attributes[name] = _value(wanted, rank, rng)
    outputs = [formal for formal in schema.outputs if not str(formal.option).endswith("Optional")]
    made = [onnx.ValueInfoProto(name=f"o{number}") for number in range(len(outputs))]
    for value, formal in zip(made, outputs, strict=True):
        if formal.typeStr in bound or formal.typeStr.startswith("tensor("):
            value.type.tensor_type.elem_type = bound.get(formal.typeStr) or NAMED.get(formal.typeStr, 1)
    node = helper.make_node(schema.name, inputs, [value.name for value in made], domain=schema.domain, **attributes)
    opset = rng.choice((schema.since_version, rng.randint(schema.since_version, max(newest, schema.since_version))))
    domains = {schema.domain: schema.since_version if schema.domain else opset}
    opsets = [helper.make_opsetid(name, version) for name, version in ({"": rng.randint(12, newest)} | domains).items()]
    return helper.make_model(
        helper.make_graph([node], "one", infos, made, weights), opset_imports=opsets, ir_version=rng.choice((7, 8, 9, 10))
    )


def _value(kind: str, rank: int, rng: random.Random) -> Any:
    """Some value for an attribute."""
    values: dict[str, Any] = {
        "INT": rng.choice((0, 1, 1, 1, 2, -1)),
        "INTS": [rng.choice((0, 1, 1))] * rng.choice((1, 2, 2, max(rank - 2, 1))),
        "FLOAT": rng.choice((0.0, 0.5, 1.0)),
        "FLOATS": [0.5] * rng.randint(1, 3),
        "STRING": rng.choice(WORDS),
        "STRINGS": ["a", "b"],
        "TENSOR": helper.make_tensor("v", TensorProto.FLOAT, [2], [0.0, 1.0]),
    }
    return values[kind]


NAMED = {
    f"tensor({name})": number
    for name, number in {
        "float": 1,
        "uint8": 2,
        "int8": 3,
        "uint16": 4,
        "int16": 5,
        "int32": 6,
        "int64": 7,
        "string": 8,
        "bool": 9,
        "float16": 10,
        "double": 11,
        "uint32": 12,
        "uint64": 13,
        "bfloat16": 16,
        "float8e4m3fn": 17,
        "uint4": 21,
        "int4": 22,
    }.items()
}
"""The dtypes of ONNX by their names in schemas."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--changed", type=int, default=0)
    parser.add_argument("--varied", type=int, default=0)
    parser.add_argument("--operators", type=int, default=0)
    parser.add_argument("--of", type=Path)
    parser.add_argument("--newest", type=int, default=26, help="the newest opset of models that are varied, or of one operator")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    from onnx.backend.test.case.node import collect_testcases

    if args.of:
        cases = [(path.stem, onnx.load(path, load_external_data=False)) for path in sorted(args.of.glob("*.onnx"))]
    else:
        cases = [(case.name, case.model) for case in collect_testcases(None) if case.model is not None and case.model.graph.node]
    args.folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(args.seed)
    for name, model in cases if not (args.changed or args.varied or args.operators) else ():
        onnx.save(model, args.folder / f"{name}.onnx")
    for number in range(args.changed):
        name, original = rng.choice(cases)
        model, change = deepcopy(original), rng.choice(CHANGES)
        content = change(model, rng)
        (args.folder / f"{number:04d}_{change.__name__}_{name}.onnx").write_bytes(model.SerializeToString() if content is None else content)
    for number in range(args.varied):
        name, original = rng.choice(cases)
        varied(model := deepcopy(original), rng, args.newest)
        onnx.save(model, args.folder / f"{number:04d}_varied_{name}.onnx")
    if args.operators:
        _operators(args.folder, args.operators, rng, args.newest)


def _operators(folder: Path, wanted: int, rng: random.Random, newest: int) -> None:
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    known = sorted(get_all_operator_schema(), key=lambda schema: (schema.domain, schema.name, schema.since_version))
    domains = ("", "", "", "", "ai.onnx.ml", "ai.onnx.ml", "com.microsoft", "com.microsoft")
    number = 0
    while number < wanted:
        domain = rng.choice(domains)
        schema = rng.choice([schema for schema in known if schema.domain == domain])
        model = one_operator(schema, rng, newest)
        if model is not None:
            (folder / f"{number:04d}_{schema.domain or 'onnx'}_{schema.name}.onnx").write_bytes(model.SerializeToString())
            number += 1


if __name__ == "__main__":
    main()
