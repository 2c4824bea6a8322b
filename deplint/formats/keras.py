"""Keras models: ``.keras`` archives, and HDF5 files of whole models or of weights alone, from Keras 1 to 3.

Only the configuration is read, as the JSON it is. Code that a Lambda layer carries (marshalled, in base64) stays text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from deplint.formats.members import MemberData
from deplint.formats.wire import DataReader, RawData
from deplint.model import Dim, Graph, Layer, Model, Stored, Tensor, Unreadable
from deplint.project import File

JSON_LIMIT = 10 << 20
"""Bytes of JSON beyond which it is not read."""

NESTING_LIMIT = 500_000
"""Lists and objects in a JSON text beyond which it is not read: they take a hundred times their text in memory."""

LAYER_DEPTH = 32
"""Models within models, wrappers included."""

INNER = ("layers", "layer", "forward_layer", "backward_layer", "cell", "cells")
"""Where a layer's configuration holds other layers: models, TimeDistributed, Bidirectional, RNN, StackedRNNCells."""


def parse_json(raw: bytes | str) -> Any:
    """The value of JSON text (bytes are UTF-8).

    Raises:
        Unreadable: it is not JSON, or too large or deep.
    """
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        if len(text) > JSON_LIMIT or text.count("{") + text.count("[") > NESTING_LIMIT:
            raise Unreadable(f"JSON of {len(text):,} characters with more lists and objects than deplint reads")
        return json.loads(text)
    except RecursionError:
        raise Unreadable("JSON nested too deep") from None
    except ValueError as error:
        raise Unreadable(f"not valid JSON: {error}") from None


def read(file: File) -> Model:
    """The model in a ``.keras`` archive, with the weights of its HDF5 members by their paths there. `metadata["weights"]` names all members
    that hold weights.

    Raises:
        Unreadable: the archive is damaged, encrypted or too large, its configuration is no model's, or its weights are damaged.
    """
    from deplint.formats.archive import open_zip, read_member
    from deplint.formats.hdf5 import listing
    from deplint.formats.members import locate

    with open_zip(file) as archive:
        config = parse_json(read_member(archive, "config.json", JSON_LIMIT))
        about = parse_json(read_member(archive, "metadata.json", JSON_LIMIT)) if "metadata.json" in archive.namelist() else {}
        weights = [name for name in archive.namelist() if name.startswith("model.weights.") or name.endswith(".weights.h5")]
        places = {name: locate(file, archive, archive.getinfo(name)) for name in weights if name.endswith(".h5")}
    if not isinstance(config, dict) or "class_name" not in config:
        raise Unreadable("config.json describes no model")
    model = Model(file.shown, "keras", "keras", _text(about, "keras_version"), size=file.size)
    describe(model, config)
    if weights:
        model.metadata["weights"] = ", ".join(sorted(weights))
    for name, (stored, _) in sorted(places.items()):
        try:
            if stored.problem:
                raise Unreadable(stored.problem)
            datasets = listing(file, (), name)["datasets"]
        except Unreadable as error:
            raise Unreadable(f"{name} in the archive: {error}") from None
        _add_weights(model.graph, datasets, *places[name])
    return model


def describe(model: Model, config: Mapping[str, Any]) -> None:
    """Puts the layers, inputs and outputs of a configuration (``class_name`` and ``config``) into `model`."""
    model.metadata["class_name"] = _text(config, "class_name")
    home = _text(config, "module")
    if home and not home.startswith(("keras.src.models.", "keras.models")) and home != "keras":  # elsewhere than in Keras 3
        model.metadata["module"] = home
    inner = _settings(config)
    model.layers.extend(_layers(inner, "", 0))
    graph = Graph(_text(inner, "name"))
    for tensor in _inputs(config, 0):
        graph.tensors[tensor.name] = tensor
        graph.inputs.append(tensor.name)
    for name in _outputs(config):
        graph.tensors.setdefault(name, Tensor(name))
        graph.outputs.append(name)
    model.graphs.append(graph)


def _text(entry: Any, key: str) -> str:
    value = entry.get(key) if isinstance(entry, dict) else None
    return value if isinstance(value, str) else ""


