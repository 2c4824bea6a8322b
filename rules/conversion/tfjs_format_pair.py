"""Formats that tensorflowjs_converter does not convert into each other.

A SavedModel, a frozen graph or a module of TensorFlow Hub becomes a graph model and nothing else; layers come from Keras files alone:
``Unsupported input_format - output_format pair: tf_saved_model - tfjs_layers_model``. For a `.keras` file no output is assumed, so that one
has to be given. A frozen graph does not say what its outputs are: ``The --output_node_names flag is required for "tf_frozen_model"``.

```sh bad
tensorflowjs_converter --input_format=tf_saved_model --output_format=tfjs_layers_model exported public/model # <-
tensorflowjs_converter --input_format keras_keras net.keras public/model # <-
tensorflowjs_converter --input_format=tf_frozen_model frozen.pb public/model # <-
```

```sh good
tensorflowjs_converter --input_format=tf_saved_model --output_format=tfjs_graph_model exported public/model
tensorflowjs_converter --input_format keras_keras --output_format tfjs_layers_model net.keras public/model
tensorflowjs_converter --input_format=keras --output_format=tfjs_graph_model net.h5 public/model
tensorflowjs_converter --input_format=tf_frozen_model --output_node_names=scores frozen.pb public/model
tensorflowjs_converter --input_format=tfjs_layers_model --output_format=keras public/model/model.json net.h5
tensorflowjs_converter --input_format=tf_saved_model --output_format=$FORMAT exported public/model
tensorflowjs_converter --input_format=tf_saved_model --output_format=tfjs_layers_model $OPTIONS exported public/model
```

References: tensorflowjs 4.22, `converters/converter.py`, `_dispatch_converter`; executed (`tests/claims/test_tfjs_converter.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.scripts import Script
from deplint.settings.text import HOLE

from . import flag_value, tfjs_flags

PAIRS = {
    "keras": ("tfjs_layers_model", "tfjs_graph_model"),
    "keras_keras": ("tfjs_layers_model",),
    "keras_saved_model": ("tfjs_layers_model",),
    "tf_saved_model": ("tfjs_graph_model",),
    "tf_hub": ("tfjs_graph_model",),
    "tf_frozen_model": ("tfjs_graph_model",),
    "tfjs_layers_model": ("keras", "keras_keras", "keras_saved_model", "tfjs_layers_model", "tfjs_graph_model"),
}
"""Input format -> the output formats that it can become."""

NO_DEFAULT = ("keras_keras",)


@rule(
    "DPL129",
    severity="error",
    leaves=["B.2.1", "B.2.2", "B.2.4"],
    see=["https://github.com/tensorflow/tfjs/blob/master/tfjs-converter/python/tensorflowjs/converters/converter.py"],
)
def tfjs_format_pair(script: Script) -> Iterator[Finding]:
    for command in script.commands:
        given = tfjs_flags(command.words)
        if given is None or {"-h", "--help", "-v", "--version"} & set(given[0]):
            continue
        flags, _ = given
        source = flag_value(flags["--input_format"]) if "--input_format" in flags else "tf_saved_model"
        target = flag_value(flags["--output_format"]) if "--output_format" in flags else ""
        if HOLE in source + target or source not in PAIRS:
            continue
        if (target and target not in PAIRS[source]) or (not target and source in NO_DEFAULT):
            yield Finding(
                flags.get("--output_format") or flags["--input_format"],
                f"tensorflowjs_converter does not make {target or 'a model without --output_format'} of {source}: "
                "Unsupported input_format - output_format pair",
                help=f"{source} becomes {' or '.join(PAIRS[source])}",
            )
        if source == "tf_frozen_model" and "--output_node_names" not in flags:
            yield Finding(
                flags["--input_format"],
                "a frozen graph is converted without --output_node_names: the converter stops",
                help="name the nodes that are its outputs: --output_node_names=a,b",
            )
