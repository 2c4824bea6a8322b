"""Arguments that tensorflowjs_converter does not take.

The converter takes one path to read and one to write, and flags that changed with its releases: ``unrecognized arguments: c``, ``argument
--input_format: invalid choice: 'tf_session_bundle'``. A path with blanks in it has to be quoted; after the backslash that continues a line
nothing may follow, not even a blank.

```sh bad
tensorflowjs_converter --input_format=keras My Models/net.h5 public/model # <-
tensorflowjs_converter --input_format=tf_session_bundle exported public/model # <-
tensorflowjs_converter --output_json=true exported public/model # <-
tensorflowjs_converter --input_format=keras net.h5 # <-
```

```sh good
tensorflowjs_converter --input_format=keras "My Models/net.h5" public/model
tensorflowjs_converter --input_format=tf_saved_model --signature_name=serving_default exported public/model
tensorflowjs_converter --quantize_float16 '*' exported public/model
tensorflowjs_converter --input_format=$FORMAT $PATHS
tensorflowjs_converter --version
```

References: tensorflowjs 4.22, `converters/converter.py`, `get_arg_parser`; run.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.scripts import Script
from deplint.settings.text import HOLE

from . import flag_value, tfjs_flags

FLAGS = frozenset(
    "--" + name
    for name in """control_flow_v2 experiments help input_format metadata output_format output_node_names quantization_bytes
    quantize_float16 quantize_uint16 quantize_uint8 saved_model_tags signature_name skip_op_check split_weights_by_layer strip_debug_ops
    use_structured_outputs_names version weight_shard_size_bytes""".split()  # noqa: SIM905
)
CHOICES = {
    "--input_format": ("keras", "keras_keras", "keras_saved_model", "tf_saved_model", "tf_hub", "tf_frozen_model", "tfjs_layers_model"),
    "--output_format": ("tfjs_graph_model", "tfjs_layers_model", "keras", "keras_keras", "keras_saved_model"),
}


@rule(
    "DPL839",
    severity="error",
    leaves=["B.2.2", "B.2.1"],
    since={"tensorflowjs": "2.0"},
    see=[
        "https://stackoverflow.com/questions/56486056",
        "https://stackoverflow.com/questions/57320887",
        "https://github.com/tensorflow/tfjs/blob/master/tfjs-converter/python/tensorflowjs/converters/converter.py",
    ],
)
def tfjs_converter_arguments(script: Script) -> Iterator[Finding]:
    for command in script.commands:
        given = tfjs_flags(command.words)
        if given is None or {"-h", "--help", "-v", "--version"} & set(given[0]):
            continue
        flags, paths = given
        for name, word in flags.items():
            if HOLE in name or not name.startswith("--"):
                continue
            known = [flag for flag in FLAGS if flag.startswith(name)]
            if not known:
                yield Finding(
                    word, f"tensorflowjs_converter does not know {name}: unrecognized arguments", help="see tensorflowjs_converter --help"
                )
            value = flag_value(word)
            choices = CHOICES.get(name, ())
            if choices and HOLE not in value and value not in choices:
                yield Finding(
                    word, f"{name} {value} is none of tensorflowjs_converter's: invalid choice", help=f"it is one of {', '.join(choices)}"
                )
        if len(paths) > 2:
            yield Finding(
                paths[2],
                "tensorflowjs_converter takes two paths, this is one more: unrecognized arguments",
                help="quote a path with blanks in it; nothing may follow the backslash that continues a line",
            )
        elif len(paths) == 1 and flags:
            yield Finding(
                paths[0],
                "tensorflowjs_converter is not told where to write: Missing output_path argument",
                help="give a folder after the input",
            )
