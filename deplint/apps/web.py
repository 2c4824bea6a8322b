"""How a web app's code names its models, and what shape the tensors it makes have."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from deplint import File, Project
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Block, Call, Function, Member, Node, Other, Text
from deplint.finding import Edit, Fix, Place, Span
from deplint.model import Dim, Model

TFJS_LOADERS = "@tensorflow/tfjs*.{loadGraphModel,loadLayersModel}"
ORT_LOADER = "onnxruntime-{web,node,react-native,common}.InferenceSession.create"


def home(project: Project, near: Place) -> Path:
    """The folder of the package a file is part of: the nearest with a ``package.json``, else the project's root."""
    for folder in Path(os.path.abspath(near.path)).parents:
        if folder == project.root or project.file(folder / "package.json"):
            return folder
    return project.root


@lru_cache(maxsize=32)
def _by_name(project: Project, folder: Path) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {}
    for file in project.files:
        if file.path.is_relative_to(folder):
            found.setdefault(file.name, []).append(file)
    return found


def served(project: Project, node: Node | None) -> File | None:
    """The package's file that an address or path in its code means.

    Servers and bundlers put files below other addresses (``/base/models/x/model.json`` is ``public/models/x/model.json``), so what
    counts is the end of the path: one file must fit it best, in at least a folder and a name, or in all of the path.
    """
    if node is None:
        return None
    value = node.value
    if isinstance(value, Text) and ("://" in value.prefix or value.prefix.startswith("//")):
        return None
    partial = isinstance(value, Text)
    reference = value.suffix if isinstance(value, Text) else value if isinstance(value, str) else ""
    reference = re.sub(r"[?#].*", "", reference.removeprefix("file://"))
    if not reference or "://" in reference or reference.startswith(("//", "data:", "blob:")):
        return None
    wanted = [part for part in reference.split("/") if part not in ("", ".", "..")]
    if partial and not reference.startswith("/"):
        wanted = wanted[1:]  # what stands before it may be a part of this name
    folder, here = home(project, node.place), Path(os.path.abspath(node.place.path)).parent
    packaged = project.file(folder / "package.json") is not None
    if not packaged and here != folder:
        folder = here.parent  # pages: src/x.js goes with public/models/y.onnx
    candidates = _by_name(project, folder).get(wanted[-1], ()) if wanted else ()
    fits = sorted(((_common(file.path.parts, wanted), file) for file in candidates), key=lambda fit: fit[0], reverse=True)
    if not fits or (len(fits) > 1 and fits[0][0] == fits[1][0]):
        return None
    common, file = fits[0]
    whole = common == len(wanted) and not partial and (packaged or file.path.is_relative_to(here))
    return file if common >= 2 or whole else None


def _common(parts: Sequence[str], wanted: Sequence[str]) -> int:
    """How many of the last parts are the same."""
    count = 0
    for part, other in zip(reversed(parts), reversed(wanted), strict=False):
        if part != other:
            break
        count += 1
    return count


def handler(node: Node) -> Node | None:
    """What handles an exception raised here: the `catch` of the innermost `try` around, or of the promise."""
    inner: Node = node
    for around in node.ancestors:
        if isinstance(around, Member) and around.attribute == "catch":
            return around.parent
        if isinstance(around, Other) and around.kind == "try_statement" and around.children[0] is inner:
            return next((child for child in around.children[1:] if isinstance(child, Block)), None)
        inner = around
    return None


def renamed(call: Call, name: str, now: str) -> Fix | None:
    """The last part of what is called written otherwise; None where it is not written as ``x.name``."""
    callee = call.callee
    if not isinstance(callee, Member) or not callee.text.endswith("." + name):
        return None
    line, column = callee.span.end_line, callee.span.end_column
    return Fix(f"Call {now}", (Edit(call.file.path, Span(line, column - len(name), line, column), now),))


def served_model(project: Project, node: Node | None) -> Model | None:
    """The model in the file that an address means."""
    file = served(project, node)
    models = [facts for facts in project.facts(file, Model) if isinstance(facts, Model)] if file else []
    return models[0] if len(models) == 1 else None


# Shapes

Dims = tuple[Dim, ...] | None

_SAME = frozenset(
    {"toFloat", "toInt", "toBool", "cast", "asType", "neg", "abs", "square", "sqrt", "clipByValue", "relu", "sigmoid", "floor", "round",
     "clone", "keep"}
)  # fmt: skip
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "divNoNan", "pow", "mod", "minimum", "maximum"})
_FILLED = frozenset({"zeros", "ones", "fill", "randomNormal", "randomUniform", "truncatedNormal"})
_RESIZES = frozenset({"resizeBilinear", "resizeNearestNeighbor"})
DEPTH = 40


