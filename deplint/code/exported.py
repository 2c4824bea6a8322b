"""The ONNX models that only the code which exports them tells: the project does not hold the files.

model = exported(project, "models/net.onnx", near)
print(model.inputs)
"""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from deplint.code.facts import Call, Value
from deplint.code.patterns import matcher
from deplint.code.pipelines import files_with
from deplint.code.tokens import one_of
from deplint.finding import Place, Placed
from deplint.model import Dim, Graph, Model, Tensor

if TYPE_CHECKING:
    from deplint.project import Project
    from deplint.settings.triton import TritonConfig

TORCH = "torch.onnx.export"
KERAS = "tf2onnx.convert.from_keras"
YOLO = "ultralytics.YOLO().export"
WRITTEN = "open().write"
OPENVINO = "openvino.{,runtime.,tools.mo.}{save_model,serialize}"
FILLED = {"torch.zeros": "float32", "torch.ones": "float32", "torch.randn": "float32", "torch.rand": "float32", "torch.empty": "float32"}
"""Functions that make a tensor of the sizes they are given, with its dtype unless another is asked for."""
SAME = frozenset({"to", "cuda", "cpu", "contiguous", "requires_grad_", "clone", "detach", "pin_memory"})
CASTS = {"float": "float32", "half": "float16", "double": "float64", "long": "int64", "int": "int32"}
OPEN = "open"
"""A size that is certainly left open."""
KEPT = (
    ("onnxruntime.quantization.**.quant_pre_process", ("input_model", 0), ("output_model_path", 1)),
    ("onnxruntime.quantization.**.quant_pre_process", ("input_model_path", 0), ("output_model_path", 1)),
    ("onnxruntime.quantization.**.{quantize_static,quantize_dynamic}", ("model_input", 0), ("model_output", 1)),
)
"""What makes one model file of another whose inputs and outputs are the same: the arguments with the two paths."""

WRITES = {
    TORCH: ("f", 2), "tf2onnx.convert.{from_keras,from_function,from_graph_def}": ("output_path", 99), "onnx.{save,save_model}": ("f", 1),
    "torch.jit.save": ("f", 1), "torch.jit.{trace,script,freeze,optimize_for_inference}().save": ("f", 0),
    "{keras2onnx,onnxmltools}.**.save_model": ("f", 1), "onnxmltools.utils.save_model": ("filename", 1),
}  # fmt: skip
_MODELS = "{**.load_model,applications.**,models.Sequential,Sequential,models.Model,Model}()"
FOLDERS = {
    "tensorflow.saved_model.save": ("export_dir", 1),
    "tensorflow.**.simple_save": ("export_dir", 1),
    "tensorflow.**.SavedModelBuilder": ("export_dir", 0),
    "{tensorflow.keras,keras,tf_keras}." + _MODELS + ".{export,save}": ("filepath", 0),
}
"""What writes a SavedModel into the very folder it is given, with its argument."""

_WRITES = re.compile(r"onnx|jit|save")
_FOLDERS = re.compile(r"saved_model|simple_save|SavedModelBuilder|\.export\(|\.save\(")
_EXPORTS = re.compile(r"onnx\.export\(|from_keras\(|\.export\(|skl2onnx|TFLiteConverter|openvino")
_KEEPS = re.compile(r"quant_pre_process|quantize_static|quantize_dynamic|onnx\.save")
_CHANGES = ("onnx.load", "onnxsim.simplify", "onnx.shape_inference.infer_shapes")
"""What gives a model of a file, or makes another of it whose inputs and outputs are the same."""
_HALVES = re.compile(r"convert_float_to_float16")
_HALVED = "{onnxconverter_common,onnxmltools.utils}.**.convert_float_to_float16"
DEEPEST = 6


@dataclass(frozen=True)
class Export:
    """A call that writes an ONNX model. `paths` are where it may write it; `model` has the inputs and outputs the call names,
    each with what is known of it."""

    call: Call
    paths: tuple[str, ...]
    model: Model


def exported(project: Project, path: str | None, near: Placed) -> Model | None:
    """The model that a path means, as the one call in the code around a file that writes a file of that name tells it; None where nobody
    can tell, or two do."""
    if not path or not path.endswith((".onnx", ".tflite", ".xml")):
        return None
    written = exports(project, project.area(near))
    name = posixpath.basename(path)
    for _ in range(DEEPEST):
        found = [export for export in written if any(posixpath.basename(p) == name for p in export.paths)]
        if found:
            return found[0].model if len(found) == 1 else None
        before = _copied_from(project, project.area(near), name)
        if before is None:
            return None
        name = before
    return None


