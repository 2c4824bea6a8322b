"""TensorFlow.js: does the layers library load a model, and does a backend load and run a graph model?

The packages are those of the folder ``node_modules`` which is the script's second argument. A SavedModel or a Keras file is converted
first, where the Python that runs this has the converter. A graph model is given zeros, then ones: one of them has to go through.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from serve import serve
from tfjs_runtime import Runtime, question

_RUNNING: dict[str, Runtime] = {}


def answer(path: str, target: str, numeric: bool) -> None:
    kind = target.rpartition("-")[2]
    backend = "cpu" if kind == "layers" else kind
    runtime = _RUNNING.setdefault(backend, Runtime(sys.argv[2], backend))
    with tempfile.TemporaryDirectory() as folder:
        told = runtime.ask({"kind": kind, **question(_converted(path, folder, kind == "layers"))})
    if told["error"]:
        raise RuntimeError(told["error"])


def _converted(path: str, folder: str, layered: bool) -> Path:
    """The ``model.json`` of the model, a layers model if that is asked for."""
    main = Path(path, "model.json") if os.path.isdir(path) else Path(path)
    if main.is_file() and main.suffix == ".json":
        return main
    if not layered:
        from tensorflowjs_graph import convert

        convert(path, folder)
        return Path(folder, "model.json")
    from tensorflowjs.converters import converter

    if path.endswith(".keras"):
        inner = Path(folder, "source")  # the converter unpacks the archive beside it
        inner.mkdir()
        converter.dispatch_keras_keras_to_tfjs_layers_model_conversion(shutil.copy(path, inner), folder)
    elif path.endswith((".h5", ".hdf5")):
        converter.dispatch_keras_h5_to_tfjs_layers_model_conversion(path, folder)
    else:
        raise ValueError("the converter is not asked about this format")
    return Path(folder, "model.json")


serve(answer)
for running in _RUNNING.values():
    running.close()
