"""What OpenCV's dnn module makes of the test models of the onnx package: which it reads, and what it says of the others; and of small
models with one oddity each.

The second argument is a JSON file: ``[[domain, name]]``, the operators that its importers are asked about. The answer is ``{"tests":
[[operators, dtypes of inputs and outputs, error]], "odd": {oddity: error}, "weights": {dtype: error}, "dequantized": {dtype: error},
"counts": {operator: {"fewer" or "more": error}}, "importers": {importer: [[domain, name]]}}``, where dtypes are ONNX's numbers, and
importers are listed with the operators they have. A model that takes the process down costs that process only.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2  # type: ignore[import-not-found, unused-ignore]
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

FLOAT = onnx.TensorProto.FLOAT


IMPORTERS = {name: getattr(cv2.dnn, f"ENGINE_{name.upper()}") for name in ("new", "classic") if hasattr(cv2.dnn, f"ENGINE_{name.upper()}")}
"""The importers that a release can be told to use; before 5.0 there was one."""


LOG_LEVEL: Any = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel
"""Says what is printed: from 3 on warnings, with 0 nothing."""


def read(path: str, importer: str = "", log: bool = False) -> str:
    """The error a model is refused with; empty if it is read. With `log` what is printed as well."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if not child:
        said = ""
        if log:
            os.dup2(outlet, 2)
            LOG_LEVEL(3)
        try:
            cv2.dnn.readNetFromONNX(path, **({"engine": IMPORTERS[importer]} if importer else {}))
        except Exception as error:
            said = str(error) or "an error without words"
        os.write(outlet, said.encode()[:4000])
        os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet, "rb") as stream:
        answer = stream.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return answer if os.waitstatus_to_exitcode(status) == 0 else "crash"


def operators(graph: onnx.GraphProto) -> set[str]:
    found = {node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}" for node in graph.node}
    for node in graph.node:
        for attribute in node.attribute:
            for nested in (attribute.g, *attribute.graphs):
                found |= operators(nested)
    return found


