"""Export: saving and exporting in a form that what comes next cannot load."""

from __future__ import annotations

from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile

KERAS = "{tensorflow.keras,keras}"
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


def legacy_keras(file: PythonFile) -> bool:
    """The code asks for Keras 2 through the environment: tf.keras then is tf_keras."""
    return "TF_USE_LEGACY_KERAS" in file.text


def suffix_missing(path: Value) -> bool:
    """The path is certainly one that Keras 3 neither saves to nor reads: no `.keras`, `.h5` or `.hdf5` at its end."""
    text = path.text
    if text is not None:
        return not text.endswith(SUFFIXES) and not text.startswith("hf://")
    pieces = path.pieces
    # ``f"{root}/export/1"``: the end is known and has no suffix of its own.
    last = pieces[-1] if pieces and path.certain else None
    return last is not None and "/" in last and not last.endswith(SUFFIXES)


def saves_as_directory(call: Call) -> bool:
    """`zipped=False` makes Keras 3 write a folder."""
    return not call.argument("zipped").missing
