"""A method that tensors do not have.

NumPy's and Python's names are not those of TensorFlow.js: ``sum.divide is not a function``. The shape is a property.

```js bad path=src/mean.js
import * as tf from '@tensorflow/tfjs';

export function mean(a, b, video) {
  const half = tf.tensor1d(a).add(tf.tensor1d(b)).divide(2); // <-
  const image = tf.browser.fromPixels(video);
  const [height] = image.shape(); // <-
  const wide = image.resize([224, 224]); // <-
  return [half, height, wide];
}
```

Weights are tensors.

```js bad path=src/average.js
const first = one.getWeights();
const second = other.getWeights();
const means = [];
for (let i = 0; i < first.length; i++) {
  const sum = first[i].add(second[i]);
  means.push(sum.divide(2)); // <-
}
one.setWeights(means);
```

```js good path=src/mean.js
import * as tf from '@tensorflow/tfjs';

export function mean(a, b, video, own) {
  const half = tf.tensor1d(a).add(tf.tensor1d(b)).div(2);
  const image = tf.browser.fromPixels(video);
  const [height] = image.shape;
  return [half, height, image.resizeBilinear([224, 224]), own.divide(2), half.toString()];
}
```

Variables can be assigned to.

```js good path=src/bias.js
import * as tf from '@tensorflow/tfjs';

const bias = tf.variable(tf.zeros([5]));
bias.assign(tf.tensor1d([0, 1, 0, 1, 0]));
```

References: the members are those of TensorFlow.js 0.8.0 to 4.22.0 (`deplint/data/tfjs_names.json`);
https://stackoverflow.com/questions/55788696
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps import tfjs
from deplint.apps.tensors import NOTHING, tensor
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Member, Node

MEANT = {
    "divide": "div", "multiply": "mul", "subtract": "sub", "plus": "add", "minus": "sub", "times": "mul", "astype": "cast",
    "numpy": "await array()", "expand_dims": "expandDims", "resize": "resizeBilinear", "matmul": "matMul", "length": "size",
    "tolist": "await array()", "toArray": "await array()", "item": "(await data())[0]", "delete": "dispose", "clip": "clipByValue",
    "argmax": "argMax", "argmin": "argMin", "unsqueeze": "expandDims", "permute": "transpose", "view": "reshape", "float": "toFloat",
}  # fmt: skip
ARITHMETIC = frozenset({"add", "sub", "mul", "div", "clone", "square", "sqrt", "mean", "sum", "reshape", "toFloat", "neg", "abs"})
VALUES = frozenset({"shape", "dtype", "size", "rank", "strides", "id", "rankType", "isDisposed"})
"""Members that are no methods."""

VARIABLES = frozenset({"assign"})
"""What variables have in addition."""

INHERITED = frozenset({"hasOwnProperty", "valueOf", "toString", "toLocaleString", "isPrototypeOf", "propertyIsEnumerable"})
PROMISED = frozenset({"then", "catch", "finally"})
"""What the promise of a tensor has."""


@rule("DPL859", severity="error", leaves=["B.6.3", "B.6.4"], see=["https://js.tensorflow.org/api/4.22.0/#class:Tensor"])
def tensor_has_no_such_member(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"@tensorflow/tfjs|\btf\.|\.setWeights\("):
        return
    known = tfjs.spans("Tensor")
    for call in file.calls("**"):
        method = call.method
        if not isinstance(call.callee, Member) or call.new or (method in known and method not in VALUES) or method in INHERITED | PROMISED:
            continue
        if method in VARIABLES and file.mentions(r"\bvariable\("):
            continue
        if not _added(file, method) and _tensor(call):
            what = f"{method} is no function but a property" if method in VALUES else f"tensors have no method {method}"
            near = MEANT.get(method) or next(iter(difflib.get_close_matches(method, set(known) - VALUES, 1, 0.8)), "")
            yield Finding(
                call,
                f"{what}: {method} is not a function",
                help=f"read {method} without calling it"
                if method in VALUES
                else f"{near} is what is meant"
                if near
                else "see the API of Tensor",
            )


def _tensor(call: Call) -> bool:
    """Whether a method is called on what certainly is a tensor."""
    if call.receiver is None:
        return False
    return tensor(call.receiver) is not NOTHING or (call.file.mentions(r"\.setWeights\(") and _weight(call.receiver))


def _weight(node: Node) -> bool:
    """Whether this is one of a model's weights, or what arithmetic makes of it."""
    name = re.fullmatch(r"(?:.*\.)?getWeights\(\)\[\]((?:\.\w+\(\))*)", node.name)
    return name is not None and set(re.findall(r"\w+", name[1])) <= ARITHMETIC


def _added(file: SourceFile, method: str) -> bool:
    """Whether the code may add the method itself."""
    return file.mentions(r"prototype|registerOp|Object\.assign") or file.mentions(rf"\.{method}\s*=[^=]")