@lru_cache(maxsize=4)
def exports(project: Project, area: Path) -> tuple[Export, ...]:
    """The calls below a folder that export to ONNX and whose inputs are all named."""
    found: list[Export] = []
    exporting = files_with(project, _EXPORTS, area)
    # Who calls a function that exports may tell the path.
    modules = "|".join(sorted({re.escape(file.module_name) for file in exporting}))
    callers = files_with(project, re.compile(rf"(?:import|from)\b[^\n]*\b(?:{modules})\b"), area) if modules else []
    by_place: dict[Place, list[Call]] = {}
    for file in dict.fromkeys((*exporting, *callers)):
        for call in file.calls(TORCH, KERAS, YOLO, WRITTEN, OPENVINO):
            by_place.setdefault(call.place, []).append(call)
    for calls in by_place.values():
        graphs = [_exported_by(call) for call in calls]
        first = graphs[0]
        paths = dict.fromkeys(text for call in calls for text in _paths(call) if text.endswith((".onnx", ".tflite", ".xml")))
        if first is not None and paths and all(graph == first for graph in graphs):
            form = {"onnx": "onnx", "tflite": "tflite", "xml": "openvino"}[next(iter(paths)).rpartition(".")[2]]
            found.append(Export(calls[0], tuple(paths), Model(next(iter(paths)), form, graphs=[first])))
    return tuple(found)


def _exported_by(call: Call) -> Graph | None:
    """What a call certainly writes; None if that is no model, or not known."""
    if call.name == TORCH:
        return _of_torch(call)
    if call.name == KERAS:
        return _of_keras(call)
    if call.name == YOLO:
        return _of_yolo(call)
    if call.name == WRITTEN:
        made = call.arguments[0].origin if call.arguments else None
        if made is None or made.name.endswith(".SerializeToString"):
            return _of_sklearn(made.receiver.origin if made is not None else None)
        return _of_tflite(made)
    return _of_openvino(call.argument("output_model", 0).origin or call.argument("model", 0).origin)


def _paths(call: Call) -> list[str]:
    if call.name == TORCH:
        return call.argument("f", 2).texts
    if call.name == KERAS:
        return call.argument("output_path").texts
    if call.name == YOLO:
        made = call.receiver.origin
        weights = made.argument("model", 0).text if made is not None else None
        return [re.sub(r"\.\w+$", ".onnx", weights)] if weights and weights.endswith(".pt") else []
    if call.name == WRITTEN:
        opened = call.receiver.origin
        return opened.argument("file", 0).texts if opened is not None else []
    return call.argument("output_path", 1).texts or call.argument("xml_path", 1).texts


def _of_yolo(call: Call) -> Graph | None:
    """What Ultralytics' `export` writes: one input `images`, of one picture of 640 pixels unless it is told otherwise."""
    size, batch, free = call.argument("imgsz"), call.argument("batch"), call.argument("dynamic")
    sizes = 640 if size.missing else size.python()
    pair = (sizes, sizes) if isinstance(sizes, int) else tuple(sizes) if isinstance(sizes, (list, tuple)) else ()
    if call.argument("format").text != "onnx" or len(pair) != 2 or call.open or not call.argument("half").missing:
        return None
    if free.python() is True:
        return _graph([Tensor("images", "float32", (OPEN, 3, OPEN, OPEN))], [])
    first = 1 if batch.missing else batch.python()
    known = free.missing or free.python() is False
    return _graph([Tensor("images", "float32", (first, 3, *pair))], []) if known and isinstance(first, int) else None


_SKLEARN = {"FloatTensorType": "float32", "DoubleTensorType": "float64", "Int64TensorType": "int64"}


def _of_sklearn(made: Call | None) -> Graph | None:
    """What skl2onnx makes of a model whose inputs it is told."""
    if made is None or not made.name.startswith("skl2onnx.") or made.name.rpartition(".")[2] not in ("convert_sklearn", "to_onnx"):
        return None
    tensors = []
    given = made.argument("initial_types", 2 if made.name.endswith("convert_sklearn") else 99)
    for pair in given.items or () if given.exact else ():
        name, kind = pair.items if pair.items is not None and len(pair.items) == 2 else (None, None)
        typed = kind.origin if kind is not None else None
        dtype = _SKLEARN.get(typed.name.rpartition(".")[2], "") if typed is not None else ""
        if name is None or not name.text or typed is None or not dtype:
            return None
        sizes = typed.argument("shape", 0).python()
        tensors.append(Tensor(name.text, dtype, tuple(map(_size, sizes)) if isinstance(sizes, (list, tuple)) else None))
    return _graph(tensors, []) if tensors else None


def _of_tflite(made: Call) -> Graph | None:
    """What `TFLiteConverter.convert` gives where all inputs are told to be integers."""
    if not re.fullmatch(r"tensorflow\.lite\.TFLiteConverter\.\w+\(\)\.convert", made.name):
        return None
    kind = made.receiver.value("inference_input_type")
    asked = made.receiver.certainly("inference_input_type") and kind.name in ("tensorflow.uint8", "tensorflow.int8")
    return _graph([Tensor("", kind.name.removeprefix("tensorflow."), None)], []) if asked else None


