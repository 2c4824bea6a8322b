"""A function that decodes one picture, given a batch of them.

`decode_jpeg`, `decode_png` and `decode_image` take the bytes of one picture. What a server hands over is a vector: a
placeholder of shape ``[None]``, what `parse_example` gave. ``ValueError: Shape must be rank 0 but is rank 1 for
'DecodeJpeg'``; `tf.map_fn` goes through the batch.

```python bad
import tensorflow as tf

class Server(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def serve(self, pictures):
        return tf.io.decode_jpeg(pictures, channels=3)  # <-

example = tf.io.parse_example(tf.compat.v1.placeholder(tf.string, shape=[None]), {"x": tf.io.FixedLenFeature([], tf.string)})
picture = tf.image.decode_png(example["x"], channels=1)  # <-
```

```python good
import tensorflow as tf

class Server(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def serve(self, pictures):
        return tf.map_fn(lambda one: tf.io.decode_jpeg(one, channels=3), pictures, fn_output_signature=tf.uint8)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def single(self, picture):
        return tf.io.decode_jpeg(picture)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def first(self, pictures):
        return tf.io.decode_jpeg(pictures[0])

one = tf.io.parse_single_example(b"", {"x": tf.io.FixedLenFeature([], tf.string)})
tf.image.decode_png(one["x"])
```

References: checked with TensorFlow 2.21 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile

DECODE = "tensorflow.{io,image}.{decode_jpeg,decode_png,decode_image,decode_gif,decode_bmp,decode_and_crop_jpeg}"
PLACEHOLDER = "tensorflow.compat.v1.placeholder"


@rule(
    "DPL619",
    severity="error",
    leaves=["S.6.3", "S.2.3"],
    see=["https://www.tensorflow.org/api_docs/python/tf/io/decode_jpeg", "https://stackoverflow.com/q/47337528"],
)
def decode_of_batch(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(DECODE):
        contents = call.argument("contents", 0) if not call.argument("contents", 0).missing else call.argument("image", 0)
        if not call.guarded and (_vector(contents) or _declared(call)):
            yield Finding(
                call,
                f"{call.name.rpartition('.')[2]} takes the bytes of one picture and is given a batch: Shape must be rank 0 but is rank 1",
                help="go through the batch: tf.map_fn(decode, pictures, fn_output_signature=tf.uint8)",
            )


def _vector(value: Value) -> bool:
    """A placeholder for many texts, or what `parse_example` made of many."""
    operation = value.operation
    if operation is not None and operation[0] == "[]":
        parsed = operation[1].origin
        return parsed is not None and parsed.name in ("tensorflow.io.parse_example", "tensorflow.parse_example")
    made = value.origin
    if made is None or made.name not in (PLACEHOLDER, "tensorflow.placeholder"):
        return False
    return made.argument("shape", 1).python() in ([None], (None,))


def _declared(call: Call) -> bool:
    """Is what is decoded the function's parameter itself, whose `input_signature` says that it is a vector?"""
    function = call.functions[-1].node if call.functions else None
    given = call.node.args[0] if call.node.args else None
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or not isinstance(given, ast.Name):
        return False
    names = [argument.arg for argument in function.args.args if argument.arg != "self"]
    stores = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == given.id and isinstance(n.ctx, ast.Store)]
    for decorator in function.decorator_list if given.id in names and not stores else ():
        match decorator:
            case ast.Call(keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "input_signature" and isinstance(keyword.value, (ast.List, ast.Tuple)):
                        specs = keyword.value.elts
                        at = names.index(given.id)
                        return at < len(specs) and _one_dimension(specs[at])
    return False


def _one_dimension(spec: ast.expr) -> bool:
    if not isinstance(spec, ast.Call):
        return False
    sizes = next((k.value for k in spec.keywords if k.arg == "shape"), spec.args[0] if spec.args else None)
    return isinstance(sizes, (ast.List, ast.Tuple)) and len(sizes.elts) == 1
