"""How a Flutter app opens the models among its assets, and what shape its lists have.

Sources: ``Interpreter.fromAsset`` of tflite_flutter put ``assets/`` in front of the name until 0.10.0
(https://github.com/tensorflow/flutter-tflite/pull/51); ``lib/src/tensor.dart`` and ``lib/src/util/byte_conversion_utils.dart`` of
tflite_flutter 0.12.1 on what `run` does with lists and buffers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deplint import File, Project
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Await, Call, Choice, Function, Literal, Member, Name, Node, Object, Operation, Other
from deplint.finding import Placed
from deplint.model import Model
from deplint.settings.packages import Pubspec

PREFIXED = "**.Interpreter.fromAsset"

OPENING: Mapping[str, tuple[tuple[str, int | None], ...]] = {
    PREFIXED: (("", 0),),
    "**.{rootBundle,DefaultAssetBundle.of()}.{load,loadString,loadStructuredData,loadBuffer}": (("", 0),),
    "**.Tflite.loadModel": (("model", None), ("labels", None)),
    "**.{PytorchLite,FlutterPytorch}.{loadClassificationModel,loadObjectDetectionModel}": (("", 0), ("labelPath", None)),
    "**.PyTorchMobile.loadModel": (("", 0),),
    "**.OnnxRuntime().createSessionFromAsset": (("", 0),),
}
"""What opens an asset -> the name and position of the arguments that name one."""

RUN = "**.Interpreter.{fromAsset,fromBuffer}().{run,runForMultipleInputs}"


@dataclass(frozen=True, eq=False)
class App:
    """A Flutter app or package: the folder of its ``pubspec.yaml``, and that."""

    root: Path
    pubspec: Pubspec


@dataclass(frozen=True, eq=False)
class Opened:
    """A call that opens an asset by a name the code settles. `keys` are the names it may have in the bundle: several where the version
    of the library decides and is not known."""

    call: Call
    node: Node
    name: str
    keys: tuple[str, ...]


def app(project: Project, near: Placed) -> App | None:
    """The app that a file is part of."""
    for folder in Path(os.path.abspath(near.place.path)).parents:
        file = project.file(folder / "pubspec.yaml")
        if file is not None:
            found = project.facts(file, Pubspec)
            return App(folder, found[0]) if found else None
        if folder == project.root:
            break
    return None


@lru_cache(maxsize=64)
def opened(file: SourceFile, project: Project) -> tuple[Opened, ...]:
    """The assets that a Dart file opens, in the order they are written."""
    if file.language != "dart":
        return ()
    found: list[Opened] = []
    for pattern, arguments in OPENING.items():
        for call in file.calls(pattern):
            external = call.argument("isAsset")
            for label, position in arguments:
                node = call.argument(label, position)
                if (
                    node is None
                    or not isinstance(node.value, str)
                    or not node.value
                    or (external is not None and external.value is not True)
                ):
                    continue
                keys: tuple[str, ...] = (node.value,)
                if pattern == PREFIXED:
                    old = project.versions.allows("pub:tflite_flutter", file, until="0.10.0")
                    prefixed = f"assets/{node.value}"
                    keys = (prefixed,) if old else keys if old is False else (node.value, prefixed)
                found.append(Opened(call, node, node.value, keys))
    return tuple(sorted(found, key=lambda each: (each.node.span.line, each.node.span.column)))


def asset(project: Project, app: App, key: str) -> File | None:
    """The file that an asset's name means."""
    return project.file(Path(os.path.normpath(app.root / key)))


@dataclass(frozen=True, eq=False)
class Run:
    """A call of an interpreter whose model is known."""

    call: Call
    model: Model


