"""Make the ONNX Runtime models among the test data from the ONNX ones, with what the packaged accessors and the runtime read of each.

Run from this folder, in an environment with onnxruntime: ``python build_ort.py``. With an older one ``python -P build_ort.py ort1.16_``,
and what it writes gets this prefix (``-P``, for it would take the folder ``torch`` beside this for the package; models that it is too old
for are left out); after that ``python build_ort.py --truth`` with the first, since older accessors lack names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import onnxruntime as ort
from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.AttributeType import AttributeType
from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.InferenceSession import InferenceSession
from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.TensorDataType import TensorDataType

OUT = Path("ort")
LEVELS = {"": ort.GraphOptimizationLevel.ORT_DISABLE_ALL, "_optimized": ort.GraphOptimizationLevel.ORT_ENABLE_ALL}
TYPES = {value: name for name, value in vars(TensorDataType).items() if isinstance(value, int)}
KINDS = {value: name for name, value in vars(AttributeType).items() if isinstance(value, int)}


def text(value: bytes | None) -> str:
    return (value or b"").decode()


def attribute(stored: Any) -> Any:
    kind = KINDS[stored.Type()]
    if kind == "GRAPH":
        return graph(stored.G())
    if kind in ("FLOATS", "INTS", "STRINGS"):
        name = kind.title()
        values = [getattr(stored, name)(i) for i in range(getattr(stored, f"{name}Length")())]
        return [text(value) if isinstance(value, bytes) else value for value in values]
    if kind == "TENSOR":
        return tensor(stored.T())
    value = {"FLOAT": stored.F, "INT": stored.I, "STRING": stored.S}[kind]()
    return text(value) if isinstance(value, bytes) else value


def tensor(stored: Any) -> dict[str, Any]:
    return {
        "dtype": TYPES[stored.DataType()],
        "shape": [stored.Dims(i) for i in range(stored.DimsLength())],
        "bytes": bytes(stored.RawDataAsNumpy()).hex() if stored.RawDataLength() else "",
    }


def graph(stored: Any) -> dict[str, Any]:
    def names(holder: Any, field: str) -> list[str]:
        return [text(getattr(holder, field)(i)) for i in range(getattr(holder, f"{field}Length")())]

    nodes = []
    for node in (stored.Nodes(i) for i in range(stored.NodesLength())):
        attributes = [node.Attributes(i) for i in range(node.AttributesLength())]
        nodes.append({
            "type": text(node.OpType()), "domain": text(node.Domain()), "name": text(node.Name()), "version": node.SinceVersion(),
            "inputs": names(node, "Inputs"), "outputs": names(node, "Outputs"),
            "attributes": {text(each.Name()): attribute(each) for each in attributes},
        })  # fmt: skip
    weights = [stored.Initializers(i) for i in range(stored.InitializersLength())]
    return {"nodes": nodes, "weights": {text(each.Name()): tensor(each) for each in weights}, "outputs": names(stored, "Outputs")}


def build(prefix: str = "") -> None:
    OUT.mkdir(exist_ok=True)
    for name in ("torch_dynamo", "torch_legacy_loop", "torch_legacy_opset11", "tf2onnx_keras", "nested"):
        for suffix, level in LEVELS.items():
            options = ort.SessionOptions()
            options.graph_optimization_level = level
            options.optimized_model_filepath = str(OUT / f"{prefix}{name}{suffix}.ort")
            options.add_session_config_entry("session.save_model_format", "ORT")
            try:
                ort.InferenceSession(Path("onnx") / f"{name}.onnx", options)
            except ort.capi.onnxruntime_pybind11_state.Fail as error:
                print(name, error)


def tell(path: Path) -> None:
    session = ort.InferenceSession(path)
    stored = InferenceSession.GetRootAs(path.read_bytes())
    model = stored.Model()
    opsets = [model.OpsetImport(i) for i in range(model.OpsetImportLength())]
    told = {
        "graph": graph(model.Graph()),
        "inputs": [[each.name, each.type, each.shape] for each in session.get_inputs()],
        "outputs": [[each.name, each.type, each.shape] for each in session.get_outputs()],
        "opsets": {text(each.Domain()): each.Version() for each in opsets},
        "ort_version": text(stored.OrtVersion()),
        "ir_version": model.IrVersion(),
        "producer": [text(model.ProducerName()), text(model.ProducerVersion())],
    }
    path.with_name(f"{path.name}.json").write_text(json.dumps(told) + "\n")


if __name__ == "__main__":
    prefix = "".join(sys.argv[1:])
    if prefix != "--truth":
        build(prefix)
    if prefix in ("", "--truth"):
        for path in sorted(OUT.glob("*.ort")):
            tell(path)
