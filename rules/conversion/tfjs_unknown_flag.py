"""A flag that tensorflowjs_converter does not know.

Flags of earlier releases, of other converters or with a slip of the pen stop it: ``unrecognized arguments: --output_json=true``.

```sh bad
tensorflowjs_converter --input_format=keras --output_json=true net.h5 public/model # <-
tensorflowjs_converter --input_format=tf_saved_model --quantize_int8 exported public/model # <-
```

```sh good
tensorflowjs_converter --input_format=keras --quantize_uint8="*" net.h5 public/model
tensorflowjs_converter --input_format=tf_saved_model --signature_name=serving_default --output_node=x exported public/model
tensorflowjs_converter --help
```

References: tensorflowjs 4.22, `get_arg_parser` in `converters/converter.py`, executed (`tests/claims/test_tfjs_converter.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.scripts import Script
from deplint.settings.text import HOLE

from . import tfjs_flags

KNOWN = frozenset(
    """
    --control_flow_v2 --experiments --help --input_format --metadata --output_format --output_node_names --quantization_bytes
    --quantize_float16 --quantize_uint16 --quantize_uint8 --saved_model_tags --signature_name --skip_op_check --split_weights_by_layer
    --strip_debug_ops --use_structured_outputs_names --version --weight_shard_size_bytes
    """.split()  # noqa: SIM905 (a list of words reads better as words)
)
"""The flags of 4.22; argparse takes any beginning of one."""


@rule(
    "DPL658",
    severity="error",
    leaves=["B.2.2"],
    since={"tensorflowjs": "4.22"},
    see=["https://github.com/tensorflow/tfjs/blob/master/tfjs-converter/python/tensorflowjs/converters/converter.py"],
)
def tfjs_unknown_flag(script: Script, project: Project) -> Iterator[Finding]:
    for command in script.commands:
        given = tfjs_flags(command.words)
        for name, word in given[0].items() if given is not None else ():
            if name.startswith("--") and HOLE not in name and not any(flag.startswith(name) for flag in KNOWN):
                yield Finding(
                    word,
                    f"tensorflowjs_converter has no flag {name}: unrecognized arguments",
                    help="--quantize_uint8, --quantize_uint16 and --quantize_float16 make it smaller; --help shows the flags",
                )
