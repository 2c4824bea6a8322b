"""A parsing receiver that is given tensors where it wants descriptions of features.

`build_parsing_serving_input_receiver_fn` and `tf.io.parse_example` take a dictionary of `tf.io.FixedLenFeature`, `VarLenFeature` and
their like, which say how serialized examples are parsed. A placeholder is an input of its own: ``ValueError: Invalid feature
times:Tensor("times:0")``, in TensorFlow 2 ``Unsupported SymbolicTensor``.

```python bad
import tensorflow as tf

spec = {"times": tf.compat.v1.placeholder(tf.float32, name="times")}
receiver = tf.estimator.export.build_parsing_serving_input_receiver_fn(spec)  # <-
```

```python good
import tensorflow as tf

spec = {"times": tf.io.FixedLenFeature([], tf.float32)}
receiver = tf.estimator.export.build_parsing_serving_input_receiver_fn(spec)
raw = tf.estimator.export.build_raw_serving_input_receiver_fn({"times": tf.compat.v1.placeholder(tf.float32)})
columns = tf.estimator.export.build_parsing_serving_input_receiver_fn(tf.feature_column.make_parse_example_spec(features))
```

References: executed with TensorFlow 2.21 (`tests/claims/test_parsing.py`); TensorFlow 1's message is in the question.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.values import Truth

TENSORS = ("tensorflow.{compat.v1.,}placeholder()", "tensorflow.keras.{layers.,}Input()", "tensorflow.{constant,zeros,ones,Variable}()")


@rule(
    "DPL140",
    severity="error",
    leaves=["S.2.3", "S.4.7"],
    see=["https://www.tensorflow.org/api_docs/python/tf/io/parse_example", "https://stackoverflow.com/q/47192813"],
)
def parsing_receiver_features(file: PythonFile) -> Iterator[Finding]:
    receivers = file.calls("tensorflow.**.build_parsing_serving_input_receiver_fn")
    parsers = file.calls("tensorflow.{compat.v1.,}{io.,}{parse_example,parse_single_example}")
    specifications = [call.argument("feature_spec", 0) for call in receivers] + [call.argument("features", 1) for call in parsers]
    for specification in specifications:
        for _, feature in specification.entries or ():
            if feature.is_(*TENSORS) is Truth.yes:
                yield Finding(
                    feature,
                    "a tensor stands where the description of a feature is wanted: ValueError: Invalid feature",
                    help="use tf.io.FixedLenFeature or VarLenFeature, or build_raw_serving_input_receiver_fn for tensors",
                )
