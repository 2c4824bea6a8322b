"""How a web app's code names its models, and what it gives them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from deplint import File, Project
from deplint.apps.follow import follow, home, source, value, within
from deplint.apps.tensors import Tensor, entries, listed, tensor
from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_nodes import (
    UNKNOWN,
    Array,
    Assign,
    Block,
    Call,
    Index,
    Member,
    Module,
    Name,
    Node,
    Object,
    Operation,
    Other,
    Template,
    Text,
)
from deplint.finding import Edit, Fix, Span
from deplint.model import Model
from deplint.model import Tensor as Input

TFJS_LOADERS = "@tensorflow/tfjs*.{loadGraphModel,loadLayersModel}"
ORT_LOADER = "onnxruntime-{web,node,react-native,common}.InferenceSession.create"
PIPELINE = "@{huggingface,xenova}/transformers.pipeline"
LOADERS = (
    "@tensorflow/tfjs*.{loadGraphModel,loadLayersModel,loadModel,loadFrozenModel}",
    "@tensorflow/tfjs-node*.node.loadSavedModel",
    "@tensorflow/tfjs-tflite.loadTFLiteModel",
    "@tensorflow-models/*.{load,createDetector,createSegmenter,createEstimator}",
    ORT_LOADER,
    "@mediapipe/tasks-*.*.{createFromOptions,createFromModelPath,createFromModelBuffer}",
    PIPELINE,
    "@{huggingface,xenova}/transformers.*.from_pretrained",
)
"""What gives the promise of a model."""


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
    known = address(node)
    if isinstance(known, Text) and ("://" in known.prefix or known.prefix.startswith("//")):
        return None
    partial = isinstance(known, Text)
    reference = known.suffix if isinstance(known, Text) else known if isinstance(known, str) else ""
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


def address(node: Node) -> object:
    """The value of an address or path, `Text` where parts are unknown; ``path.join(__dirname, "a", "b.json")`` ends in ``a/b.json``, and
    ``new URL("./b.json", import.meta.url)`` is the file it names."""
    parts = node.parts if isinstance(node, Template) else node.children if isinstance(node, Operation) and node.operator == "+" else [node]
    last = parts[-1] if parts else node
    if isinstance(last, Member) and last.attribute in ("href", "pathname"):
        last = last.object
    if isinstance(last, Call) and last.method == "toString" and last.receiver is not None:
        last = last.receiver
    made = source(last) if isinstance(last, Node) else None
    if made is not None and made.new and made.name == "URL" and len(made.arguments) == 2 and ".url" in made.arguments[1].value.text:
        return value(made.arguments[0].value)
    if made is not None and re.fullmatch(r"path\.(?:posix\.)?(?:join|resolve)", made.name):
        known = [value(argument.value) for argument in made.arguments]
        if not known or not isinstance(known[-1], str):
            return UNKNOWN
        start = next((i for i in range(len(known), 0, -1) if not isinstance(known[i - 1], str)), 0)
        return Text((None, "/" + "/".join(map(str, known[start:])))) if start else "/".join(map(str, known))
    return value(node)


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
    models = project.facts(file, Model) if file else []
    return models[0] if len(models) == 1 else None


# What models are given


@dataclass(frozen=True)
class Fed:
    """A tensor that a model's input is certainly given: the call, the expression, what is known of it, the input, and where that is said
    (the model's file, or the line of the layer)."""

    call: Call
    node: Node
    tensor: Tensor
    input: Input
    where: str
    model: Model | None = None

    @property
    def onnx(self) -> bool:
        """Whether ONNX Runtime runs it."""
        return self.call.method == "run"

    @property
    def target(self) -> str:
        return f"input {self.input.name!r} of {self.where}" if self.input.name else f"the input of {self.where}"


PREDICTS = "{predict,predictAsync,predictOnBatch,execute,executeAsync}"
BUILT = "@tensorflow/tfjs*.{sequential,model}"
FED = r"\b(?:predict|execute|fit|evaluate|run)"
"""A word in every file that gives a model something."""

_loads_tfjs, _loads_ort, _builds = matcher(TFJS_LOADERS), matcher(ORT_LOADER), matcher(BUILT)
_RUNS_TFJS = frozenset({"predict", "predictAsync", "predictOnBatch", "execute", "executeAsync"})
_RUNS_BUILT = frozenset({"predict", "predictOnBatch", "fit", "evaluate", "trainOnBatch"})


@lru_cache(maxsize=64)
def fed(file: SourceFile, project: Project) -> tuple[Fed, ...]:
    """The tensors that the models of a file are given; of some nothing is known. Of a model that is not in the project, but not of
    another site either, the input has no name and no shape."""
    if not file.web or not file.mentions(FED):
        return ()
    with within(project):
        return tuple(_fed(file, project))


def _fed(file: SourceFile, project: Project) -> Iterator[Fed]:
    for call in file.calls("**.{predict,predictAsync,predictOnBatch,execute,executeAsync,fit,evaluate,trainOnBatch,run}"):
        given = call.argument(None, 0)
        load = source(call.receiver) if given is not None else None
        if load is None or given is None:
            continue
        if call.method in _RUNS_BUILT and _builds(load.name):
            built = _built(load)
            for node, wanted in _pairs(given, [built] if built is not None else []):
                yield Fed(call, node, _in_columns(call, tensor(node), wanted), wanted, "the model built here")
        elif (call.method in _RUNS_TFJS and _loads_tfjs(load.name)) or (call.method == "run" and _loads_ort(load.name)):
            place = loaded_from(load)
            model = served_model(project, place)
            if model is not None:
                yield from _fed_model(call, given, model)
            elif place is not None and not re.match(r"[\"'`]https?://", place.text):
                one = entries(given) if call.method == "run" else None
                node = next(iter(one.values())) if one and len(one) == 1 else given
                yield Fed(call, node, tensor(node), Input(""), "the model")


def _fed_model(call: Call, given: Node, model: Model) -> Iterator[Fed]:
    if call.method == "run" and model.format == "onnx":
        named = feeds(given, model)
        for wanted in model.inputs:
            if wanted.name in named:
                yield Fed(call, named[wanted.name], tensor(named[wanted.name]), wanted, model.path, model)
    elif call.method != "run" and (model.format == "tfjs-layers" or (model.format == "tfjs-graph" and _checked(model))):
        for node, wanted in _pairs(given, model.inputs or _placeholders(model)):
            known = tensor(node)
            yield Fed(call, node, _in_columns(call, known, wanted) if model.format == "tfjs-layers" else known, wanted, model.path, model)


def _in_columns(call: Call, given: Tensor, wanted: Input) -> Tensor:
    """What a layers model that wants a column makes of a tensor of rank 1: that (TensorFlow.js 4.22: all but `predictOnBatch` do)."""
    column = wanted.shape is not None and len(wanted.shape) == 2 and wanted.shape[1] in (1, None)
    if given.shape is None or len(given.shape) != 1 or not column or call.method == "predictOnBatch":
        return given
    return replace(given, shape=(*given.shape, 1))


@lru_cache(maxsize=64)
def runs(file: SourceFile, project: Project) -> tuple[tuple[Call, Model], ...]:
    """The calls that run models of the project, wherever in the package those are loaded."""
    if not file.web or not file.mentions(FED):
        return ()
    with within(project):
        calls = file.calls("**.{predict,predictAsync,predictOnBatch,execute,executeAsync,run}")
        return tuple((call, model) for call in calls if (model := model_of(call, project)) is not None)


def model_of(call: Call, project: Project) -> Model | None:
    """The project's model that a method is called on, where it is loaded from one address."""
    load = source(call.receiver)
    if load is None or not (_loads_tfjs(load.name) or _loads_ort(load.name)):
        return None
    return served_model(project, loaded_from(load))


def loaded_from(load: Call) -> Node | None:
    """The address or path that a call loads a model from, also by way of the bytes that are fetched, read or bundled."""
    place = follow(load.argument(None, 0))
    for _ in range(4):
        if isinstance(place, Module):
            return place.children[0]
        made = source(place)
        if made is None:
            return place
        if made.method in ("arrayBuffer", "blob", "bytes") and made.receiver is not None:
            place = follow(made.receiver)
        elif made.method in ("fetch", "readFileSync", "readFile", "fileSystem", "bundleResourceIO", "Uint8Array") and made.arguments:
            place = follow(made.arguments[0].value)
        else:
            return place
    return place


def _pairs(given: Node, inputs: Sequence[Input]) -> Iterator[tuple[Node, Input]]:
    """What each input is given: tensors in order, or by name; nothing where a model with several inputs gets one expression."""
    named = entries(given)
    if named is not None:
        yield from ((named[wanted.name], wanted) for wanted in inputs if wanted.name in named)
    elif isinstance(given, Array):
        if given.exact and len(given.children) == len(inputs):
            yield from zip(given.children, inputs, strict=True)
    elif len(inputs) == 1:
        yield given, inputs[0]


def _built(made: Call) -> Input | None:
    """The only input of a model that is put together in the code, by the first of its layers."""
    if made.method == "model":
        options = entries(made.argument(None, 0)) or {}
        layer = source(options.get("inputs"))
        return _declared(layer, "shape", "batchShape") if layer is not None and layer.method == "input" else None
    options = entries(made.argument(None, 0)) or {}
    layers = options.get("layers")
    if isinstance(layers, Array) and layers.exact and layers.children:
        return _declared(source(layers.children[0]), "inputShape", "batchInputShape")
    added = [use for use in made.uses if use.method == "add"]
    if made.arguments or not added or (made.escapes and added[0].function is not made.function):
        return None
    return _declared(source(added[0].argument(None, 0)), "inputShape", "batchInputShape")


def _declared(layer: Call | None, key: str, whole: str) -> Input | None:
    options = entries(layer.argument(None, 0)) if layer is not None else None
    if layer is None or options is None or not layer.name.startswith("@tensorflow/tfjs"):
        return None
    dims, all_of_it = listed(options.get(key)), listed(options.get(whole))
    if all_of_it is not None:
        return Input("", shape=all_of_it)
    return Input("", shape=(None, *dims)) if dims is not None and layer.method not in ("embedding",) else None


def _placeholders(model: Model) -> list[Input]:
    """The inputs of a graph whose signature names none, as some converters write it."""
    found = []
    for op in model.graph.ops:
        if op.type == "Placeholder" and op.outputs:
            dtype, dims = op.attributes.get("dtype"), op.attributes.get("shape")
            found.append(Input(op.outputs[0], dtype if isinstance(dtype, str) else "", dims if isinstance(dims, tuple) else None))
    return found


def _checked(model: Model) -> bool:
    """TensorFlow.js compares with the placeholder's shape, if that has one."""
    return any(op.type.startswith("Placeholder") and isinstance(op.attributes.get("shape"), tuple) for op in model.graph.ops)


_FIRST = re.compile(r"\.inputNames\s*\[\s*(\d+)\s*\]$")


def feeds(given: Node, model: Model) -> dict[str, Node]:
    """What each input of an ONNX model is given: by an object that is written out, or put together entry by entry."""
    names = [wanted.name for wanted in model.inputs]
    meaning = given.file.meaning
    made = follow(given) or given
    found: dict[str, Node] = {}
    if isinstance(made, Object):
        found.update(made.entries)
        for child in made.children:
            if isinstance(child, Other) and child.kind == "pair" and len(child.children) == 2:
                _by_position(child.children[0], child.children[1], names, found)
    variable = meaning.variable(given) if isinstance(given, Name) else None
    if variable is None:
        return found
    for node in meaning.nodes:
        if not isinstance(node, Assign) or node.assigned is None or node.function is not given.function:
            continue
        target = node.target
        if isinstance(target, Member) and target.attribute in names and meaning.variable(target.object) is variable:
            found[target.attribute] = node.assigned
        elif isinstance(target, Index) and len(target.children) == 2 and meaning.variable(target.children[0]) is variable:
            _by_position(target.children[1], node.assigned, names, found)
    return found


def _by_position(key: Node, given: Node, names: Sequence[str], found: dict[str, Node]) -> None:
    match, name = _FIRST.search((follow(key) or key).text), value(key)
    if isinstance(name, str):
        found[name] = given
    elif match and int(match[1]) < len(names):
        found[names[int(match[1])]] = given
