"""What the frontends of an OpenVINO wheel translate: asked of the wheel, with one small model an operator.

The second argument is a JSON file: ``{"onnx": [[domain, name, version]], "tensorflow": [name], "tflite": {name: code}, "dtypes": {name:
code}, "typed": [[name, version, inputs]], "modes": [[domain, name, version, attribute, values, others, inputs]]}``. Of the operators in
``typed``, whose inputs are of one dtype, is asked which the CPU plugin compiles; of those with other inputs the test models of the onnx
package are asked about, with another dtype in place of float32. Of ``modes`` is asked which values of an attribute are taken. A model whose
operator no frontend translates is refused with a report that lists it; every other refusal is about the model. Some of the models take the
process down, which is an answer too: the asking is done in a child that is started again.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from pathlib import Path
from typing import Any

REPORT = re.compile(
    "(No conversion rule found|does not support the following ONNX operations|Unsupported operator version|[Nn]o translator)(.*)", re.S
)
"""What releases say of operators that they do not translate; what others are made of may be among them, which is translated."""


UNEXPANDED = "node not found in graph cache"
"""What releases say whose expansion of an operator into others reads a tensor that nothing gives."""


def missing(said: str, name: str) -> bool:
    if UNEXPANDED in said:
        return True
    report = REPORT.search(said)
    return report is not None and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", report[2]) is not None


FLOAT, SHAPE = 1, (2, 2)

SECONDS = 30
"""Time one model may take, the start of the process with it: some releases wait for themselves forever."""


def onnx_model(nodes: Sequence[Any], inputs: Sequence[str], dtype: int, opsets: Mapping[str, int], result: int = FLOAT) -> bytes:
    from onnx import helper

    values = [helper.make_tensor_value_info(name, dtype, SHAPE) for name in inputs]
    graph = helper.make_graph(nodes, "g", values, [helper.make_tensor_value_info("y", result, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(domain, version) for domain, version in opsets.items()])
    model.ir_version = 10
    return bytes(model.SerializeToString())


def onnx_operator(domain: str, name: str, version: int) -> bytes:
    from onnx import helper

    node = helper.make_node(name, ["a", "b"], ["y"], domain=domain)
    return onnx_model([node], "ab", FLOAT, {domain: version} if not domain else {domain: version, "": 13})


def onnx_dtype(code: int, name: str = "Identity", version: int = 25, inputs: int = 1) -> bytes:
    from onnx import helper

    return onnx_model([helper.make_node(name, ["a", "b", "c"][:inputs], ["y"])], "abc"[:inputs], code, {"": version}, code)


def onnx_mode(domain: str, name: str, version: int, attributes: Mapping[str, Any], inputs: Sequence[tuple[int, Sequence[int]]]) -> bytes:
    """An operator with attributes, and inputs of these dtypes and shapes."""
    from onnx import helper

    values = [helper.make_tensor_value_info(f"i{number}", dtype, shape) for number, (dtype, shape) in enumerate(inputs)]
    node = helper.make_node(name, [value.name for value in values], ["y"], domain=domain, **attributes)
    graph = helper.make_graph([node], "g", values, [helper.make_tensor_value_info("y", FLOAT, None)])
    opsets = {domain: version, **({"": 17} if domain else {})}
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*opset) for opset in opsets.items()])
    model.ir_version = 10
    return bytes(model.SerializeToString())


def onnx_cast(origin: int, wanted: int) -> bytes:
    from onnx import helper

    return onnx_model([helper.make_node("Cast", ["a"], ["y"], to=wanted)], "a", origin, {"": 23}, wanted)


CASES = 2
"""Test models of an operator that are asked about."""


def onnx_tests() -> Mapping[tuple[str, str, int], Sequence[Any]]:
    """Test models of the onnx package that hold one operator, by domain, name and the number of the first input of float32."""
    from onnx.backend.test.case.node import collect_testcases

    found: dict[tuple[str, str, int], list[Any]] = {}
    for case in collect_testcases(None):
        model = case.model
        if model is None or len(model.graph.node) != 1 or len(model.functions) or len(model.graph.initializer):
            continue
        node = model.graph.node[0]
        kinds = {value.name: value.type.tensor_type.elem_type for value in model.graph.input}
        first = next((number for number, name in enumerate(node.input) if kinds.get(name) == FLOAT), None)
        if first is not None and not any(attribute.HasField("g") for attribute in node.attribute):
            found.setdefault((node.domain, node.op_type, first), []).append(model)
    return {key: models[:: max(len(models) // CASES, 1)][:CASES] for key, models in found.items()}


def retyped(model: Any, dtype: int) -> bytes:
    """The model with `dtype` in place of float32."""
    from onnx import ModelProto

    made = ModelProto()
    made.CopyFrom(model)
    for value in (*made.graph.input, *made.graph.output):
        if value.type.tensor_type.elem_type == FLOAT:
            value.type.tensor_type.elem_type = dtype
    return bytes(made.SerializeToString())


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protobuf message."""
    size, left = b"", len(content)
    while left > 127:
        size, left = size + bytes([left & 127 | 128]), left >> 7
    return bytes([number << 3 | 2]) + size + bytes([left]) + content


