"""The signatures of a SavedModel that only the code which exports it tells: the project does not hold the model itself.

for model in declared(project, near):
    print(model.signatures["serving_default"].inputs)
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from deplint.code.facts import Call, Value
from deplint.code.patterns import matcher
from deplint.code.pipelines import files_with
from deplint.code.values import Truth
from deplint.finding import Placed
from deplint.model import Dim, Model, Signature, Tensor
from deplint.settings.serving import kserve, listing, saved_models, servers
from deplint.settings.triton import ServingModels

if TYPE_CHECKING:
    from deplint.code import values as v
    from deplint.code.python import PythonFile
    from deplint.project import Project

ADDED = "**.{add_meta_graph_and_variables,add_meta_graph}"
SIMPLE = "tensorflow.**.simple_save"
SAVED = "tensorflow.saved_model.save"
BUILT = "{tensorflow.**.,}{build_signature_def,predict_signature_def}"
_BUILT = matcher(BUILT)
_INFO = matcher("{tensorflow.**.,}build_tensor_info")
_EXPORTS = re.compile(
    r"add_meta_graph|simple_save\(|saved_model\.save\(|export_saved_?model\(|\.export\(|save_model\(|\.save\(|ServingInputReceiver|convert_to_saved_model"
)
"""Code that may write a SavedModel."""


def reached(project: Project, name: str, near: Placed, version: str | None = "") -> list[Model]:
    """The SavedModels that a request to the model `name`, written in the file `near`, may reach (see `saved_models`). Where the project
    holds none, the one that its code exports, if that goes to a folder of the name or nothing else is served. Empty if nobody can tell."""
    models = saved_models(project, name, near, version)
    if models or not name or kserve(project):
        return models
    return [model for model in declared(project, near) if project.fragments or name in model.tags or _served_names(project) == {name}]


def _served_names(project: Project) -> set[str]:
    running = {served.name for server in servers(project) for served in server.models or ()}
    return running | {served.name for facts in project.all(ServingModels) for served in listing(facts)}


def declared(project: Project, near: Placed) -> list[Model]:
    """The one SavedModel that code of the project around a file writes, with what the code says of its signatures. Nothing where more than
    one may be written, or the signatures are not all known. Inputs of which nothing else is known have their name alone; the `tags` are the
    folders it is written to, as far as they are known."""
    exporting = files_with(project, _EXPORTS, project.area(near))
    found = [call for file in exporting for call in file.calls(ADDED, SIMPLE, SAVED)]
    others = any(file.calls("**.{export_saved_model,export_savedmodel,export,save_model}", _KERAS) for file in exporting)
    if not found and (saved := _by_keras(exporting, project)) is not None:
        return [saved]
    if len({id(call.node) for call in found}) != 1 or others or found[0].guarded:
        return []
    signatures = signatures_of(found[0])
    return [Model(found[0].place.path, "savedmodel", signatures=signatures, tags=_folders(found[0]))] if signatures else []


def _by_keras(files: list[PythonFile], project: Project) -> Model | None:
    """The SavedModel that the one `save` of a model of Keras 2 writes, whose inputs have names in the code; None if there is another."""
    calls = [
        call for file in files for call in file.calls(_KERAS) if not (call.argument("filepath", 0).text or ".").endswith((".h5", ".keras"))
    ]
    foreign = any(file.calls("**.{export_saved_model,export_savedmodel,export}", "tf2onnx.**") for file in files)
    if len({id(call.node) for call in calls}) != 1 or foreign or calls[0].guarded:
        return None
    call = calls[0]
    newer = project.versions.allows("tensorflow", call, since="2.16")
    path, made = call.argument("filepath", 0).text, call.receiver.origin
    if newer is not False or not path or "." in path.rpartition("/")[2] or made is None or made.name.rpartition(".")[2] != "Model":
        return None
    given, gives = made.argument("inputs", 0), made.argument("outputs", 1)
    inputs = _named_layers(given, True)
    outputs = _named_layers(gives, False) or {}
    folders = [part for part in path.split("/") if part]
    signature = Signature(_DEFAULT, inputs, outputs) if inputs else None
    return Model(call.place.path, "savedmodel", signatures={_DEFAULT: signature}, tags=folders) if signature is not None else None


def _named_layers(value: Value, entry: bool) -> dict[str, Tensor] | None:
    """The tensors of a Keras model's ends by the names that the code gives their layers; None unless all have one."""
    found: dict[str, Tensor] = {}
    for one in value.items if value.items is not None and value.entries is None else [value]:
        made = one.origin
        if made is None or value.entries is not None:
            return None
        if made.name.endswith(".Input") and entry:
            name, kind, sizes = made.argument("name").text, made.argument("dtype"), made.argument("shape", 0).python()
            if not name:
                return None
            shape = (None, *map(_size, sizes)) if isinstance(sizes, (tuple, list)) else None
            found[name] = Tensor(name, "float32" if kind.missing else (kind.text or kind.name.removeprefix("tensorflow.")), shape)
            continue
        layer = made.receiver.origin
        name = layer.argument("name").text if layer is not None and not entry else None
        if not name:
            return None
        found[name] = Tensor(name)
    return found


