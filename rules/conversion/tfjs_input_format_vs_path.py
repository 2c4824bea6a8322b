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

References: checked with tensorflowjs 4.22.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
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
        end = next((suffix for suffix in REFUSED.get(kind, ()) if path.masked.lower().endswith(suffix)), None)
        if end is None or (path.text and project.resolve(f"{path.text}/saved_model.pb", script)):  # a folder of that name
            continue
        yield Finding(
            path,
            f"--input_format={kind} does not read a {end} file",
            help=f"say {MEANT[end]}",
        )
