"""Read the released TensorFlow wheels, without importing them: which names and converter attributes each minor release has.

The public names are in the generated ``_api`` modules of a wheel (and, for ``tf.keras`` since 2.6, in the keras wheel it depends on);
the attributes of the TensorFlow Lite converters are the ones their classes assign in ``lite/python/lite.py``. Downloads about 4 GB
through pip, one wheel at a time.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Minor release -> (package, version, a Python it has a wheel for, the keras wheel that provides tf.keras).
RELEASES = {
    "1.15": ("tensorflow-cpu", "1.15.0", "3.7", ""),
    "2.0": ("tensorflow", "2.0.0", "3.7", ""),
    "2.1": ("tensorflow-cpu", "2.1.0", "3.7", ""),
    "2.2": ("tensorflow-cpu", "2.2.0", "3.8", ""),
    "2.3": ("tensorflow-cpu", "2.3.0", "3.8", ""),
    "2.4": ("tensorflow-cpu", "2.4.0", "3.8", ""),
    "2.5": ("tensorflow-cpu", "2.5.0", "3.8", ""),
    "2.6": ("tensorflow-cpu", "2.6.0", "3.9", "2.6.0"),
    "2.7": ("tensorflow-cpu", "2.7.0", "3.9", "2.7.0"),
    "2.8": ("tensorflow-cpu", "2.8.0", "3.9", "2.8.0"),
    "2.9": ("tensorflow-cpu", "2.9.0", "3.9", "2.9.0"),
    "2.10": ("tensorflow-cpu", "2.10.0", "3.9", "2.10.0"),
    "2.11": ("tensorflow-cpu", "2.11.0", "3.9", "2.11.0"),
    "2.12": ("tensorflow-cpu", "2.12.0", "3.11", "2.12.0"),
    "2.13": ("tensorflow-cpu", "2.13.0", "3.11", "2.13.1"),
    "2.14": ("tensorflow-cpu", "2.14.0", "3.11", "2.14.0"),
    "2.15": ("tensorflow-cpu", "2.15.0", "3.11", "2.15.0"),
    "2.16": ("tensorflow-cpu", "2.16.1", "3.11", "3.3.3"),
    "2.17": ("tensorflow-cpu", "2.17.0", "3.11", "3.5.0"),
    "2.18": ("tensorflow-cpu", "2.18.0", "3.11", "3.6.0"),
    "2.19": ("tensorflow-cpu", "2.19.0", "3.11", "3.9.0"),
    "2.20": ("tensorflow-cpu", "2.20.0", "3.11", "3.11.0"),
    "2.21": ("tensorflow-cpu", "2.21.0", "3.11", "3.15.1"),
}

# Names of TensorFlow 1 and early 2 that deployment code still uses, with what took their place ("" where nothing did).
NAMES = {
    "tf.contrib": "",
    "tf.estimator": "tf.keras and tf.saved_model.save",
    "tf.Session": "tf.compat.v1.Session",
    "tf.InteractiveSession": "tf.compat.v1.InteractiveSession",
    "tf.placeholder": "tf.compat.v1.placeholder, or tf.function with an input_signature",
    "tf.ConfigProto": "tf.compat.v1.ConfigProto",
    "tf.GPUOptions": "tf.compat.v1.GPUOptions",
    "tf.GraphDef": "tf.compat.v1.GraphDef",
    "tf.MetaGraphDef": "tf.compat.v1.MetaGraphDef",
    "tf.gfile": "tf.io.gfile",
    "tf.py_func": "tf.numpy_function",
    "tf.get_default_graph": "tf.compat.v1.get_default_graph",
    "tf.reset_default_graph": "tf.compat.v1.reset_default_graph",
    "tf.global_variables_initializer": "tf.compat.v1.global_variables_initializer",
    "tf.get_variable": "tf.compat.v1.get_variable",
    "tf.variable_scope": "tf.compat.v1.variable_scope",
    "tf.tables_initializer": "tf.compat.v1.tables_initializer",
    "tf.parse_example": "tf.io.parse_example",
    "tf.parse_single_example": "tf.io.parse_single_example",
    "tf.FixedLenFeature": "tf.io.FixedLenFeature",
    "tf.read_file": "tf.io.read_file",
    "tf.decode_base64": "tf.io.decode_base64",
    "tf.decode_raw": "tf.io.decode_raw",
    "tf.app": "tf.compat.v1.app",
    "tf.flags": "tf.compat.v1.flags",
    "tf.logging": "tf.compat.v1.logging",
    "tf.layers": "tf.keras.layers",
    "tf.to_float": "tf.cast",
    "tf.image.resize_images": "tf.image.resize",
    "tf.image.resize_bilinear": "tf.image.resize",
    "tf.image.resize_nearest_neighbor": "tf.image.resize",
    "tf.train.Saver": "tf.compat.v1.train.Saver, or tf.train.Checkpoint",
    "tf.train.import_meta_graph": "tf.compat.v1.train.import_meta_graph",
    "tf.train.write_graph": "tf.io.write_graph",
    "tf.train.MonitoredTrainingSession": "tf.compat.v1.train.MonitoredTrainingSession",
    "tf.graph_util.convert_variables_to_constants": "tf.compat.v1.graph_util.convert_variables_to_constants",
    "tf.graph_util.extract_sub_graph": "tf.compat.v1.graph_util.extract_sub_graph",
    "tf.graph_util.remove_training_nodes": "tf.compat.v1.graph_util.remove_training_nodes",
    "tf.saved_model.simple_save": "tf.saved_model.save",
    "tf.saved_model.builder": "tf.saved_model.save",
    "tf.saved_model.Builder": "tf.saved_model.save",
    "tf.saved_model.loader": "tf.saved_model.load",
    "tf.saved_model.build_signature_def": "tf.saved_model.save(..., signatures=)",
    "tf.saved_model.predict_signature_def": "tf.saved_model.save(..., signatures=)",
    "tf.saved_model.build_tensor_info": "tf.saved_model.save(..., signatures=)",
    "tf.saved_model.signature_def_utils": "tf.saved_model.save(..., signatures=)",
    "tf.saved_model.signature_constants": "tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY",
    "tf.saved_model.tag_constants": "tf.saved_model.SERVING",
    "tf.saved_model.utils": "tf.saved_model.save(..., signatures=)",
    "tf.saved_model.main_op": "tf.saved_model.save",
    "tf.lite.TocoConverter": "tf.lite.TFLiteConverter",
    "tf.lite.toco_convert": "tf.lite.TFLiteConverter",
    "tf.lite.constants": "tf.float32, tf.uint8",
    "tf.lite.OpHint": "",
    "tf.lite.experimental.convert_op_hints_to_stubs": "",
    "tf.lite.experimental.get_potentially_supported_ops": "",
    "tf.lite.TFLiteConverter.from_frozen_graph": "tf.lite.TFLiteConverter.from_saved_model",
    "tf.lite.TFLiteConverter.from_session": "tf.lite.TFLiteConverter.from_concrete_functions",
    "tf.lite.TFLiteConverter.from_keras_model_file": "tf.lite.TFLiteConverter.from_keras_model",
    "tf.keras.experimental": "",
    "tf.keras.experimental.export_saved_model": "model.export",
    "tf.keras.experimental.load_from_saved_model": "tf.saved_model.load",
    "tf.keras.estimator": "",
    "tf.keras.backend.get_session": "tf.compat.v1.keras.backend.get_session up to 2.15",
    "tf.keras.backend.set_session": "tf.compat.v1.keras.backend.set_session up to 2.15",
    "tf.keras.backend.set_learning_phase": "the training argument of a call",
    "tf.keras.backend.learning_phase": "the training argument of a call",
    "tf.keras.utils.multi_gpu_model": "tf.distribute.MirroredStrategy",
    "tf.keras.wrappers.scikit_learn": "scikeras",
}

# The class that `tf.lite.TFLiteConverter` and `tf.compat.v1.lite.TFLiteConverter` hand out, by the constructor used.
CONVERTERS = {
    "v2": ("TFLiteConverterV2", "TFLiteSavedModelConverterV2", "TFLiteKerasModelConverterV2"),
    "v1": ("TFLiteConverter", "TFLiteSavedModelConverter", "TFLiteKerasModelConverter"),
    "target_spec": ("TargetSpec",),
}


@dataclass
class Release:
    """The names one minor release has."""

    minor: str
    modules: dict[str, set[str]] = field(default_factory=dict)
    """Public names by module, relative to ``tf``: ``""``, ``lite``, ``keras.backend``, and for TensorFlow 1 the same."""

    attributes: dict[str, set[str]] = field(default_factory=dict)
    constructors: set[str] = field(default_factory=set)
    """Methods of the class that ``tf.lite.TFLiteConverter`` is."""

    def has(self, name: str) -> bool:
        parts = name.split(".")[1:]
        if parts[:2] == ["lite", "TFLiteConverter"] and len(parts) == 3:
            return parts[2] in self.constructors
        return parts[-1] in self.modules.get(".".join(parts[:-1]), set())


def _public(source: str) -> set[str]:
    """The names a generated API module binds: its imports, and its assignments for what it loads lazily."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def _assigned(classes: dict[str, ast.ClassDef], name: str) -> set[str]:
    """The attributes a class and its bases in the same file assign on ``self``, and the properties `__setattr__` handles."""
    found: set[str] = set()
    for node in ast.walk(classes[name]):
        if isinstance(node, ast.Assign):
            targets = [target for target in node.targets if isinstance(target, ast.Attribute)]
            found |= {target.attr for target in targets if isinstance(target.value, ast.Name) and target.value.id == "self"}
        if isinstance(node, ast.FunctionDef) and node.name == "__setattr__":
            found |= {
                test.comparators[0].value
                for test in ast.walk(node)
                if isinstance(test, ast.Compare)
                and isinstance(test.comparators[0], ast.Constant)
                and isinstance(test.comparators[0].value, str)
            }
    for base in classes[name].bases:
        if isinstance(base, ast.Name) and base.id in classes:
            found |= _assigned(classes, base.id)
    return found


