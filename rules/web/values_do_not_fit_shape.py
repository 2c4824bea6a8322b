"""Values that do not make a tensor of the shape they are given.

The number of values is the product of the sizes: ``Based on the provided shape, [1,28,28], the tensor should have 784
values but has 100``, ``Tensor's size(784) does not match data length(100).`` Flat values need a shape, nested ones need
the right depth, and TensorFlow.js knows few typed arrays.

```js bad path=src/tensors.js
import * as tf from '@tensorflow/tfjs';

const side = 28;
const pixels = new Float32Array(side * side * 4);
tf.tensor3d(pixels, [side, side, 3]); // <-
tf.tensor4d([1, 2, 3, 4], [1, 2, 2]); // <-
tf.tensor2d(new Float32Array(8)); // <-
tf.tensor1d([[1, 2]]); // <-
tf.tensor(new Float64Array(3)); // <-
tf.zeros([2, 3]).reshape([4, 2]); // <-
```

ONNX Runtime wants flat data and the type of numbers.

```js bad path=src/ort.js
import { Tensor } from 'onnxruntime-web';

new Tensor('float32', new Float32Array(4 * 64 * 64), [1, 3, 64, 64]); // <-
new Tensor('float32', [[1, 2], [3, 4]], [2, 2]); // <-
new Tensor([1, 2, 3], [3]); // <-
const { data } = context.getImageData(0, 0, 64, 64);
new Tensor('float32', Float32Array.from(data), [1, 3, 64, 64]); // <-
```

```js good path=src/tensors.js
import * as tf from '@tensorflow/tfjs';
import { Tensor } from 'onnxruntime-web';

const side = 28;
const pixels = new Float32Array(side * side * 3);
tf.tensor3d(pixels, [side, side, 3]);
tf.tensor2d([[1, 2], [3, 4]]);
tf.tensor2d([1, 2, 3, 4], [2, 2]);
tf.tensor2d(rows);
tf.tensor(flat, [count, 3]);
tf.tensor1d(values);
const points = [];
for (const value of values) points.push(value);
tf.tensor(points).reshape([1, 4]);
tf.zeros([2, 3]).reshape([-1, 2]);
new Tensor('float32', Float32Array.from(values), [1, 3, 64, 64]);
new Tensor('int64', [1n, 2n], [2]);
new Tensor([true, false]);
```

References: checked with TensorFlow.js 4.22 and onnxruntime-web 1.27.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.tensors import Dims, array, length, listed, nested, shape, written
from deplint.apps.web import handler
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node

TAKEN = frozenset({"Float32Array", "Int32Array", "Uint8Array", "Uint8ClampedArray"})
"""The typed arrays TensorFlow.js makes tensors of."""


@rule(
    "DPL843",
    severity="error",
    leaves=["B.6.3", "B.6.4"],
    see=["https://js.tensorflow.org/api/4.22.0/#tensor", "https://onnxruntime.ai/docs/api/js/interfaces/TensorConstructor.html"],
)
def values_do_not_fit_shape(file: SourceFile) -> Iterator[Finding]:
    if not file.web:
        return
    for call in file.calls("@tensorflow/tfjs*.{tensor,tensor1d,tensor2d,tensor3d,tensor4d,tensor5d,tensor6d}"):
        what = _tfjs(call)
        if what:
            yield Finding(call, what, help="give it as many values as the shape has, and a shape of the right rank")
    for call in file.calls("onnxruntime-{web,node,react-native,common}.Tensor"):
        ignored = handler(call)
        shown = ignored is not None and re.fullmatch(r"catch\s*(\([^)]*\))?\s*\{\s*\}", ignored.text)  # it shows or tests that this fails
        what = _ort(call) if call.new and not shown else ""
        if what:
            yield Finding(call, what, help="give it a flat typed array of as many values as the shape has")
    for call in file.calls("**.reshape"):
        if not call.name.startswith("@tensorflow/tfjs"):
            continue
        chained = "(" in call.name
        before, after = shape(call.receiver if chained else call.argument(None, 0)), listed(call.argument(None, 0 if chained else 1))
        has, wanted = _product(before), _product(after)
        if before is not None and after is not None and has is not None and wanted is not None and has != wanted:
            yield Finding(
                call,
                f"a tensor of {written(before)} has {has} values, {written(after)} takes {wanted}",
                help="reshape does not add or drop values: resize or slice it",
            )


def _tfjs(call: Call) -> str:
    rank = int(match[1]) if (match := re.fullmatch(r"tensor(\d)d", call.method)) else None
    data = call.argument(None, 0)
    sizes = call.argument(None, 1) if rank != 1 else None
    kind = array(data)
    if kind and kind not in TAKEN:
        return f"TensorFlow.js makes no tensors of a {kind}: this throws"
    given = listed(sizes) if sizes is not None else None
    if rank is not None and given is not None and len(given) != rank:
        return f"{call.method} takes a shape of {rank} sizes, this has {len(given)}"
    depth = nested(data)
    bare = sizes is None or (sizes.value is None and given is None)
    if rank is not None and rank > 1 and bare and (kind or depth == 1):
        return f"{call.method} is given flat values and no shape"
    if rank is not None and depth is not None and depth > 1 and bare and depth != rank:
        return f"{call.method} is given values nested {depth} deep"
    return _count(length(data) if kind or depth == 1 else None, given)


def _ort(call: Call) -> str:
    first = call.argument(None, 0)
    typed = first is not None and isinstance(first.value, str)
    data, sizes = (call.argument(None, 1), call.argument(None, 2)) if typed else (first, call.argument(None, 1))
    depth = nested(data)
    if depth is not None and depth > 1:
        return "the data of a tensor is flat, this is a nested array: this throws"
    if depth == 1 and not typed and isinstance(_first_value(data), (int, float)) and not isinstance(_first_value(data), bool):
        return "an array of numbers does not say what type they are of: this throws"
    return _count(length(data), listed(sizes) if sizes is not None else None)


def _first_value(node: Node | None) -> object:
    value = node.value if node is not None else None
    return value[0] if isinstance(value, list) and value else None


def _count(has: int | None, dims: Dims) -> str:
    wanted = _product(dims)
    if has is None or wanted is None or dims is None or has == wanted:
        return ""
    return f"a tensor of {written(dims)} has {wanted} values, it is given {has}"


def _product(dims: Dims) -> int | None:
    sizes = [dim for dim in dims or () if isinstance(dim, int)]
    return math.prod(sizes) if dims is not None and len(sizes) == len(dims) else None
