"""What lies beside a SavedModel or a MetaGraph: variables, assets, a fingerprint, what Keras and TensorFlow Hub note.

The variables become a graph ``variables`` of tensors and no operators, named by their keys in the checkpoint. One that the graph's saver
restores and that is not stored as it is declared has a problem.

Sources: ``cc/saved_model/loader.cc``, ``core/kernels/save_restore_tensor.cc`` and ``core/protobuf/fingerprint.proto`` of TensorFlow,
``protobuf/saved_metadata.proto`` of Keras 2, ``module_def.proto`` and ``resolver.py`` of tensorflow/hub.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deplint.formats.beside import beside
from deplint.formats.checkpoint import Bundle
from deplint.formats.keras import JSON_LIMIT, parse_json
from deplint.formats.tensorflow import ASSET_FILE, META_GRAPH, SAVER, VERSIONS
from deplint.formats.wire import Message, StringData, open_message
from deplint.model import Graph, Model, Op, Shape, Stored, Tensor, Unreadable
from deplint.project import File

MAX_FILES = 1000
"""Files of a SavedModel's folder that are listed."""

MAX_RESTORED = 200_000
"""Keys of variables that are looked for."""

NOTE_LIMIT = 1 << 16
"""Bytes of a fingerprint or a description beyond which it is not read."""

INDEX = "variables/variables.index"

UNKNOWN_VARIABLE = "the checkpoint holds no such variable"

_VARIABLES = ("VarHandleOp", "VariableV2", "Variable")
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")


class FINGERPRINT:
    SAVED_MODEL_CHECKSUM, GRAPH_DEF_PROGRAM_HASH, SIGNATURE_DEF_HASH, SAVED_OBJECT_GRAPH_HASH, CHECKPOINT_HASH = 1, 2, 3, 4, 5
    VERSION, UUID = 6, 7


class KERAS_METADATA:
    NODES = 1


class KERAS_NODE:
    NODE_ID, METADATA = 2, 5


class OBJECTS:
    NODES = 1


class OBJECT:
    USER_OBJECT = 4


class USER_OBJECT:
    METADATA = 3


class HUB_MODULE:
    FORMAT = 1


def complete(model: Model, file: File, served: Message) -> None:
    """Adds what lies in the folder of a SavedModel, `served` being the graph that was read. A SavedModel of TensorFlow before 0.12 has its
    variables in a checkpoint of that time, which is not looked into."""
    model.files = _files(file)
    found = beside(file, INDEX)
    old = file.path.parent / "variables"
    if found.path or not ((old / "variables").exists() or any(old.glob("variables-?????-of-?????"))):
        _join(model, file, INDEX, served)
    for message in list(served.messages(META_GRAPH.ASSET_FILE_DEF))[:MAX_FILES]:
        name = f"assets/{message.text(ASSET_FILE.FILENAME)}"
        if problem := beside(file, name).problem:
            model.metadata[name] = problem
    model.metadata |= {**_keras(file, served), **_fingerprint(file), **_hub(file)}


def join_checkpoint(model: Model, file: File, message: Message) -> None:
    """Adds the variables of the checkpoint that a MetaGraph was saved with, if that lies beside it."""
    name = f"{file.path.stem}.index"
    if beside(file, name).path:
        _join(model, file, name, message)
    for saver in message.messages(META_GRAPH.SAVER_DEF):
        model.metadata["saver"] = f"V{saver.integer(SAVER.VERSION)}" if saver.integer(SAVER.VERSION) else "legacy"


@dataclass(frozen=True)
class Restored:
    """A variable that a graph's saver restores: its key in the checkpoint, and what the graph declares (a shape only where the whole of it
    is restored)."""

    key: str
    dtype: str
    shape: Shape


def _join(model: Model, file: File, name: str, message: Message) -> None:
    saver = message.message(META_GRAPH.SAVER_DEF)
    filename = saver.text(SAVER.FILENAME_TENSOR_NAME).removesuffix(":0") if saver is not None else ""
    wanted = list(_restored(model, filename))
    found = beside(file, name)
    tensors: dict[str, Tensor] = {}
    problem = found.problem
    if found.path:
        try:
            tensors = Bundle(File(found.path, found.shown)).tensors
        except Unreadable as error:
            problem = str(error)
    for each in wanted:
        tensor = tensors.get(each.key)
        if tensor is None:
            stored = Stored(found.shown, 0, 0, external=True, problem=problem or UNKNOWN_VARIABLE)
            tensors[each.key] = Tensor(each.key, each.dtype, each.shape, stored=stored)
        elif tensor.stored and not tensor.stored.problem and not _fits(each, tensor):
            differs = f"stored as {_described(tensor.dtype, tensor.shape)} and declared {_described(each.dtype, each.shape)}"
            tensors[each.key] = replace(tensor, stored=replace(tensor.stored, problem=differs), data=None)
    if tensors:
        model.graphs.append(Graph("variables", tensors=tensors))


def _fits(wanted: Restored, tensor: Tensor) -> bool:
    if wanted.dtype and tensor.dtype and wanted.dtype != tensor.dtype:
        return False
    if wanted.shape is None or tensor.shape is None:
        return True
    return len(wanted.shape) == len(tensor.shape) and all(a is None or a == b for a, b in zip(wanted.shape, tensor.shape, strict=True))


def _described(dtype: str, shape: Shape) -> str:
    sizes = "" if shape is None else f"[{','.join('?' if size is None else str(size) for size in shape)}]"
    return f"{dtype or '?'}{sizes}"