def shape(node: Node | None, depth: int = 0) -> Dims:
    """The shape of the TensorFlow.js tensor that an expression certainly is; None if it is not known. Unknown sizes are None."""
    call = node.origin if node is not None else None
    if call is None or depth > DEPTH or call.new:
        return None
    match = re.fullmatch(r"@tensorflow/tfjs[\w-]*\.([\w.]+)", call.name)
    given = [argument.value for argument in call.arguments]
    if match:
        operation = match[1].rpartition(".")[2]
        if operation in _FILLED:
            return _listed(given[0] if given else None)
        if operation in ("fromPixels", "fromPixelsAsync"):
            channels = given[1].value if len(given) > 1 else 3
            return (None, None, channels if type(channels) is int else None)
        if operation == "tidy":
            body = given[-1] if given else None
            return shape(body.results[0], depth + 1) if isinstance(body, Function) and len(body.results) == 1 else None
        if re.fullmatch(r"tensor[1-6]d", operation):
            return _listed(given[1] if len(given) > 1 else None) or (None,) * int(operation[6])
        if operation == "tensor":
            return _listed(given[1] if len(given) > 1 else None)
    elif call.receiver is not None and call.name.startswith("@tensorflow/tfjs"):
        operation, given = call.method, [call.receiver, *given]
    else:
        return None
    of = shape(given[0], depth + 1) if given else None
    return _applied(operation, of, given[1:]) if of is not None else None


def _applied(operation: str, of: tuple[Dim, ...], given: Sequence[Node]) -> Dims:
    """The shape an operation gives to a tensor of shape `of`."""
    first = given[0] if given else None
    if operation in _SAME or (operation in _ARITHMETIC and first is not None and _scalar(first)):
        return of
    if operation in _RESIZES:
        size = _listed(first)
        return (*of[:-3], *size, of[-1]) if size and len(size) == 2 and len(of) in (3, 4) else None
    if operation == "expandDims":
        axis = first.value if first is not None else 0
        return (*of[:axis], 1, *of[axis:]) if type(axis) is int and 0 <= axis <= len(of) else None
    return _listed(first) if operation in ("reshape", "broadcastTo") else None


def _scalar(node: Node) -> bool:
    return isinstance(node.value, (int, float)) or (node.origin is not None and node.origin.name.endswith(".scalar"))


def _listed(node: Node | None) -> Dims:
    """A shape that is written out."""
    if not isinstance(node, Array) or not node.exact:
        value = node.value if node is not None else None
        return tuple(_dim(size) for size in value) if isinstance(value, list) else None
    return tuple(_dim(child.value) for child in node.children)


def _dim(value: object) -> Dim:
    return value if type(value) is int and value >= 0 else None


def made_by(node: Node | None, wanted: Callable[[Call], bool]) -> Call | None:
    """The last of the calls an expression's value went through that is wanted."""
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop(0)
        call = node.origin if node is not None else None
        if call is None or call in seen:
            continue
        if wanted(call):
            return call
        seen.add(call)
        waiting += [call.receiver, *(argument.value for argument in call.arguments)]
    return None


def resizes(call: Call) -> bool:
    return call.name.startswith("@tensorflow/tfjs") and call.method in _RESIZES


def predictions(file: SourceFile, project: Project) -> Iterator[tuple[Call, tuple[Dim, ...], tuple[Dim, ...], str]]:
    """The calls of a model with one tensor whose shape is known, where the project has the model and that takes one input of known rank:
    the call, the tensor's shape, the input's shape and its name."""
    if not file.web or not file.mentions(r"\b(?:predict|execute)"):
        return
    for call in file.calls(f"{TFJS_LOADERS}().{{predict,execute,executeAsync,predictAsync}}"):
        receiver = call.receiver
        load = receiver.origin if receiver is not None else None
        model = served_model(project, load.argument(None, 0)) if load is not None and load.arguments else None
        if model is None or len(model.inputs) != 1 or not model.format.startswith("tfjs-"):
            continue
        wanted, given = model.inputs[0], shape(call.argument(None, 0))
        if given is not None and wanted.shape is not None and (model.format == "tfjs-layers" or _checked(model)):
            yield call, given, wanted.shape, wanted.name


def _checked(model: Model) -> bool:
    """TensorFlow.js compares with the placeholder's shape, if that has one."""
    return any(op.type.startswith("Placeholder") and isinstance(op.attributes.get("shape"), tuple) for op in model.graph.ops)


def written(dims: Sequence[Dim]) -> str:
    """A shape as TensorFlow.js writes it; what is not known is a question mark."""
    return "[" + ",".join("?" if dim is None else str(dim) for dim in dims) + "]"
