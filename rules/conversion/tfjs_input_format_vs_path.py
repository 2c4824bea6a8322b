"""tensorflowjs_converter told to read another format than the path has.

`--input_format` says what lies at the path, and is `tf_saved_model` unless given: a folder. It is not guessed from
the suffix. A `.keras` or `.h5` file read as a SavedModel ends in ``SavedModel file does not exist at:
gesture.keras``, a `.keras` file read as `keras` (which means HDF5) in ``file signature not found``, an `.h5` file
read as `keras_keras` in ``expected a `.keras` extension``.

```sh bad
pip install tensorflowjs
tensorflowjs_converter --input_format=tf_saved_model exported/gesture.keras public/gesture # <-
tensorflowjs_converter exported/hands.h5 public/hands # <-
python -m tensorflowjs.converters.converter --input_format keras "$MODEL.keras" "$OUT" # <-
```

```sh good
tensorflowjs_converter --input_format=tf_saved_model exported/gesture public/gesture
tensorflowjs_converter --input_format=keras_keras --output_format=tfjs_layers_model exported/gesture.keras public/gesture
tensorflowjs_converter --input_format keras exported/hands.h5 public/hands
tensorflowjs_converter --input_format=tf_frozen_model --output_node_names=y exported/frozen.pb public/frozen
tensorflowjs_converter --input_format="$FORMAT" exported/hands.h5 public/hands
tensorflowjs_converter $OPTIONS exported/hands.h5 public/hands
```

A folder is no file of Keras: one that the project holds or writes as a SavedModel.

```sh bad path=convert.sh
tensorflowjs_converter --input_format=keras --output_format=tfjs_layers_model exported/hands public/hands # <-
```

```python + path=export.py
import tensorflow as tf

def export(model):
    tf.saved_model.save(model, "exported/hands")
```

```sh good path=convert.sh
tensorflowjs_converter --input_format=tf_saved_model exported/hands public/hands
tensorflowjs_converter --input_format=keras exported/others public/hands
```

```python + path=export.py
import tensorflow as tf

def export(model):
    tf.saved_model.save(model, "exported/hands")
```

References: checked with tensorflowjs 4.22.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_naming
from deplint.settings.scripts import Script

from . import tfjs_input

REFUSED = {
    "tf_saved_model": (".keras", ".h5", ".hdf5", ".pb"),
    "keras": (".keras", ".pb"),
    "keras_keras": (".h5", ".hdf5", ".pb"),
    "tf_frozen_model": (".keras", ".h5", ".hdf5"),
}
"""Input format -> suffixes of files that the converter stops at."""

MEANT = {
    ".keras": "--input_format=keras_keras --output_format=tfjs_layers_model",
    ".h5": "--input_format=keras",
    ".hdf5": "--input_format=keras",
    ".pb": "--input_format=tf_frozen_model for a frozen graph; for a SavedModel name its folder",
}


SAVES = {"tensorflow.saved_model.save": ("export_dir", 1), "{tensorflow.keras,keras}.**().export": ("filepath", 0)}


@rule(
    "DPL106",
    severity="error",
    leaves=["B.2.1"],
    see=[
        "https://github.com/tensorflow/tfjs/tree/master/tfjs-converter#step-1-converting-a-tensorflow-savedmodel-tensorflow-hub-module-keras-hdf5-or-tfkeras-savedmodel-to-a-web-friendly-format"
    ],
)
def tfjs_input_format_vs_path(script: Script, project: Project) -> Iterator[Finding]:
    for command in script.commands:
        given = tfjs_input(command.words)
        if given is None:
            continue
        kind, path = given
        if kind in ("keras", "keras_keras") and path.text and _is_saved_model(path.text, script, project):
            yield Finding(
                path,
                f"--input_format={kind} reads a file of Keras, and {path.text} is a SavedModel's folder",
                help="say --input_format=tf_saved_model --output_format=tfjs_graph_model",
            )
            continue
        end = next((suffix for suffix in REFUSED.get(kind, ()) if path.masked.lower().endswith(suffix)), None)
        if end is None or (path.text and project.resolve(f"{path.text}/saved_model.pb", script)):  # a folder of that name
            continue
        yield Finding(
            path,
            f"--input_format={kind} does not read a {end} file",
            help=f"say {MEANT[end]}",
        )


def _is_saved_model(path: str, script: Script, project: Project) -> bool:
    """The project holds a SavedModel at the path, or code beside the script writes one there and nothing else."""
    if project.resolve(f"{path}/saved_model.pb", script):
        return True
    wanted = posixpath.normpath(path)
    area = project.area(script)
    saved = False
    for file in files_naming(project, posixpath.basename(wanted), area):
        given = [call.argument(*where) for pattern, where in SAVES.items() for call in file.calls(pattern)]
        saved = saved or any(value.text is not None and posixpath.normpath(value.text) == wanted for value in given)
    return saved
