"""Make the OpenVINO models among the test data, each with what OpenVINO itself reads of it (``.json`` beside it).

Run from this folder with openvino installed, once for each release: ``python build_openvino.py``. The files committed were made with
openvino 2023.3.0 and 2026.4.1; ``detect_v7.xml`` is written by hand, for nothing that runs here writes IR before version 10.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import Core, Dimension, Layout, Model, PartialShape

try:
    from openvino import opset10 as ops
    from openvino import passes
except ImportError:  # before 2024
    from openvino.runtime import opset10 as ops
    from openvino.runtime import passes

OUT = Path("openvino")
RELEASE = ov.__version__.split("-")[0].rsplit(".", 1)[0].replace(".", "_")


def values(*shape: int) -> np.ndarray[Any, Any]:
    return (np.arange(np.prod(shape), dtype=np.float32).reshape(shape) % 7 - 3) / 8


def convolution() -> Model:
    """Ranges of sizes, a layout, a name with a comma, two outputs of one operator, fake quantization, weights of four bits."""
    image = ops.parameter(PartialShape([Dimension(-1), Dimension(3), Dimension(1, 8), Dimension(8)]), np.float32, name="image")
    image.output(0).get_tensor().set_names({"image", "pixels, scaled"})
    image.set_layout(Layout("NCHW"))
    low, high = ops.constant(np.float32(-1)), ops.constant(np.float32(1))
    quantized = ops.fake_quantize(image, low, high, low, high, levels=256, name="fq")
    found = ops.convolution(quantized, ops.constant(values(4, 3, 3, 3), name="w"), [1, 1], [0, 0], [0, 0], [1, 1], name="conv")
    halves = ops.split(ops.relu(found, name="act"), ops.constant(np.int64(1)), 2, name="halves")
    half = ops.constant(values(2, 1, 1).astype(np.float16), name="half")
    scaled = ops.multiply(halves.output(0), ops.convert(half, "f32"), name="scaled")
    scaled.output(0).get_tensor().set_names({"scaled"})
    model = Model([ops.result(scaled, name="first"), ops.result(halves.output(1), name="second")], [image], "convolution")
    model.set_rt_info("BGR", ["preprocess", "order"])
    return model


def branches() -> Model:
    """If, a loop over a sequence, a body within a body."""
    flag = ops.parameter([], bool, name="flag")
    x = ops.parameter([3, 1, 2], np.float32, name="x")

    def body(operator: Any) -> Model:
        given = ops.parameter([3, 1, 2], np.float32, name="x")  # the name of the tensor outside: bodies have names of their own
        return Model([operator(given, ops.constant(values(2)))], [given], "inner")

    choice = ops.if_op(flag.output(0))
    then, other = body(ops.add), body(ops.multiply)
    choice.set_then_body(then)
    choice.set_else_body(other)
    choice.set_input(x.output(0), then.get_parameters()[0], other.get_parameters()[0])
    chosen = choice.set_output(then.get_results()[0], other.get_results()[0])

    item, state = ops.parameter([1, 1, 2], np.float32, name="item"), ops.parameter([1, 1, 2], np.float32, name="state")
    step = ops.result(ops.add(item, state, name="sum"))
    loop = ops.tensor_iterator()
    loop.set_body(Model([step], [item, state], "step"))
    loop.set_sliced_input(item, chosen, 0, 1, 1, -1, 0)
    loop.set_merged_input(state, ops.constant(values(1, 1, 2)).output(0), step.output(0))
    last = loop.get_iter_value(step.output(0), -1)
    steps = loop.get_concatenated_slices(step.output(0), 0, 1, 1, -1, 0)
    return Model([ops.result(last), ops.result(steps)], [flag, x], "branches")


def state() -> Model:
    """A variable that is read and written, integers, a scalar."""
    x = ops.parameter(PartialShape([-1, 4]), np.int32, name="x")
    before = ops.read_value(ops.constant(np.zeros((1, 4), np.int32)), "memory")
    after = ops.add(before, x, name="sum")
    store = ops.assign(after, "memory")
    longer = ops.concat([after, ops.constant(np.ones((2, 4), np.int32))], 0, name="joined")
    big = ops.convert(ops.greater(longer, ops.constant(np.int32(3))), "u8", name="big")
    return Model([ops.result(big)], [store], [x], "state")


def plain(model: Model) -> dict[str, Any]:
    """What OpenVINO tells of a model."""

    def port(output: Any) -> dict[str, Any]:
        shape = [size.get_length() if size.is_static else None for size in output.get_partial_shape()]
        return {"names": sorted(output.get_names()), "dtype": output.get_element_type().get_type_name(), "shape": shape}

    nodes = []
    for node in model.get_ops():
        told: dict[str, Any] = {"type": node.get_type_name(), "opset": node.get_type_info().version_id, "name": node.get_friendly_name()}
        told["outputs"] = [port(node.output(index)) for index in range(node.get_output_size())]
        sources = [node.input_value(index) for index in range(node.get_input_size())]
        told["inputs"] = [[source.get_node().get_friendly_name(), source.get_index()] for source in sources]
        if told["type"] == "Constant":
            told["data"] = np.array(node.data).tobytes().hex()
        if told["type"] == "TensorIterator":
            told["bodies"] = [plain(node.get_body())]
        if told["type"] == "If":
            told["bodies"] = [plain(node.get_function(index)) for index in range(2)]
        nodes.append(told)
    inputs = [node.get_friendly_name() for node in model.get_parameters()]
    results = [node.input_value(0) for node in model.get_results()]
    return {
        "name": model.get_friendly_name(),
        "nodes": nodes,
        "inputs": inputs,
        "outputs": [[source.get_node().get_friendly_name(), source.get_index()] for source in results],
    }


def save(name: str, model: Model, version: str = "UNSPECIFIED") -> None:
    path = OUT / f"{name}.xml"
    passes.Serialize(str(path), str(path.with_suffix(".bin")), version).run_on_model(model)
    tell(path)


def tell(path: Path) -> None:
    """Write beside a model what OpenVINO reads of it."""
    path.with_name(f"{path.name}.json").write_text(json.dumps(plain(Core().read_model(path)), separators=(",", ":")) + "\n")


def build() -> None:
    OUT.mkdir(exist_ok=True)
    for model in (convolution(), branches(), state()):
        save(f"{model.get_friendly_name()}_{RELEASE}", model)
    save(f"convolution_v10_{RELEASE}", convolution(), "IR_V10")
    path = OUT / f"converted_{RELEASE}.xml"
    ov.save_model(ov.convert_model("onnx/torch_legacy_opset17.onnx"), path)
    tell(path)


if __name__ == "__main__":
    build()