def _of_openvino(made: Call | None) -> Graph | None:
    """What OpenVINO makes of a model with the one input shape that it is told."""
    if made is None or not made.name.endswith("convert_model"):
        return None
    given = made.argument("input")
    sizes = given.python()
    if not isinstance(sizes, (list, tuple)) or not sizes or not all(isinstance(size, int) for size in sizes):
        return None
    return _graph([Tensor("", "", tuple(_size(size) for size in sizes))], [])


@lru_cache(maxsize=4)
def _copies(project: Project, area: Path) -> dict[str, set[str]]:
    """Names of model files -> names of those they are made of, with the inputs and outputs as they were."""
    found: dict[str, set[str]] = {}
    for file in files_with(project, _KEEPS, area):
        for pattern, source, target in KEPT:
            for call in file.calls(pattern):
                made, of = call.argument(*target).texts, call.argument(*source).texts
                if len(made) == len(of) == 1:
                    found.setdefault(posixpath.basename(made[0]), set()).add(posixpath.basename(of[0]))
        for call in file.calls("onnx.{save,save_model}"):
            before = _loaded_from(call.argument("proto", 0))
            for path in call.argument("f", 1).texts if before else ():
                if posixpath.basename(path) != before:
                    found.setdefault(posixpath.basename(path), set()).add(before)
    return found


def _loaded_from(value: Value, depth: int = 0) -> str:
    """The name of the file that a model was loaded from, changed in ways that keep its inputs; empty if that is not known."""
    operation = value.operation
    if operation is not None and operation[0] == "[]":
        value = operation[1]
    made = value.origin
    if made is None or made.name not in _CHANGES or depth > DEEPEST or not made.arguments:
        return ""
    if made.name == "onnx.load":
        return posixpath.basename(made.arguments[0].text or "")
    return _loaded_from(made.arguments[0], depth + 1)


def _copied_from(project: Project, area: Path, name: str) -> str | None:
    before = _copies(project, area).get(name, set())
    return next(iter(before)) if len(before) == 1 else None


@lru_cache(maxsize=4)
def _halved(project: Project, area: Path) -> dict[str, Call]:
    """Names of model files -> the one call that made the inputs and outputs of the model float16, where they were float32."""
    found: dict[str, list[Call]] = {}
    for file in files_with(project, _HALVES, area):
        for call in file.calls("onnx.{save,save_model}"):
            made = call.argument("proto", 0).origin
            path = call.argument("f", 1).text
            if path and made is not None and not made.open and matcher(_HALVED)(made.name) and made.argument("keep_io_types", 3).missing:
                found.setdefault(posixpath.basename(path), []).append(made)
    return {name: calls[0] for name, calls in found.items() if len(calls) == 1}


def halved(project: Project, path: str | None, near: Placed) -> Call | None:
    """The conversion to float16 that certainly made the model at `path`, whose inputs of float32 are float16 since."""
    return _halved(project, project.area(near)).get(posixpath.basename(path)) if path else None


# -- what is exported


def _of_torch(call: Call) -> Graph | None:
    """What `torch.onnx.export` writes, if as many names of inputs are given as examples: others are called as the exporter likes."""
    names, outputs = call.argument("input_names", 6).python(), call.argument("output_names", 7).python()
    given = call.argument("args", 1)
    examples = given.items if given.items is not None and given.entries is None and given.exact else [given]
    if not isinstance(names, (list, tuple)) or len(names) != len(examples) or any(e.entries is not None for e in examples):
        return None
    if any(not isinstance(name, str) for name in names) or not call.argument("kwargs").missing:
        return None
    axes = call.argument("dynamic_axes")
    open_axes = _axes(axes) if call.argument("dynamic_shapes").missing else None
    tensors = []
    for name, value in zip(names, examples, strict=True):
        kind, known = example(value)
        sizes: tuple[Dim, ...] | None = known
        if sizes is not None:
            moving = open_axes.get(name, frozenset()) if open_axes is not None else None
            sizes = (
                tuple(OPEN if at in moving or at - len(sizes) in moving else s for at, s in enumerate(sizes))
                if moving is not None
                else None
            )
        tensors.append(Tensor(name, kind, sizes))
    gives = outputs if isinstance(outputs, (list, tuple)) and all(isinstance(name, str) for name in outputs) else ()
    return _graph(tensors, [Tensor(name) for name in gives])