def runs(file: SourceFile, project: Project) -> Iterator[Run]:
    """The calls in a Dart file that run a TensorFlow Lite model the project has."""
    if file.language != "dart" or not file.mentions(r"\brun(?:ForMultipleInputs)?\s*\("):
        return
    known = set()
    for call in file.calls(RUN):
        known.add(call)
        made = call.receiver.origin if call.receiver is not None else None
        # Another size of input may be asked for.
        if made is None or any(use.method == "resizeInputTensor" for use in made.uses):
            continue
        model = asset_model(call.receiver, project, file)
        if model is not None and model.format == "tflite":
            yield Run(call, model)
    here = app(project, file)
    for call in file.calls("**.{run,runForMultipleInputs}") if here is not None and file.mentions(r"(?i)interpreter") else ():
        made = call.receiver.origin if call.receiver is not None else None
        handed = call.receiver is not None and (
            made.method in _HANDED if made is not None else bool(_INTERPRETER.search(call.receiver.text))
        )
        if handed and call not in known:
            only = _only(here.root, project) if here is not None else None
            if only is not None:
                yield Run(call, only)


_HANDED = frozenset({"fromAddress"})
"""What makes an interpreter of one that another isolate has opened."""
_INTERPRETER = re.compile(r"(?:^|[.\s])_?(?:\w*I|i)nterpreter[!?]?$")


@lru_cache(maxsize=16)
def _only(root: Path, project: Project) -> Model | None:
    """The model of an app that opens one interpreter in all of its code: wherever that is handed to, it runs this model."""
    found: list[tuple[Call, SourceFile]] = []
    for file in project.all(SourceFile):
        if file.language == "dart" and file.mentions("nterpreter") and Path(os.path.abspath(file.path)).is_relative_to(root / "lib"):
            if file.mentions(r"\bresizeInputTensor\b|\bfromFile\b"):
                return None
            found += [(call, file) for call in file.calls("**.Interpreter.{fromAsset,fromBuffer}")]
    model = asset_model(found[0][0], project, found[0][1]) if len(found) == 1 else None
    return model if model is not None and model.format == "tflite" else None


def asset_model(node: Node | None, project: Project, file: SourceFile) -> Model | None:
    """The model in the asset whose bytes, or whose session, `node` is."""
    here, made = app(project, file), node.origin if node is not None else None
    for _ in range(DEPTH):
        keys = {key for each in opened(file, project) if each.call is made for key in each.keys}
        if keys and here is not None:
            files = [found for key in keys for found in [asset(project, here, key)] if found]
            models = [model for found in files for model in project.facts(found, Model)]
            return models[0] if len(models) == 1 else None
        of = made.receiver if made is not None and made.method == "asUint8List" else made.argument(None, 0) if made is not None else None
        of = of.object if isinstance(of, Member) and of.attribute == "buffer" else of
        made = of.origin if of is not None else None
        if made is None:
            return None
    return None


# Lists

DEPTH = 12
_SAME = frozenset({"toList", "cast"})
_BYTES = {"Float32List": 4, "Float64List": 8, "Uint8List": 1, "Int8List": 1, "Uint8ClampedList": 1, "Int16List": 2, "Uint16List": 2,
          "Int32List": 4, "Uint32List": 4, "Int64List": 8, "Uint64List": 8}  # fmt: skip
"""Typed lists -> bytes of an element."""


def entries(node: Node | None) -> dict[int, Node]:
    """The values of a map whose keys are numbers, ``{0: x}``."""
    found = _settled(node)
    pairs = [child for child in found.children if isinstance(child, Other) and child.kind == "pair"] if isinstance(found, Object) else []
    keys = [pair.children[0].value for pair in pairs]
    if not isinstance(found, Object) or len(pairs) != len(found.children) or any(type(key) is not int for key in keys):
        return {}
    return {key: pair.children[1] for key, pair in zip(keys, pairs, strict=True)}


def listed(node: Node | None) -> list[Node]:
    """The items of a list that is written out."""
    found = _settled(node)
    return list(found.children) if isinstance(found, Array) and found.exact else []


def shape(node: Node | None, depth: int = 0) -> tuple[int | None, ...] | None:
    """The shape of nested lists; None if it is not known, () for what is certainly no list."""
    found = _settled(node)
    if found is None or depth > DEPTH:
        return None
    if isinstance(found, Array):
        inner = shape(found.children[0], depth + 1) if found.children and found.exact else None
        return (len(found.children), *inner) if inner is not None else None
    if isinstance(found, Call):
        return _made(found, depth)
    return () if scalar(found) else None


