"""What OpenCV's dnn module makes of the test models of the onnx package: which it reads, and what it says of the others; and of small
models with one oddity each.

The answer is ``{"tests": [[operators, dtypes of inputs and outputs, error]], "odd": {oddity: error}, "weights": {dtype: error}}``, where
dtypes are ONNX's numbers. A model that takes the process down costs that process only.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2  # type: ignore[import-not-found, unused-ignore]
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

FLOAT = onnx.TensorProto.FLOAT


def read(path: str) -> str:
    """The error a model is refused with; empty if it is read."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if not child:
        said = ""
        try:
            cv2.dnn.readNetFromONNX(path)
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

    def model(nodes: Sequence[Any], inputs: Sequence[Any], outputs: Sequence[Any], functions: Sequence[Any] = ()) -> onnx.ModelProto:
        opsets = [helper.make_opsetid("", 17), *(helper.make_opsetid(function.domain, 1) for function in functions)]
        graph = helper.make_graph(list(nodes), "g", list(inputs), list(outputs))
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


def main() -> None:
    if hasattr(cv2, "setLogLevel"):
        cv2.setLogLevel(0)
    answers: dict[str, Any] = {"tests": [], "odd": {}, "weights": {}}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "model.onnx"))
        for case in collect_testcases(None):
            if case.model is not None:
                onnx.save(case.model, path)
                dtypes = sorted({value.type.tensor_type.elem_type for value in (*case.model.graph.input, *case.model.graph.output)})
                answers["tests"].append([sorted(operators(case.model.graph)), dtypes, read(path)])
        for key, models in (("odd", odd()), ("weights", weights())):
            for name, model in models:
                Path(path).write_bytes(model.SerializeToString())
                said = read(path)  # one that is read either way is read
                answers[key][name] = answers[key].get(name, said) and said
    Path(sys.argv[1]).write_text(json.dumps(answers), "utf-8")


if __name__ == "__main__":
    main()
