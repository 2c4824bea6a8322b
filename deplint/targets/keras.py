"""Keras 3 and Keras 2: whether `load_model` makes the model again, without anything else being passed or registered.

A file names the class of every layer and the arguments it was made with. Keras looks the class up, and its constructor takes only arguments
it knows (``Unrecognized keyword arguments passed to LSTM: {'time_major': False}``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint.model import Layer, Model
from deplint.targets import At
from deplint.targets.subject import Subject
from deplint.targets.table import Rows, rows
from deplint.targets.verdict import Reason, Verdict

ALWAYS = {
    "name",
    "trainable",
    "dtype",
    "batch_input_shape",
    "batch_shape",
    "input_shape",
    "autocast",
    "activity_regularizer",
    "build_config",
    "call",
    "constants",
}
"""Keys every layer takes."""

NETWORKS = {"Functional", "Sequential", "Model", "InputLayer"}
"""Classes that are no layers of ``keras.layers``, or come with any arguments."""

_PUBLIC = re.compile(r"keras(\.(layers|models|ops|applications|src|_legacy)(\..*)?)?$")
"""Modules Keras 3 looks classes up in. What Keras 2 kept in ``keras.src.engine`` is not there."""


def keras3(subject: Subject, at: At) -> Iterator[Reason]:
    """What Keras 3 refuses."""
    model = subject.model
    assert model is not None
    known = rows(at.target.table, at.release)
    home = model.metadata.get("module", "")
    if model.format == "keras" and (home.startswith("tf_keras") or ".engine." in home):
        words = f"Keras 3 does not load the archives of Keras 2: Could not locate class {model.metadata.get('class_name')!r} ({home})"
        yield at.reason(
            "file", words, subject, remedy="load it with Keras 2 (tf_keras) and save it as .h5 there, or export it with Keras 3"
        )
    yield from _incomplete(subject, at)
    for layer in model.layers:
        if model.format == "keras-h5" and "constants" in layer.config and ("", layer.class_name) in known:
            words = "HDF5 files do not tell operations from layers: Only input tensors may be passed as positional arguments"
            yield _at_layer(at, layer, "limit", words, "save the model as .keras")
        if model.format == "keras-h5" and layer.class_name == "Attention" and layer.config.get("score_mode") == "dot":
            words = "HDF5 files name functions by strings, and 'dot' is one: Invalid value for argument score_mode"
            yield _at_layer(at, layer, "limit", words, "save the model as .keras")
        yield from _refused(at, known, layer, safe=True, own=bool(layer.module and not _PUBLIC.match(layer.module)))


def keras2(subject: Subject, at: At) -> Iterator[Reason]:
    """What Keras 2 refuses. It looks layers up by their names alone, and runs the Lambdas of HDF5 files."""
    model = subject.model
    assert model is not None
    if (newer := of_keras_3(model)) is not None:
        remedy = "load it with Keras 3; to serve it elsewhere, export a SavedModel there (model.export)"
        yield at.reason("file", f"Keras 2 does not load what Keras 3 saved: {newer}", subject, remedy=remedy)
        return
    yield from _incomplete(subject, at)
    known = rows(at.target.table, at.release)
    for layer in model.layers:
        yield from _refused(at, known, layer, safe=model.format == "keras", own=False)


def of_keras_3(model: Model) -> str | None:
    """What in the configuration Keras 2 cannot read, in its own words."""
    home = model.metadata.get("module", "")
    if model.format == "keras" and home.startswith("keras.src.models"):
        return f"Could not deserialize class {model.metadata.get('class_name')!r}, its parent module tf_{home} cannot be imported"
    for layer in model.layers:
        dtype = layer.config.get("dtype")
        if layer.class_name == "InputLayer" and "batch_shape" in layer.config:
            return "Unrecognized keyword arguments: ['batch_shape']"
        if isinstance(dtype, dict) and dtype.get("class_name") == "DTypePolicy":
            return f"Error when deserializing class {layer.class_name!r}, whose dtype is a DTypePolicy"
    return None


def _incomplete(subject: Subject, at: At) -> Iterator[Reason]:
    """What is missing for a model of any generation."""
    model = subject.model
    assert model is not None
    if model.format == "keras-h5" and not model.layers and model.metadata.get("kind") != "weights" and not model.metadata.get("class_name"):
        yield at.reason(
            "file", "the file holds weights only: No model config found in the file", subject, remedy="use load_weights on the model"
        )
    if model.format == "keras" and (damaged := _damaged(subject)):
        yield at.reason("file", f"the archive is damaged: {damaged}", subject, remedy="copy or download it again")
    if model.format == "keras" and "weights" not in model.metadata:
        words = "the archive lacks its weights: Expected a model.weights.h5 or model.weights.npz file"
        yield at.reason("file", words, subject, remedy="save the model again")


LARGEST = 64 << 20
"""Bytes of an archive whose checksums are looked at."""


def _damaged(subject: Subject) -> str:
    """What is wrong with the archive: a member whose checksum does not match."""
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(subject.path) as archive:
            small = sum(info.file_size for info in archive.infolist()) <= LARGEST
            bad = archive.testzip() if small else None
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        return str(error)
    return f"Bad CRC-32 for {bad}" if bad else ""


def _refused(at: At, known: Rows, layer: Layer, *, safe: bool, own: bool) -> Iterator[Reason]:
    """`safe` is True where code in a file is not run unless that is asked for; `own` where the class is not one of Keras."""
    name = layer.class_name
    if name == "Lambda" and safe:
        code = layer.config.get("function")
        if not isinstance(code, str) and code is not None:
            yield _at_layer(
                at,
                layer,
                "operator",
                "Keras does not load a Lambda's Python code, unless safe_mode=False is passed",
                "write it as a layer of its own",
            )
        return
    if name in NETWORKS and not own:
        return
    found = known.get(("", name), ())
    if own or (not found and not layer.module.startswith("keras.src")):
        words = f"Keras has no layer {name}" + (f" of {layer.module}" if own else "")
        yield _at_layer(
            at, layer, "operator", words, "register the class with @keras.saving.register_keras_serializable(), or pass custom_objects"
        )
        return
    for row in found:
        takes = row.more.get("takes")
        strange = [key for key in layer.config if takes is not None and key not in takes and key not in ALWAYS]
        if strange:
            words = f"{name} does not take {', '.join(strange)}: Unrecognized keyword arguments"
            yield _at_layer(at, layer, "limit", words, "save the model with the same generation of Keras that loads it")


def _at_layer(at: At, layer: Layer, cause: str, words: str, remedy: str) -> Reason:
    return Reason(cause, Verdict.fails, words, layer.class_name, 1, (f'layer "{layer.name}"',), remedy, str(at.target.meta["source"]))