def tensorflow_operator(name: str) -> bytes:
    """A GraphDef with two placeholders of float32 and the operator."""

    def node(label: str, kind: str, inputs: Sequence[str], **attributes: bytes) -> bytes:
        stored = b"".join(field(5, field(1, key.encode()) + field(2, value)) for key, value in attributes.items())
        return field(1, field(1, label.encode()) + field(2, kind.encode()) + b"".join(field(3, i.encode()) for i in inputs) + stored)

    float32, square = bytes([6 << 3, FLOAT]), field(7, field(2, bytes([8, 2])) * 2)
    placeholders = [node(label, "Placeholder", (), dtype=float32, shape=square) for label in "ab"]
    return b"".join(placeholders) + node("y", name, "ab", T=float32, dtype=float32)


def tflite_operator(code: int) -> bytes:
    """A model of the TensorFlow Lite schema, with one operator that has no options, on tensors of float32."""
    import flatbuffers  # type: ignore[import-untyped]

    builder = flatbuffers.Builder(512)

    def numbers(values: Sequence[int]) -> int:
        builder.StartVector(4, len(values), 4)
        for value in reversed(values):
            builder.PrependInt32(value)
        return int(builder.EndVector())

    def offsets(values: Sequence[int]) -> int:
        builder.StartVector(4, len(values), 4)
        for value in reversed(values):
            builder.PrependUOffsetTRelative(value)
        return int(builder.EndVector())

    def table(slots: int, fields: Mapping[int, tuple[str, int]]) -> int:
        builder.StartObject(slots)
        for slot, (kind, value) in fields.items():
            getattr(builder, f"Prepend{kind}Slot")(slot, value, 0)
        return int(builder.EndObject())

    reference = "UOffsetTRelative"
    kind = table(4, {0: ("Int8", min(code, 127)), 2: ("Int32", 1), 3: ("Int32", code)})
    tensors = []
    for label in "aby":
        shape, name = numbers(SHAPE), builder.CreateString(label)
        tensors.append(table(4, {0: (reference, shape), 3: (reference, name)}))
    inputs, outputs = numbers([0, 1]), numbers([2])
    operator = offsets([table(3, {1: (reference, inputs), 2: (reference, outputs)})])
    lists = offsets(tensors), numbers([0, 1]), numbers([2])
    graph = offsets([table(4, {**{slot: (reference, each) for slot, each in enumerate(lists)}, 3: (reference, operator)})])
    kinds, buffers = offsets([kind]), offsets([table(1, {})])
    builder.Finish(table(5, {0: ("Uint32", 3), 1: (reference, kinds), 2: (reference, graph), 4: (reference, buffers)}), b"TFL3")
    return bytes(builder.Output())