def _settings(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """A layer's ``config``. Before Keras 2.2.3 that of a Sequential model was the list of its layers."""
    config = entry.get("config")
    return {"layers": config} if isinstance(config, list) else config if isinstance(config, dict) else {}


def _layers(config: Mapping[str, Any], path: str, depth: int) -> Iterator[Layer]:
    """The layers in a configuration, in stored order, those of a nested model or wrapper after it and under its name."""
    if depth > LAYER_DEPTH:
        raise Unreadable(f"layers nested deeper than {LAYER_DEPTH}")
    for entry in _inner(config):
        settings = _settings(entry)
        name = path + (_text(entry, "name") or _text(settings, "name"))
        own = {key: value for key, value in settings.items() if key != "layers"}
        call = _call(entry.get("inbound_nodes"))
        if call:
            own["call"] = call
        if _constants(entry.get("inbound_nodes")):
            own["constants"] = True
        module = "__main__" if entry.get("module", "") is None else _text(entry, "module")  # Keras stores null for it
        yield Layer(name, _text(entry, "class_name"), module, own)
        yield from _layers(settings, name + "/", depth + 1)


def _call(nodes: Any) -> dict[str, Any]:
    """What a layer is called with beside tensors, as far as it is true, false or a number: Keras 3 stores for each call
    ``{"args": ..., "kwargs": {...}}``, those before it ``[[layer, node, tensor, {...}], ...]``."""
    found: dict[str, Any] = {}
    for node in nodes if isinstance(nodes, list) else ():
        entries = node if isinstance(node, list) else [node]
        for entry in entries:
            if isinstance(entry, list):
                entry = {"kwargs": entry[3] if len(entry) > 3 else None}
            entry = entry.get("kwargs") if isinstance(entry, dict) else None
            if isinstance(entry, dict):
                found |= {key: value for key, value in entry.items() if isinstance(value, (bool, int, float))}
    return found


def _constants(nodes: Any) -> bool:
    """Whether Keras 3 stored numbers among the positional arguments of a call: of an operation as ``x * 2``, not of a layer."""
    calls = [node.get("args") for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    return any(isinstance(arg, (int, float)) for args in calls if isinstance(args, list) for arg in args)


def _inner(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in INNER:
        value = config.get(key)
        for entry in value if isinstance(value, list) else (value,):
            if isinstance(entry, dict) and "class_name" in entry:
                yield entry


def _inputs(entry: Mapping[str, Any], depth: int) -> Iterator[Tensor]:
    """The inputs a model's configuration declares: its input layers, or what its first layer was built for."""
    config = _settings(entry)
    layers = list(_inner({"layers": config.get("layers")}))
    if "input_layers" in config:
        by_name = {_text(layer, "name") or _text(_settings(layer), "name"): _settings(layer) for layer in layers}
        for name in _references(config["input_layers"]):
            yield _input(name, by_name.get(name, {}))
    elif layers:
        first, settings = layers[0], _settings(layers[0])
        name = _text(settings, "name")
        if _text(first, "class_name") == "InputLayer":
            yield _input(name, settings)
        elif "batch_input_shape" in settings:
            yield _input(f"{name}_input", settings)
        elif depth < LAYER_DEPTH:
            yield from _inputs(first, depth + 1)


def _input(name: str, config: Mapping[str, Any]) -> Tensor:
    """An input as Keras 3 (batch_shape), Keras 2 (batch_input_shape) or Keras 1 (and input_dtype) declares it."""
    stored = config.get("batch_shape", config.get("batch_input_shape"))
    shape: tuple[Dim, ...] | None = None
    if isinstance(stored, list) and all(size is None or type(size) is int for size in stored):
        shape = tuple(stored)
    return Tensor(name, _text(config, "dtype") or _text(config, "input_dtype"), shape)


def _outputs(entry: Mapping[str, Any]) -> list[str]:
    """The names of the layers whose results are the model's."""
    config = _settings(entry)
    if "output_layers" in config:
        return list(_references(config["output_layers"]))
    layers = list(_inner({"layers": config.get("layers")}))
    return [_text(layers[-1], "name") or _text(_settings(layers[-1]), "name")] if layers else []


def _references(value: Any) -> Iterator[str]:
    """The layer names in ``["a", 0, 0]``, ``[["a", 0, 0], ...]``, or a dictionary of such."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack.extend(reversed(value.values()))
        elif isinstance(value, list):
            if value and isinstance(value[0], str):
                yield value[0]
            else:
                stack.extend(reversed(value))


def read_h5(file: File) -> list[Model]:
    """The model, or the weights alone (``metadata["weights_only"]``), in an HDF5 file; nothing for HDF5 that is not Keras's. Weights are
    named by their path in the file, less ``model_weights/``; the bytes of those that lie in one piece can be read.

    Raises:
        Unreadable: the file is damaged or holds too much, or its configuration is no model's.
    """
    from deplint.formats.hdf5 import listing

    found = listing(file, ("keras_version", "backend", "model_config", "training_config", "layer_names"))
    attributes = found["attributes"]
    if not attributes and not any(re.search(r"(^|/)vars/\d+$", dataset[0]) for dataset in found["datasets"]):
        return []
    model = Model(file.shown, "keras-h5", "keras", attributes.get("keras_version", ""), size=file.size)
    if "model_config" in attributes:
        config = parse_json(attributes["model_config"])
        if not isinstance(config, dict) or "class_name" not in config:
            raise Unreadable("its model_config describes no model")
        describe(model, config)
    else:
        model.metadata["weights_only"] = "true"
        model.graphs.append(Graph())
    if "backend" in attributes:
        model.metadata["backend"] = attributes["backend"]
    if "training_config" in attributes:
        model.metadata["compiled"] = "true"
    _add_weights(model.graph, found["datasets"], Stored(file.shown, 0, file.size), RawData(file.path, 0))
    return [model]


def _add_weights(graph: Graph, datasets: Iterable[Any], stored: Stored, reader: DataReader | None) -> None:
    """Puts the data sets of an HDF5 file into `graph`: `stored` is where the whole of it is, `reader` reads from it."""
    for path, dtype, kind, swapped, shape, offset, size in sorted(datasets):
        name = path.removeprefix("model_weights/")
        tensor = Tensor(name, dtype if kind in "biufc" else "string" if kind in "OS" else "", tuple(shape))
        if offset is None or swapped:
            tensor.stored = Stored(stored.path, 0, size, problem="stored in pieces, compressed or in another byte order")
        elif offset + size > stored.nbytes:
            problem = f"file is too short: {stored.nbytes:,} bytes, the tensor ends at {offset + size:,}"
            tensor.stored = Stored(stored.path, offset, size, problem=problem)
        else:
            tensor.stored = Stored(stored.path, stored.offset + offset, size)
            if isinstance(reader, RawData | MemberData):
                tensor.data = replace(reader, start=reader.start + offset)
        graph.tensors.setdefault(name, tensor)
