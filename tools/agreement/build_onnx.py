"""ONNX models for measuring agreement: the test models of the onnx package, and copies of them that are changed at random.

    python -m tools.agreement.build_onnx FOLDER [--seed N] [--changed N]

Without ``--changed`` the models are written as they are; with it, so many changed ones, each named by what was done to it.
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

DTYPES = (1, 11, 10, 6, 7, 9, 2, 3, 16, 8)
"""float32, float64, float16, int32, int64, bool, uint8, int8, bfloat16, string."""


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
    wanted = rng.choice(DTYPES[1:-1])
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


CHANGES: tuple[Change, ...] = (
    *(cut, flipped, operator, domain, undefined, twice, inputs, fed, dtype, dtypes),
    *(attribute, shape, cycle, versions, output, weight, nothing),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--changed", type=int, default=0)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    from onnx.backend.test.case.node import collect_testcases

    cases = [(case.name, case.model) for case in collect_testcases(None) if case.model is not None and case.model.graph.node]
    args.folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(args.seed)
    for name, model in cases if not args.changed else ():
        onnx.save(model, args.folder / f"{name}.onnx")
    for number in range(args.changed):
        name, original = rng.choice(cases)
        model, change = deepcopy(original), rng.choice(CHANGES)
        content = change(model, rng)
        (args.folder / f"{number:04d}_{change.__name__}_{name}.onnx").write_bytes(model.SerializeToString() if content is None else content)


if __name__ == "__main__":
    main()