def _wheel(folder: Path, package: str, version: str, python: str) -> zipfile.ZipFile:
    target = folder / f"{package}-{version}"
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--python-version", python]
    subprocess.run([*pip, "-d", str(target), f"{package}=={version}"], check=True, stderr=subprocess.DEVNULL)
    return zipfile.ZipFile(next(target.glob("*.whl")))


def _read_keras(wheel: zipfile.ZipFile, release: Release) -> None:
    """The ``tf.keras`` names of a wheel: below ``_v1`` or ``_v2`` for Keras 2, ``_tf_keras`` for Keras 3."""
    generation = "_v1/keras/" if release.minor.startswith("1.") else "_v2/keras/"
    for member in wheel.namelist():
        _, _, tail = member.partition(generation if generation in member else "_tf_keras/keras/")
        if tail.endswith("__init__.py"):
            module = ".".join(["keras", *tail.split("/")[:-1]])
            release.modules.setdefault(module, set()).update(_public(wheel.read(member).decode()))


def read(minor: str, folder: Path) -> Release:
    package, version, python, keras = RELEASES[minor]
    release = Release(minor)
    generation = "v1" if minor.startswith("1.") else "v2"
    with _wheel(folder, package, version, python) as wheel:
        for member in wheel.namelist():
            _, found, tail = member.partition(f"/_api/{generation}/")
            if found and tail in (f"{generation}.py", "__init__.py"):
                release.modules.setdefault("", set()).update(_public(wheel.read(member).decode()))
            elif found and tail.endswith("/__init__.py") and not tail.startswith("compat/"):
                release.modules[".".join(tail.split("/")[:-1])] = _public(wheel.read(member).decode())
            elif member.endswith("/lite/python/lite.py"):
                classes = {node.name: node for node in ast.parse(wheel.read(member)).body if isinstance(node, ast.ClassDef)}
                for key, names in CONVERTERS.items():
                    release.attributes[key] = set().union(*(_assigned(classes, name) for name in names if name in classes))
                maker = classes["TFLiteConverterV2" if generation == "v2" else "TFLiteConverter"]
                release.constructors = {node.name for node in maker.body if isinstance(node, ast.FunctionDef)}
        if not keras:
            _read_keras(wheel, release)
    if keras:
        with _wheel(folder, "keras", keras, python) as wheel:
            _read_keras(wheel, release)
    return release