def _graph(inputs: list[Tensor], outputs: list[Tensor]) -> Graph:
    tensors = {tensor.name: tensor for tensor in (*inputs, *outputs)}
    return Graph("main", tensors=tensors, inputs=[t.name for t in inputs], outputs=[t.name for t in outputs])


def _axes(given: Value) -> dict[str, frozenset[int]] | None:
    """The axes of each tensor that are left open; None if they are not known."""
    if given.missing or given.python() is None:
        return {}
    known = given.python()
    if not isinstance(known, dict):
        return None
    found = {}
    for name, axes in known.items():
        numbers = list(axes) if isinstance(axes, (dict, list, tuple)) else []
        if not isinstance(name, str) or not all(isinstance(axis, int) for axis in numbers):
            return None
        found[name] = frozenset(numbers)
    return found


def example(value: Value, depth: int = 0) -> tuple[str, tuple[int | None, ...] | None]:
    """Dtype (empty if unknown) and sizes (None if unknown) of a tensor that an exporter is given for an example."""
    if (tokens := one_of(value)) is not None and tokens.tensors == "pt":
        return "int64", (None, tokens.length)
    made = value.origin
    if made is None or made.open or depth > DEEPEST or not value.certain:
        return "", None
    name, method = made.name, made.name.rpartition(".")[2]
    if name in FILLED or name == "torch.randint":
        asked = made.argument("dtype")
        kind = (FILLED.get(name, "int64")) if asked.missing else asked.name.removeprefix("torch.").replace("long", "int64")
        numbers = [argument.python() for argument in made.arguments]
        if name == "torch.randint":
            sizes = made.argument("size", 2 if len(numbers) > 2 else 1).python()
        else:
            first = made.argument("size", 0).python()
            sizes = first if isinstance(first, (tuple, list)) else numbers
        whole = isinstance(sizes, (tuple, list)) and bool(sizes)
        return kind, tuple(n if isinstance(n, int) else None for n in sizes) if whole else None
    if "(" in name and method in SAME:
        kind, known = example(made.receiver, depth + 1)
        return ("" if method == "to" else kind), known
    if "(" in name and method in CASTS:
        return CASTS[method], example(made.receiver, depth + 1)[1]
    return "", None


def _of_keras(call: Call) -> Graph | None:
    """What tf2onnx makes of a Keras model whose inputs it is told."""
    given = call.argument("input_signature", 1)
    tensors: list[Tensor] = []
    for value in given.items or () if given.exact else ():
        made = value.origin
        name = made.argument("name", 2).text if made is not None and made.name == "tensorflow.TensorSpec" else None
        if made is None or not name:
            return None
        kind, sizes = made.argument("dtype", 1), made.argument("shape", 0).python()
        known = tuple(map(_size, sizes)) if isinstance(sizes, (tuple, list)) else None
        tensors.append(Tensor(name, "float32" if kind.missing else kind.name.removeprefix("tensorflow."), known))
    return _graph(tensors, []) if tensors else None


def _size(size: object) -> Dim:
    return OPEN if size is None or size == -1 else size if isinstance(size, int) else None


# -- where models are written


def saved_paths(project: Project, near: Placed) -> list[str]:
    """The paths of model files that code around a file certainly writes."""
    return [path for found in _saved(project, project.area(near)) for path in found]


@lru_cache(maxsize=4)
def _saved(project: Project, area: Path) -> list[list[str]]:
    return [
        [
            posixpath.normpath(path.text)
            for pattern, where in WRITES.items()
            for call in file.calls(pattern)
            if (path := call.argument(*where)).text
        ]
        for file in files_with(project, _WRITES, area)
    ]


def in_repository(config: TritonConfig, project: Project) -> Model | None:
    """The ONNX model that code writes to a version's folder of a model of Triton's repository."""
    home = posixpath.basename(posixpath.dirname(config.path))
    wanted = re.compile(rf"(?:.*/)?{re.escape(home)}/[1-9]\d*/{re.escape(config.default_model_filename or 'model.onnx')}")
    found = [e.model for e in exports(project, project.area(config)) if any(wanted.fullmatch(posixpath.normpath(p)) for p in e.paths)]
    return found[0] if len(found) == 1 else None


def saved_model_folders(project: Project, near: Placed) -> set[Path]:
    """The folders in which code around a file certainly writes SavedModels themselves, be the script run where it is or at the root."""
    return set(_folders(project, project.area(near)))


@lru_cache(maxsize=4)
def _folders(project: Project, area: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    for file in files_with(project, _FOLDERS, area):
        for pattern, where in FOLDERS.items():
            for call in file.calls(pattern):
                text = call.argument(*where).text
                if text and not text.startswith("/") and "." not in posixpath.basename(text.rstrip("/")):
                    found += [Path(os.path.normpath(folder / text)) for folder in (file.file.path.parent, project.root)]
    return tuple(dict.fromkeys(found))