def _folders(call: Call) -> list[str]:
    """The names of folders in the path that a call exports to."""
    builder = call.receiver.origin if ".add_meta_graph" in call.name else None
    path = builder.argument("export_dir", 0) if builder is not None else call.argument("export_dir", 1)
    return [part for piece in path.pieces if piece for part in piece.split("/") if part]


_KERAS = "{tensorflow.keras,keras,tf_keras}.{**.load_model,applications.**,models.Sequential,Sequential,models.Model,Model}().save"


def signatures_of(call: Call) -> dict[str, Signature]:
    """The signatures that a call writes, by name; empty unless all of them are known."""
    if call.name.endswith("simple_save"):
        inputs, outputs = _infos(call.argument("inputs", 2)), _infos(call.argument("outputs", 3))
        return {"serving_default": Signature("serving_default", inputs, outputs or {})} if inputs else {}
    position = 1 if call.name.endswith("add_meta_graph") else 2
    given = call.argument("signatures", 2) if call.name == SAVED else call.argument("signature_def_map", position)
    if call.name == SAVED and given.entries is None:
        inputs = _taken(given)
        return {"serving_default": Signature("serving_default", inputs)} if inputs else {}
    found = {}
    for key, value in given.entries or () if given.exact else ():
        made = value.origin
        inputs, outputs = _taken(value) if call.name == SAVED else None, None
        if made is not None and _BUILT(made.name):
            inputs, outputs = _infos(made.argument("inputs", 0)), _infos(made.argument("outputs", 1))
        name = _DEFAULT if key.name.endswith("DEFAULT_SERVING_SIGNATURE_DEF_KEY") else key.text
        if name is None or not inputs:
            return {}
        found[name] = Signature(name, inputs, outputs or {})
    return found


_DEFAULT = "serving_default"
_KEYS = {"PREDICT_INPUTS": "inputs", "CLASSIFY_INPUTS": "inputs", "REGRESS_INPUTS": "inputs"}
"""Constants of `signature_constants` that are names of inputs."""


def _infos(given: Value) -> dict[str, Tensor] | None:
    """The inputs of a dictionary of tensors, or of what describes them; None if they are not all known by name."""
    if not given.exact or given.entries is None:
        return None
    found: dict[str, Tensor] = {}
    for key, value in given.entries:
        name = key.text or _KEYS.get(key.name.rpartition(".")[2])
        if name is None:
            return None
        found[name] = _tensor(name, described(value))
    return found


def described(value: Value) -> Value:
    """The tensor that a signature is given, itself or as `build_tensor_info` describes it."""
    info = value.origin
    return info.argument("tensor", 0) if info is not None and _INFO(info.name) else value


def is_placeholder(value: Value) -> bool:
    return value.is_("tensorflow.{compat.v1.,}placeholder()") is Truth.yes