def _span(present: list[tuple[str, bool]]) -> tuple[str | None, str | None]:
    """The first release that has something, and the first without it after the last that has; None for the first of all and for none.

    A gap in between counts as present: `experimental_new_quantizer` was private from 2.2 to 2.4.
    """
    having = [index for index, (_, there) in enumerate(present) if there]
    first, after = having[0], having[-1] + 1
    return (present[first][0] if first else None), (present[after][0] if after < len(present) else None)


def tables() -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    with tempfile.TemporaryDirectory() as temporary:
        releases = []
        for minor in RELEASES:
            folder = Path(temporary, minor)
            releases.append(read(minor, folder))
            subprocess.run(["rm", "-rf", str(folder)], check=True)
            print(minor, file=sys.stderr)
    source = {
        "source": "read from the released wheels, tools/tensorflow_history.py",
        "versions": {"tensorflow": [release[1] for release in RELEASES.values()]},
    }

    rows = []
    for key in CONVERTERS:
        for name in sorted(set().union(*(release.attributes[key] for release in releases))):
            if name.startswith("_") and not name.startswith("_experimental"):
                continue
            since, until = _span(
                [(release.minor, name in release.attributes[key]) for release in releases if release.minor != "1.15"] or []
            )
            rows.append({"of": key, "name": name, "since": since, "until": until})
    what = (
        "attributes of the converters (of: v2 tf.lite.TFLiteConverter, v1 tf.compat.v1.lite.TFLiteConverter) and of tf.lite.TargetSpec; "
        "since = first minor release that has it (null: 2.0 or earlier), until = first that has not (null: 2.21 still has it)"
    )
    yield "converter_attributes", {"what": what, **source}, rows

    rows = []
    for name, replacement in NAMES.items():
        there = [(release.minor, release.has(name)) for release in releases]
        if not any(has for _, has in there) or there[-1][1]:
            raise ValueError(f"{name}: in no release, or still in the last")
        _, until = _span(there)
        rows.append({"name": name, "until": until, "replacement": replacement})
    what = "names of tf that a later release no longer has; until = first minor release without it"
    yield "removed_apis", {"what": what, **source}, rows
