"""An attribute set on a TFLite converter that the converter does not have.

Python lets any attribute be set on a converter. One it does not know (`post_training_quantize` and `inference_type`
of TensorFlow 1, `supported_ops` on the converter instead of its `target_spec`, a misspelling) changes nothing, and
the converted model is what it would be without: most often, not quantized.

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.optimization = [tf.lite.Optimize.DEFAULT]  # <-
converter.representative_datasets = samples  # <-
tflite = converter.convert()
```

```python fixed
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples
tflite = converter.convert()
```

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.post_training_quantize = True  # <-
converter.supported_ops = [tf.lite.OpsSet.SELECT_TF_OPS]  # <-
```

Some attributes take lists: ``TypeError: argument of type 'Optimize' is not iterable``.

```python bad
import tensorflow as tf

class Exporter:
    optimize = tf.lite.Optimize.DEFAULT

    def __init__(self, model):
        self.converter = tf.lite.TFLiteConverter.from_keras_model(model)

    def export(self):
        self.converter.optimizations = self.optimize  # <-
        self.converter.target_spec.supported_ops = tf.lite.OpsSet.TFLITE_BUILTINS_INT8  # <-
        self.converter.target_spec.supported_types = tf.float16  # <-
        return self.converter.convert()
```

```python good
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.target_spec.supported_ops = [tf.lite.OpsSet.SELECT_TF_OPS]
converter._experimental_lower_tensor_list_ops = False
converter.exclude_conversion_metadata = True
```

The converter of TensorFlow 1 has these attributes.

```python good
import tensorflow.compat.v1 as tf

converter = tf.lite.TFLiteConverter.from_frozen_graph("g.pb", ["x"], ["y"])
converter.post_training_quantize = True
converter.inference_type = tf.uint8
```

References: the attributes of each release are read from its wheel (`tools/operators.py`); that unknown ones change
nothing was checked with TensorFlow 2.21 (`tests/claims/test_tflite_quantization.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Fix, rule
from deplint.code.edit import replace_attribute
from deplint.code.facts import Assignment
from deplint.code.python import PythonFile
from deplint.code.values import Truth
from deplint.data import load

from ..quantization import CONVERTER

INSTEAD = {
    "post_training_quantize": "converter.optimizations = [tf.lite.Optimize.DEFAULT]",
    "target_ops": "converter.target_spec.supported_ops",
    "inference_type": "optimizations, a representative_dataset and inference_input_type / inference_output_type",
    "quantized_input_stats": "a representative_dataset",
    "default_ranges_stats": "a representative_dataset",
    "quantize_to_float16": "converter.target_spec.supported_types = [tf.float16]",
    "supported_ops": "converter.target_spec.supported_ops",
    "supported_types": "converter.target_spec.supported_types",
    "supported_backends": "converter.target_spec.supported_backends",
    "experimental_select_user_tf_ops": "converter.target_spec.experimental_select_user_tf_ops",
}
"""What to write for names people bring from TensorFlow 1 or put in the wrong place."""


@lru_cache
def known(group: str) -> frozenset[str]:
    """Attributes of the class in any TensorFlow 2 release."""
    return frozenset(row["name"] for row in load("converter_attributes")["rows"] if row["of"] == group)


LISTS = {
    "optimizations": "tensorflow.lite.Optimize.*",
    "target_spec.supported_ops": "tensorflow.lite.OpsSet.*",
    "target_spec.supported_types": "tensorflow.{float16,int8,uint8,bfloat16,dtypes.float16,lite.constants.FLOAT16}",
}
"""Attributes that take lists, and what people set them to in place of a list of it."""


@rule(
    "DPL101",
    severity="error",
    leaves=["M.2.2", "M.2.6"],
    since={"tensorflow": "2.0"},
    see=["https://www.tensorflow.org/api_docs/python/tf/lite/TFLiteConverter#attributes_1"],
)
def unknown_converter_attribute(file: PythonFile) -> Iterator[Finding]:
    for assignment in file.sets(CONVERTER):
        if assignment.guarded:
            continue
        kind = LISTS.get(assignment.path)
        if kind is not None and assignment.value.is_(kind) is Truth.yes:
            yield Finding(
                assignment,
                f"{assignment.path} takes a list, and is set to one value: convert() raises TypeError, it is not iterable",
                help=f"converter.{assignment.path} = [...]",
            )
            continue
        head, _, rest = assignment.path.partition(".")
        group, name = ("target_spec", rest) if head == "target_spec" and rest else ("v2", head)
        if "." in name or name.startswith("_") or name in known(group) or (group == "v2" and rest):
            continue
        near = difflib.get_close_matches(name, known(group), 1, 0.85)
        instead = INSTEAD.get(name, f"converter.{'target_spec.' if group != 'v2' else ''}{near[0]}" if near else "")
        yield Finding(
            assignment,
            f"the TFLite converter has no attribute {assignment.path!r}: setting it changes nothing",
            help=f"use {instead}" if instead else "",
            fix=_rename(assignment, near[0]) if near and name not in INSTEAD else None,
        )


def _rename(assignment: Assignment, name: str) -> Fix | None:
    edits = replace_attribute(assignment, name)
    # What was ignored so far takes effect: meant, but a change.
    return Fix(f"rename to {name}", edits, safe=False) if edits else None