def is_scalar(value: Value, depth: int = 0) -> bool:
    """A tensor that certainly has no axis: a constant without one, or what `tf.cond` chooses of such, an element, a sum of all."""
    made = value.origin
    if made is None or depth > _DEEPEST:
        return False
    name, first = made.name.removeprefix("tensorflow."), made.arguments[0] if made.arguments else value
    if name == "constant":
        shape = made.argument("shape", 2)
        plain = isinstance(first.python(), (int, float, str, bool, bytes))
        return (plain and shape.missing) or (not shape.missing and shape.python() in ([], ()))
    if name == "cond":
        branches = [made.argument("true_fn", 1).function, made.argument("false_fn", 2).function]
        return all(branch is not None and _gives_scalar(branch, made) for branch in branches)
    if name == "reshape":
        return made.argument("shape", 1).python() in ([], ())
    return False


def _gives_scalar(branch: v.Function, made: Call) -> bool:
    """A lambda that returns a constant without axes."""
    returned = branch.node.body if isinstance(branch.node, ast.Lambda) else None
    return any(call.node is returned and is_scalar(call.result, 1) for call in made.file.calls("tensorflow.constant"))


_DEEPEST = 4


def _tensor(name: str, value: Value) -> Tensor:
    """The tensor that a placeholder is, one without axes, or one of which nothing is known."""
    made = value.origin
    if made is None or not is_placeholder(value):
        return Tensor(name, shape=() if is_scalar(value) else None)
    kind, shape = made.argument("dtype", 0), made.argument("shape", 1).python()
    known = tuple(_size(size) for size in shape) if isinstance(shape, (list, tuple)) else None
    return Tensor(name, kind.name.removeprefix("tensorflow."), known)


def _size(size: object) -> Dim:
    return size if isinstance(size, int) and size >= 0 else None


def _taken(value: Value) -> dict[str, Tensor] | None:
    """What a `tf.function` with an input signature takes, or a concrete function made for certain tensors."""
    made = value.origin
    if made is not None and made.name.endswith(".get_concrete_function"):
        return _specs(made)
    function = value.function
    if function is None or isinstance(function.node, ast.Lambda):
        return None
    specs = [spec for decorator in function.node.decorator_list for spec in _input_signature(decorator)]
    names = [argument.arg for argument in function.node.args.args]
    names = names[1:] if names[:1] == ["self"] else names
    if len(specs) != len(names) or function.node.args.vararg or function.node.args.kwonlyargs:
        return None
    found = {}
    for name, spec in zip(names, specs, strict=True):
        tensor = _spec(name, spec)
        if tensor is None:
            return None
        found[tensor.name] = tensor
    return found or None


def _input_signature(decorator: ast.expr) -> list[ast.expr]:
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
        if keyword.arg == "input_signature" and isinstance(keyword.value, (ast.List, ast.Tuple)):
            return keyword.value.elts
    return []


def _specs(made: Call) -> dict[str, Tensor] | None:
    """The named tensors that `get_concrete_function` is given; None if one has no name here."""
    found = {}
    for name, value in [("", value) for value in made.arguments] + list(made.keywords.items()):
        spec = value.origin
        tensor = _spec(name, spec.node) if spec is not None and spec.name == "tensorflow.TensorSpec" else None
        if tensor is None or not tensor.name or made.open:
            return None
        found[tensor.name] = tensor
    return found or None


def _spec(name: str, spec: ast.expr) -> Tensor | None:
    """The input that a ``tf.TensorSpec(shape, dtype, name)`` describes; its own name goes before that of the parameter."""
    if not isinstance(spec, ast.Call) or _last(spec.func) != "TensorSpec":
        return None
    given = dict(zip(("shape", "dtype", "name"), spec.args, strict=False)) | {k.arg: k.value for k in spec.keywords if k.arg}
    named, shape = given.get("name"), given.get("shape")
    if named is not None:
        if not isinstance(named, ast.Constant) or not isinstance(named.value, str):
            return None
        name = named.value
    sizes = shape.elts if isinstance(shape, (ast.List, ast.Tuple)) else None
    known = tuple(_size(size.value) if isinstance(size, ast.Constant) else None for size in sizes) if sizes is not None else None
    return Tensor(name, _last(given["dtype"]) if "dtype" in given else "float32", known)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