def end(child: subprocess.Popen[str]) -> None:
    """End a process with what it began, that would keep the pipe open: the plugin asks for the processor in a process of its own."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def answers(paths: Sequence[Path], compiled: bool = False) -> Iterator[str]:
    """What the wheel says to each model: "" if it reads it, else the message, ``crash`` if the process ended or did not answer."""
    left = list(paths)
    while left:
        command = [sys.executable, __file__, "--child", "compile" if compiled else "read"]
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        assert child.stdin and child.stdout
        said = "start"
        while left and said:
            late = threading.Timer(SECONDS, end, [child])
            late.start()
            try:
                child.stdin.write(f"{left.pop(0)}\n")
                child.stdin.flush()
                said = child.stdout.readline()
            except OSError:
                said = ""
            late.cancel()
            yield json.loads(said) if said else "crash"
        end(child)
        child.wait()


def child(compiled: bool) -> None:
    import openvino

    core = openvino.Core()
    while line := sys.stdin.readline():
        try:
            model = core.read_model(line.strip())
            if compiled:
                core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": 1})
            said = ""
        except Exception as error:
            said = str(error)
        print(json.dumps(said), flush=True)


def tested(write: Callable[[bytes, str], None], written: list[Path], dtypes: Mapping[str, int], known: Set[str]) -> list[Any]:
    """``[domain, name, input, [dtype]]``: the dtypes that some test model of the operator is compiled with, if float32 is one. Those that
    are `known` are not asked about."""
    found = []
    for key, models in onnx_tests().items():
        if not key[0] and key[1] in known:
            continue
        tried = [dtype for dtype in dtypes for _ in models]
        for dtype in dtypes:
            for model in models:
                write(retyped(model, dtypes[dtype]), "onnx")
        compiled = {dtype for dtype, said in zip(tried, answers(written, compiled=True), strict=True) if not said}
        written.clear()
        if "float32" in compiled:
            found.append([*key, sorted(compiled)])
    return found


def tflite_dtypes(write: Callable[[bytes, str], None], written: list[Path], names: Set[str]) -> tuple[Any, Any]:
    """``{name: [dtype]}``, the dtypes that each operator of TensorFlow Lite is compiled for, ``qint8`` for an int8 that has a scale; and
    ``{name: [what]}``, whether inputs must be of one dtype (``inputs``), and the output of that dtype as well (``output``)."""
    from tools.agreement.build_tflite import DTYPES, OPERATORS, QUANTIZED, Draw, single

    drawn: list[tuple[str, str, Draw]] = []
    for name in OPERATORS:
        drawn += [(name, dtype, Draw(dtype, second=dtype)) for dtype in DTYPES]
        drawn += [(name, f"q{dtype}", Draw(f"q{dtype}", second=f"q{dtype}", bias=bias)) for dtype in QUANTIZED for bias in ("", "qint32")]
        drawn += [(name, "inputs", Draw("float32", other="int32")), (name, "output", Draw("float32", result="int32"))]
    drawn = [(name, what, draw) for name, what, draw in drawn if name in names]
    for name, _, draw in drawn:
        write(bytes(single(name, draw)), "tflite")
    dtypes: dict[str, list[str]] = {}
    other: dict[str, list[str]] = {}
    for (name, what, _), said in zip(drawn, answers(written, compiled=True), strict=True):
        if what in ("inputs", "output"):
            if said and "float32" in dtypes.get(name, ()):
                other.setdefault(name, []).append(what)
        elif not said and what not in dtypes.setdefault(name, []):
            dtypes[name].append(what)
    written.clear()
    return dtypes, other


def main() -> None:
    import openvino

    asked = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        written: list[Path] = []

        def write(content: bytes, suffix: str) -> None:
            written.append(Path(folder, f"{len(written)}.{suffix}"))
            written[-1].write_bytes(content)

        def translated(keys: Sequence[Any]) -> list[Any]:
            found = [
                key for key, said in zip(keys, answers(written), strict=True) if not missing(said, key if isinstance(key, str) else key[1])
            ]
            written.clear()
            return found

        for domain, name, version in asked["onnx"]:
            write(onnx_operator(domain, name, version), "onnx")
        answer: dict[str, Any] = {"version": openvino.__version__, "onnx": translated(asked["onnx"])}
        for name in asked["tensorflow"]:
            write(tensorflow_operator(name), "pb")
        answer["tensorflow"] = translated(asked["tensorflow"])
        for code in asked["tflite"].values():
            write(tflite_operator(code), "tflite")
        answer["tflite"] = translated(list(asked["tflite"]))
        for code in asked["dtypes"].values():
            write(onnx_dtype(code), "onnx")
        answer["dtypes"] = {name: said for name, said in zip(asked["dtypes"], answers(written, compiled=True), strict=True) if said}
        written.clear()
        tried = [(each, dtype) for each in asked["typed"] for dtype in asked["dtypes"] if dtype not in answer["dtypes"]]
        for each, dtype in tried:
            write(onnx_dtype(asked["dtypes"][dtype], *each), "onnx")
        answer["typed"] = [[*each, dtype] for (each, dtype), said in zip(tried, answers(written, compiled=True), strict=True) if not said]
        written.clear()
        usable = {name: code for name, code in asked["dtypes"].items() if name not in answer["dtypes"]}
        answer["tested"] = tested(write, written, usable, {name for name, *_ in asked["typed"]})
        modes = [(each, value) for each in asked["modes"] for value in each[4]]
        for (domain, name, version, attribute, _, others, inputs), value in modes:
            write(onnx_mode(domain, name, version, {**others, attribute: value}, inputs), "onnx")
        answer["modes"] = [[*each[:4], value] for (each, value), said in zip(modes, answers(written), strict=True) if not said]
        written.clear()
        pairs = [(origin, wanted) for origin in asked["dtypes"] for wanted in asked["dtypes"] if origin not in answer["dtypes"]]
        for origin, wanted in pairs:
            write(onnx_cast(asked["dtypes"][origin], asked["dtypes"][wanted]), "onnx")
        answer["casts"] = [pair for pair, said in zip(pairs, answers(written, compiled=True), strict=True) if not said]
        written.clear()
        answer["tflite_dtypes"], answer["tflite_same"] = tflite_dtypes(write, written, set(answer["tflite"]))
    Path(sys.argv[1]).write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        child(sys.argv[2] == "compile")
    else:
        main()
