"""Means and deviations for another number of inputs than `tflite_convert` or `toco` is told of.

`--mean_values` and `--std_dev_values` say for each input how whole numbers stand for real ones, so that there is one of each for each of
`--input_arrays`: ``Mismatching --input_arrays, --std_dev_values, and --mean_values. The flags must have the same number of items``; toco
of TensorFlow 1 said ``Check failed: mean_values.size() == model_flags->input_arrays_size()``. A float model needs neither.

```sh bad
toco --input_file=net.pb --output_file=net.tflite --input_arrays=images,phase --output_arrays=probs --mean_values=128 --std_values=128 # <-
tflite_convert --graph_def_file=net.pb --output_file=net.tflite --input_arrays a,b --output_arrays=c --mean_values=0 --std_dev_values=1 # <-
```

```sh good
toco --input_file=net.pb --output_file=net.tflite --input_arrays=images --output_arrays=probs --mean_values=128 --std_values=128
tflite_convert --graph_def_file=net.pb --output_file=net.tflite --input_arrays=a,b --output_arrays=c --mean_values=0,0 --std_dev_values=1,1
tflite_convert --graph_def_file=net.pb --output_file=net.tflite --input_arrays=$INPUTS --output_arrays=c --mean_values=0 --std_dev_values=1
tflite_convert --graph_def_file=net.pb --output_file=net.tflite --input_arrays=a,b --output_arrays=c $OPTIONS
```

References: TensorFlow 2.21, `lite/python/tflite_convert.py`, `_convert_tf1_model`; toco's `model_cmdline_flags.cc` at v1.12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from deplint import Finding, rule
from deplint.settings.scripts import Script
from deplint.settings.text import HOLE, Word

from . import flag_value, flags_of

PROGRAM = re.compile(r"(?:.*/)?(?:toco|tflite_convert)")
STATISTICS = ("--mean_values", "--std_values", "--std_dev_values")


@rule(
    "DPL158",
    severity="error",
    leaves=["M.2.4", "M.2.6"],
    see=["https://github.com/tensorflow/tensorflow/blob/v2.18.0/tensorflow/lite/python/tflite_convert.py"],
)
def tflite_convert_statistics(script: Script) -> Iterator[Finding]:
    for command in script.commands:
        at = next((i for i, word in enumerate(command.words[:3]) if PROGRAM.fullmatch(word.masked)), None)
        given = flags_of(command.words[at + 1 :]) if at is not None else None
        flags = given[0] if given is not None else {}
        inputs = _items(flags, "--input_arrays") or _items(flags, "--input_array")
        for flag in STATISTICS:
            listed = _items(flags, flag)
            if inputs and listed and len(listed) != len(inputs):
                yield Finding(
                    command.words[0],
                    f"{flag} has {len(listed)} and --input_arrays {len(inputs)}: both must have the same number of items",
                    help="give one for each input, or leave the flag out where the model is not quantized",
                )
                break


def _items(flags: Mapping[str, Word], flag: str) -> list[str]:
    """What a flag lists; nothing where it is not given, or not known."""
    value = flag_value(flags[flag]) if flag in flags else HOLE
    return [] if HOLE in value else [item for item in value.strip("'\"").split(",") if item.strip()]
