"""`tf.map_fn` over strings with a function that gives numbers, and no type for the result.

`map_fn` takes the type of what goes in for the type of what comes out. A function that decodes pictures gives numbers for
strings: ``TensorArray dtype is string but Op is trying to write dtype uint8``, ``op elements uint8 but list elements
string``. It is how pictures of a batch are decoded in the graph that is served.

```python bad
import tensorflow as tf

def decode(picture):
    return tf.image.convert_image_dtype(tf.io.decode_jpeg(picture, channels=3), tf.float32)

@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def serve(pictures):
    return model(tf.map_fn(decode, pictures))  # <-

texts = tf.compat.v1.placeholder(tf.string, [None])
images = tf.compat.v1.map_fn(lambda one: tf.image.decode_png(one, channels=1), texts)  # <-
```

```python good
import tensorflow as tf

def decode(picture):
    return tf.image.convert_image_dtype(tf.io.decode_jpeg(picture, channels=3), tf.float32)

def again(picture):
    return tf.io.encode_png(tf.io.decode_jpeg(picture, channels=3))

def name(path):
    return tf.strings.split(path, "/")[-1]

@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def serve(pictures):
    tf.map_fn(decode, pictures, fn_output_signature=tf.float32)
    tf.map_fn(decode, pictures, dtype=tf.float32)
    tf.map_fn(decode, pictures, tf.float32)
    tf.map_fn(again, pictures)
    return tf.map_fn(name, pictures)
```

References: executed with TensorFlow 2.21 (`tests/claims/test_served_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile
from deplint.code.uses import kept

DECODES = matcher("tensorflow.{image,io}.{decode_jpeg,decode_png,decode_image,decode_bmp,decode_gif,decode_raw}", "tensorflow.decode_raw")
TEXTS = matcher("tensorflow.**.{encode_jpeg,encode_png,as_string,serialize_tensor,encode_base64}", "tensorflow.{strings,as_string}**")


@rule(
    "DPL144",
    severity="error",
    leaves=["S.6.3", "S.2.2"],
    see=["https://www.tensorflow.org/api_docs/python/tf/map_fn", "https://stackoverflow.com/q/47337528"],
)
def mapped_without_type(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("tensorflow.{map_fn,compat.v1.map_fn}"):
        typed = [call.argument("dtype", 2), call.argument("fn_output_signature")]
        if call.guarded or call.open or not all(value.missing for value in typed):
            continue
        inside = call.argument("fn", 0).body()
        decoded = [one for one in inside if DECODES(one.name) and one.certain and one.arguments and one.arguments[0].given and kept(one)]
        if decoded and not any(TEXTS(one.name) for one in inside):
            yield Finding(
                call,
                "map_fn takes the type of the strings for that of the decoded pictures: it raises, TensorArray dtype is string",
                help="say what comes out: fn_output_signature=tf.float32 (dtype= in TensorFlow 1)",
            )
