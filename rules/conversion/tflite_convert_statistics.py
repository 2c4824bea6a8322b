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
from collections.abc import Iterator, Sequence

from deplint import Finding, rule
from deplint.settings.scripts import Script
from deplint.settings.text import HOLE, Word

PROGRAM = re.compile(r"(?:.*/)?(?:toco|tflite_convert)")
FLAGS = ("--mean_values", "--std_values", "--std_dev_values")


@rule(
    "DPL158",
    severity="error",
    leaves=["M.2.4", "M.2.6"],
    see=["https://github.com/tensorflow/tensorflow/blob/v2.18.0/tensorflow/lite/python/tflite_convert.py"],
)
def tflite_convert_statistics(script: Script) -> Iterator[Finding]:
    for command in script.commands:
        words = list(command.words)
        if not any(PROGRAM.fullmatch(word.masked) for word in words[:3]):
            continue
        inputs = _items(words, "--input_arrays") or _items(words, "--input_array")
        for flag in FLAGS:
            given = _items(words, flag)
            if inputs and given and len(given) != len(inputs):
                yield Finding(
                    words[0],
                    f"{flag} has {len(given)} and --input_arrays {len(inputs)}: both must have the same number of items",
                    help="give one for each input, or leave the flag out where the model is not quantized",
                )
                break


def _items(words: Sequence[Word], flag: str) -> list[str]:
    """What a flag lists; nothing where it is not given, or not known."""
    for number, word in enumerate(words):
        text = word.masked
        value = text.partition("=")[2] if text.startswith(f"{flag}=") else None
        if text == flag and number + 1 < len(words):
            value = words[number + 1].masked
        if value is not None:
            return [] if HOLE in value else [item for item in value.strip("'\"").split(",") if item.strip()]
    return []