def odd() -> Iterator[tuple[str, onnx.ModelProto]]:
    """Models that are all right, but for one thing that OpenCV may not expect."""

    def value(name: str, shape: Sequence[int] | None = (2, 3)) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, FLOAT, shape)

    def model(
        nodes: Sequence[Any], inputs: Sequence[Any], outputs: Sequence[Any], functions: Sequence[Any] = (), stored: Sequence[Any] = ()
    ) -> onnx.ModelProto:
        opsets = [helper.make_opsetid("", 17), *(helper.make_opsetid(function.domain, 1) for function in functions)]
        graph = helper.make_graph(list(nodes), "g", list(inputs), list(outputs), list(stored))
        return helper.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=8)

    node, x, y = helper.make_node, value("x"), value("y")
    yield "none", model([node("Relu", ["x"], ["y"])], [x], [y])
    yield "shapeless input", model([node("Relu", ["x"], ["y"])], [value("x", None)], [y])
    yield "shapeless output", model([node("Relu", ["x"], ["y"])], [x], [value("y", None)])
    sequence = helper.make_tensor_sequence_value_info("s", FLOAT, (2, 3))
    yield "sequence", model([node("SequenceLength", ["s"], ["n"]), node("Relu", ["x"], ["y"])], [x, sequence], [y])
    yield "undefined", model([node("Relu", ["z"], ["y"])], [x], [y])
    yield "order", model([node("Relu", ["h"], ["y"]), node("Neg", ["x"], ["h"])], [x], [y])
    twice = helper.make_function("f", "Twice", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 17)])
    yield "given again", model([node("Relu", ["x"], ["h"]), node("Neg", ["h"], ["y"]), node("Relu", ["x"], ["h"])], [x], [y])

    def weight(name: str, dtype: int, number: float, *shape: int) -> onnx.TensorProto:
        count = 1
        for size in shape:
            count *= size
        return helper.make_tensor(name, dtype, shape, [number] * count)

    def branch(name: str) -> onnx.GraphProto:
        return helper.make_graph([node("Relu", ["x"], ["y"])], name, [], [y])

    condition = node("If", ["c"], ["y"], then_branch=branch("then"), else_branch=branch("else"))
    yield "constant condition", model([condition], [x], [y], stored=[weight("c", onnx.TensorProto.BOOL, 1)])
    steps = [node("Div", ["x", "r"], ["d"]), node("Erf", ["d"], ["e"]), node("Add", ["e", "o"], ["a"])]
    halved = [*steps, node("Mul", ["h", "a"], ["m"]), node("Mul", ["x", "m"], ["y"])]
    numbers = [weight(name, FLOAT, number) for name, number in (("r", 2**0.5), ("o", 1.0), ("h", 0.5))]
    yield "gelu", model(halved, [x], [y], stored=numbers)
    image = value("x", (1, 4, 2, 2)), value("y", (1, 4, 2, 2))
    convolved = [node("Conv", ["k", "w"], ["f"], kernel_shape=[1, 1]), node("Add", ["x", "f"], ["y"])]
    yield (
        "stored image",
        model(convolved, image[:1], image[1:], stored=[weight("k", FLOAT, 1, 1, 3, 2, 2), weight("w", FLOAT, 1, 4, 3, 1, 1)]),
    )
    whole = {"b": ("bs", "bz"), "w": ("ws", "wz"), "q": ("s", "z")}
    before = [node("QuantizeLinear", ["x", "s", "z"], ["q"]), *(node("DequantizeLinear", [k, *v], [f"{k}f"]) for k, v in whole.items())]
    after = [node("QuantizeLinear", ["g", "s", "z"], ["gq"]), node("DequantizeLinear", ["gq", "s", "z"], ["y"])]
    int8, int32 = onnx.TensorProto.INT8, onnx.TensorProto.INT32
    scales = [weight("w", int8, 1, 3, 4), weight("b", int32, 1, 4), weight("z", onnx.TensorProto.UINT8, 0), weight("wz", int8, 0)]
    scales += [weight("bz", int32, 0), *(weight(name, FLOAT, 0.5) for name in ("s", "ws", "bs"))]
    gemm = [*before, node("Gemm", ["qf", "wf", "bf"], ["g"]), *after]
    yield "quantized gemm", model(gemm, [x], [value("y", (2, 4))], stored=scales)
    yield "function", model([node("Twice", ["x"], ["y"], domain="f")], [x], [y], [twice])


def weights() -> Iterator[tuple[int, onnx.ModelProto]]:
    """A weight of each dtype, cast to float32: stored as numbers, and as bytes."""
    for dtype in sorted(set(onnx.TensorProto.DataType.values()) - {onnx.TensorProto.UNDEFINED, onnx.TensorProto.STRING}):
        numbers = helper.make_tensor("w", dtype, [4], [1] * 4)
        for weight in (numbers, numpy_helper.from_array(numpy_helper.to_array(numbers), "w")):
            cast = helper.make_node("Cast", ["w"], ["c"], to=FLOAT)
            add = helper.make_node("Add", ["x", "c"], ["y"])
            values = [helper.make_tensor_value_info(name, FLOAT, [4]) for name in "xy"]
            yield dtype, helper.make_model(helper.make_graph([cast, add], "g", values[:1], values[1:], [weight]), ir_version=8)


def dequantized() -> Iterator[tuple[int, onnx.ModelProto]]:
    """A weight of each dtype that may be dequantized."""
    for dtype in sorted(set(range(2, 7)) | {onnx.TensorProto.UINT4, onnx.TensorProto.INT4}):
        stored = [
            helper.make_tensor("q", dtype, [4], [1] * 4),
            helper.make_tensor("s", FLOAT, [], [0.5]),
            helper.make_tensor("z", dtype, [], [0]),
        ]
        nodes = [helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]), helper.make_node("Add", ["x", "d"], ["y"])]
        values = [helper.make_tensor_value_info(name, FLOAT, [4]) for name in "xy"]
        graph = helper.make_graph(nodes, "g", values[:1], values[1:], stored)
        yield dtype, helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