def _made(call: Call, depth: int) -> tuple[int | None, ...] | None:
    """The shape of what a call gives."""
    method, first, second = call.method, call.argument(None, 0), call.argument(None, 1)
    if method == "reshape" and first is not None and isinstance(first.value, list):
        return tuple(size if type(size) is int else None for size in first.value)
    if method in _SAME and call.receiver is not None:
        return shape(call.receiver, depth + 1)
    kind = call.callee.object if isinstance(call.callee, Member) else None
    if isinstance(kind, Name) and kind.id == "List" and first is not None:
        body = second.results[0] if isinstance(second, Function) and len(second.results) == 1 else second if method == "filled" else None
        inner = shape(body, depth + 1)
        return (_size(first), *inner) if inner is not None else None
    if isinstance(call.callee, Name) and call.callee.id in _BYTES and first is not None:
        return (_size(first),)
    return () if method in ("toDouble", "toInt") else None


def _size(node: Node) -> int | None:
    return node.value if type(node.value) is int else None


def element(node: Node | None, depth: int = 0) -> Node | None:
    """An innermost element of nested lists."""
    found = _settled(node)
    if depth > DEPTH or found is None:
        return None
    if isinstance(found, Array):
        return element(found.children[0], depth + 1) if found.children and found.exact else None
    if isinstance(found, Call):
        if found.method in ("reshape", *_SAME) and found.receiver is not None:
            return element(found.receiver, depth + 1)
        kind = found.callee.object if isinstance(found.callee, Member) else None
        if isinstance(kind, Name) and kind.id == "List":
            second = found.argument(None, 1)
            body = second.results[0] if isinstance(second, Function) and len(second.results) == 1 else second
            return element(body, depth + 1)
    return found


def scalar(node: Node) -> str:
    """``int`` or ``double`` if an expression certainly is such a number, else empty."""
    if isinstance(node, Literal):
        return {int: "int", float: "double"}.get(type(node.constant), "")
    if isinstance(node, Call):
        return {"toDouble": "double", "toInt": "int"}.get(node.method, "")
    if isinstance(node, Operation):
        kinds = {scalar(child) for child in node.children}
        if node.operator == "/" or "double" in kinds:
            return "double" if node.operator in ("+", "-", "*", "/") else ""
        return "int" if kinds == {"int"} or node.operator == "~/" else ""
    return ""


def nbytes(node: Node | None) -> tuple[int, str] | None:
    """How many bytes a buffer holds, and the typed list it is made of, where both are known."""
    found = node
    for _ in range(DEPTH):
        found = _settled(found)
        if isinstance(found, Call) and found.method in ("asUint8List", "asByteData") and found.receiver is not None:
            found = found.receiver
        elif isinstance(found, Member) and found.attribute == "buffer":
            found = found.object
        else:
            break
    if isinstance(found, Call) and isinstance(found.callee, Name) and found.callee.id in _BYTES and len(found.arguments) == 1:
        size = _size(found.arguments[0].value)
        return (size * _BYTES[found.callee.id], found.callee.id) if size is not None else None
    return None


def _settled(node: Node | None) -> Node | None:
    """The expression whose value a node is, through variables that are assigned once and functions of the file."""
    for _ in range(DEPTH):
        if isinstance(node, Await):
            node = node.operand
            continue
        if isinstance(node, Choice) and len(node.options) == 1:
            node = node.options[0]
            continue
        if isinstance(node, (Name, Member)):
            variable = node.file.meaning.variable(node)
            if variable is None or variable.open or variable.imported or len(variable.writes) != 1 or variable.writes[0].path != ():
                return node
            source = variable.writes[0].source
            if source is None or isinstance(source, Function) or (isinstance(source, Array) and _grows(node)):
                return node
            node = source
            continue
        if isinstance(node, Call):
            function = node.file.meaning.local(node.callee)
            if function is not None and len(function.results) == 1:
                node = function.results[0]
                continue
        return node
    return node


def _grows(node: Node) -> bool:
    """Something is added to the list that a variable holds, or taken from it."""
    return node.file.mentions(rf"\b{re.escape(node.text)}\b[!?]?\s*\.\.?\s*(?:add|insert|remove|clear|length\s*=)")