def _restored(model: Model, filename: str) -> Iterator[Restored]:
    """What is read from the checkpoint whose name the tensor `filename` gives: in the main graph, or in a function called from there."""
    main, left = model.graph, MAX_RESTORED
    called = {op.attributes.get("f"): op for op in main.ops if op.type in _CALLS and filename in op.inputs}
    for graph in model.graphs:
        call = called.get(graph.name) if graph is not main else None
        if graph is not main and call is None:
            continue
        given = dict(zip(graph.inputs, call.inputs, strict=False)) if call is not None else {}
        for op in graph.ops:
            if op.type == "RestoreV2" and len(op.inputs) > 2 and given.get(op.inputs[0], op.inputs[0]) == filename:
                keys, slices = _strings(graph, op.inputs[1]), _strings(graph, op.inputs[2])
                left -= len(keys) + len(slices) + 1
                if left < 0:
                    return
                dtypes = op.attributes.get("dtypes")
                for number, key in enumerate(keys):
                    dtype = dtypes[number] if isinstance(dtypes, list) and number < len(dtypes) else ""
                    whole = not (slices[min(number, len(slices) - 1)] if slices else "")
                    variable = _assigned(graph, op, number) if whole else ""
                    maker = main.producers.get(given.get(variable, variable))
                    shape = maker.attributes.get("shape") if maker is not None and maker.type in _VARIABLES else None
                    yield Restored(key, dtype, shape)


def _strings(graph: Graph, name: str) -> list[str]:
    """The strings of a constant."""
    data = graph.tensor(name).data
    return [value.decode("utf-8", "replace") for value in data.strings()] if isinstance(data, StringData) else []


def _assigned(graph: Graph, restore: Op, number: int) -> str:
    """The variable that an output of `restore` is assigned to."""
    name = f"{restore.name}:tensors:{number}" if graph.kind == "function" else f"{restore.name}:{number}" if number else restore.name
    for _ in range(4):
        readers = graph.consumers.get(name, ())
        if len(readers) != 1:
            return ""
        (op,) = readers
        if op.type in ("Assign", "AssignVariableOp") and len(op.inputs) > 1 and op.inputs[1] == name:
            return op.inputs[0]
        if op.type != "Identity" or not op.outputs:
            return ""
        name = op.outputs[0]
    return ""


def _files(file: File) -> list[str]:
    """The variables, assets and notes stored with a SavedModel, as reports print them."""
    folder = file.path.parent
    notes = ("fingerprint.pb", "keras_metadata.pb", "tfhub_module.pb")
    found: list[Path] = [folder / name for name in notes if (folder / name).is_file()]
    for name in ("variables", "assets", "assets.extra"):
        if (folder / name).is_dir():
            for path in (folder / name).rglob("*"):
                if len(found) == MAX_FILES:
                    break
                if path.is_file():
                    found.append(path)
    prefix = file.shown[: -len(file.name)]
    return sorted(prefix + path.relative_to(folder).as_posix() for path in found)


def _note(file: File, name: str, limit: int = NOTE_LIMIT) -> Message | None:
    """The message in a file beside the model; None if it is not there, or no message."""
    found = beside(file, name)
    if found.path is None or found.size > limit:
        return None
    try:
        return open_message(File(found.path, found.shown))
    except Unreadable:
        return None


def _fingerprint(file: File) -> dict[str, str]:
    """The hashes that TensorFlow 2.12 and later store, as it prints them."""
    message = _note(file, "fingerprint.pb")
    if message is None:
        return {}
    names = [name for name in vars(FINGERPRINT) if name.isupper() and name not in ("VERSION", "UUID")]
    found = {name.lower(): str(message.integer(getattr(FINGERPRINT, name)) & 0xFFFFFFFFFFFFFFFF) for name in names}
    if version := message.message(FINGERPRINT.VERSION):
        found["version"] = str(version.integer(VERSIONS.PRODUCER))
    found["uuid"] = message.text(FINGERPRINT.UUID)
    return {f"fingerprint.{name}": value for name, value in found.items() if value}


def _keras(file: File, served: Message) -> dict[str, str]:
    """The version and backend of Keras 2 that saved the model: a file of its own since TensorFlow 2.5, before in the graph of objects."""
    texts: list[str] = []
    if (message := _note(file, "keras_metadata.pb", JSON_LIMIT)) is not None:
        texts = [n.text(KERAS_NODE.METADATA) for n in message.messages(KERAS_METADATA.NODES) if not n.integer(KERAS_NODE.NODE_ID)]
    elif (objects := served.message(META_GRAPH.OBJECT_GRAPH_DEF)) is not None and (spans := objects.spans(OBJECTS.NODES)):
        root = objects.within(*spans[0]).message(OBJECT.USER_OBJECT)
        texts = [root.text(USER_OBJECT.METADATA)] if root is not None else []
    for text in filter(None, texts):
        try:
            told = parse_json(text)
        except Unreadable:
            continue
        if isinstance(told, dict):
            return {key: told[key] for key in ("keras_version", "backend") if isinstance(told.get(key), str)}
    return {}


def _hub(file: File) -> dict[str, str]:
    """What TensorFlow Hub notes: the format of a module of TensorFlow 1; where a module in its cache was downloaded from."""
    told: dict[str, str] = {}
    if (message := _note(file, "tfhub_module.pb")) is not None:
        told["hub_module_format"] = str(message.integer(HUB_MODULE.FORMAT))
    folder = file.path.parent
    note = folder.with_name(f"{folder.name}.descriptor.txt")
    try:
        if note.is_file() and not note.is_symlink():
            text = File(note).raw(NOTE_LIMIT).decode("utf-8", "replace")
            if handle := re.search(r"(?m)^Module: (\S+)", text):
                told["hub_handle"] = handle[1]
    except (OSError, Unreadable):
        pass
    return told