LONGEST = 16
"""Inputs of an operator that takes any number of them are not counted."""


def miscounted(model: onnx.ModelProto) -> Iterator[tuple[str, onnx.ModelProto]]:
    """A model of one operator, with an input less than the standard demands, and one more than it allows."""
    version = next(opset.version for opset in model.opset_import if opset.domain in ("", "ai.onnx"))
    node = model.graph.node[0]
    schema = onnx.defs.get_schema(node.op_type, version)
    given, first = list(node.input), next((name for name in node.input if name), "")
    counts = {"fewer": given[: schema.min_input - 1] if schema.min_input else None}
    counts["more"] = [*given, *[first] * (schema.max_input + 1 - len(given))] if first and schema.max_input < LONGEST else None
    for what, inputs in counts.items():
        if inputs is not None:
            made = onnx.ModelProto()
            made.CopyFrom(model)
            del made.graph.node[0].input[:]
            made.graph.node[0].input.extend(inputs)
            yield what, made


def asked(domain: str, name: str) -> onnx.ModelProto:
    values = [helper.make_tensor_value_info(name, FLOAT, (2, 3)) for name in "aby"]
    graph = helper.make_graph([helper.make_node(name, ["a", "b"], ["y"], domain=domain)], "g", values[:2], values[2:])
    opsets = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def has(said: str, name: str) -> bool:
    """Whether an importer has the operator: those it lacks are listed, or no layer is made of them; all else is about the model."""
    listed = re.search(r"Unsupported operations:([^\[]*)", said)
    made = re.search(r"Can't create layer [^\n]* of type \"([^\"]*)\"", said)
    return not (listed and name in listed[1].split()) and not (made and made[1].rpartition(".")[2] == name)


TRIES = 3
"""Test models of an operator that are miscounted."""


def main() -> None:
    LOG_LEVEL(0)
    answers: dict[str, Any] = {"tests": [], "odd": {}, "weights": {}, "dequantized": {}, "counts": {}, "importers": {}}
    tried: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "model.onnx"))
        for case in collect_testcases(None):
            if case.model is not None:
                onnx.save(case.model, path)
                dtypes = sorted({value.type.tensor_type.elem_type for value in (*case.model.graph.input, *case.model.graph.output)})
                said = read(path)
                answers["tests"].append([sorted(operators(case.model.graph)), dtypes, said])
                kind = case.model.graph.node[0].op_type if len(case.model.graph.node) == 1 else ""
                tried[kind] += 1
                if kind and not said and case.model.graph.node[0].domain in ("", "ai.onnx") and tried[kind] <= TRIES:
                    for what, miscount in miscounted(case.model):
                        Path(path).write_bytes(miscount.SerializeToString())
                        said, found = read(path), answers["counts"].setdefault(kind, {})
                        found[what] = found.get(what, said) and said
        for domain, name in json.loads(Path(sys.argv[2]).read_text("utf-8")):
            Path(path).write_bytes(asked(domain, name).SerializeToString())
            for importer in IMPORTERS or [""]:
                if has(read(path, importer, log=True), name):
                    answers["importers"].setdefault(importer or "classic", []).append([domain, name])
        for key, models in (("odd", odd()), ("weights", weights()), ("dequantized", dequantized())):
            for name, model in models:
                Path(path).write_bytes(model.SerializeToString())
                said = read(path)  # one that is read either way is read
                answers[key][name] = answers[key].get(name, said) and said
    Path(sys.argv[1]).write_text(json.dumps(answers), "utf-8")


if __name__ == "__main__":
    main()
