"""Export: saving and exporting in a form that what comes next cannot load."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Fix, Project
from deplint.code.edit import rename
from deplint.code.facts import Call, Name, Value
from deplint.code.keras import KERAS as KERAS
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile
from deplint.data import load
from deplint.settings.variables import switched_on

KERAS_MODEL = (
    KERAS + ".{models.,}{Model,Sequential}()",
    KERAS + ".applications.**()",
    KERAS + ".models.{load_model,model_from_json,clone_model}()",
    KERAS + ".saving.load_model()",
)
"""Calls that give a Keras model, instances of the project's subclasses included."""

KERAS3 = {"tensorflow": "2.16", "keras": "3.0"}
"""tf.keras is Keras 3 since TensorFlow 2.16 (wheel metadata: 2.15 requires keras<2.16, 2.16.1 requires keras>=3.0.0)."""

SUFFIXES = (".keras", ".h5", ".hdf5")


def onnx_exporters(call: Call, project: Project) -> tuple[str, ...]:
    """Which of the two exporters `torch.onnx.export` runs; both where that is not certain."""
    dynamo, fallback = call.argument("dynamo"), call.argument("fallback")
    newer = project.versions.allows("torch", call, since="2.9") if dynamo.missing else None
    if dynamo.python() is False or newer is False:
        return ("torchscript",)
    if (dynamo.python() is True or newer) and (fallback.missing or fallback.python() is False):
        return ("dynamo",)
    return "torchscript", "dynamo"


def legacy_keras(file: PythonFile) -> bool:
    """The environment asks for Keras 2, be it set by the code or by what starts the program: tf.keras then is tf_keras."""
    said = file.mentions("TF_USE_LEGACY_KERAS", importers=True)
    return said or (file.project is not None and switched_on("TF_USE_LEGACY_KERAS", file.project, file))


def suffix_missing(path: Value) -> bool:
    """The path is certainly one that Keras 3 neither saves to nor reads: no `.keras`, `.h5` or `.hdf5` at its end."""
    text = path.text
    if text is not None:
        return not text.endswith(SUFFIXES) and not text.startswith("hf://")
    # ``f"{root}/export/1"``: the end is known and has no suffix of its own.
    last = path.fixed[-1] if path.fixed else None
    return last is not None and "/" in last and not last.endswith(SUFFIXES)


def saves_as_directory(call: Call) -> bool:
    """`zipped=False` makes Keras 3 write a folder."""
    return not call.argument("zipped").missing


def removed_names(file: PythonFile, project: Project, *patterns: str) -> Iterator[Finding]:
    """Uses of names that TensorFlow no longer has (`removed_apis`), of those that match: one finding a name, at its first use."""
    rows = {row["name"].replace("tf.", "tensorflow.", 1): row for row in load("removed_apis")["rows"] if row["until"]}
    wanted = matcher(*patterns)
    first: dict[str, tuple[Name, int]] = {}
    for use in file.names("tensorflow.**"):
        # The longest row that the name starts with: ``tf.keras.experimental.export_saved_model`` before ``tf.keras.experimental``.
        parts = use.dotted.split(".")
        name = next((n for k in range(len(parts), 1, -1) if (n := ".".join(parts[:k])) in rows), None)
        if name is not None and wanted(name) and not use.guarded and use.file is file and not file.caught(use, name):
            known = first.get(name)
            first[name] = (known[0] if known else use, known[1] + 1 if known else 1)
    for name, (use, count) in first.items():
        row = rows[name]
        if not project.versions.holds({"tensorflow": row["until"]}, {}, use):
            continue
        more = f" ({count} uses in this file)" if count > 1 else ""
        yield Finding(
            use,
            f"{row['name']} does not exist since TensorFlow {row['until']}: {_error(use)}{more}",
            help=f"use {row['replacement']}" if row["replacement"] else "",
            fix=_compatible(use, name, row["replacement"]),
        )


def _error(use: Name) -> str:
    """``from tensorflow.contrib.util import x`` fails another way than ``tf.contrib.util.x``."""
    return "ImportError" if isinstance(use.node, (ast.alias, ast.Import, ast.ImportFrom)) else "AttributeError"


def _compatible(use: Name, name: str, replacement: str) -> Fix | None:
    """The same thing under ``tf.compat.v1`` is a certain remedy."""
    same = name.replace("tensorflow.", "tf.compat.v1.", 1)
    if replacement != same:
        return None
    edits = rename(use, use.dotted.replace("tensorflow.", "tensorflow.compat.v1.", 1))
    return Fix(f"use {same}", edits) if edits else None
