"""A tensor taken for a number or an array.

JavaScript has no operators for tensors: ``tensor / 255`` is NaN, ``tensor[0]`` is undefined, and a comparison with a number is false. So is
what `predict` gives. Arithmetic is done with methods, and values are read with `data` or `array`.

```js bad
import * as tf from '@tensorflow/tfjs';

export function prepare(image) {
  const pixels = tf.browser.fromPixels(image).toFloat();
  return (pixels / 127.5); // <-
}

export function mean(values) {
  const first = tf.tensor1d(values)[0]; // <-
  return Math.round(tf.scalar(2.5)) + first; // <-
}
```

```js bad
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] });
const loaded = await tf.loadLayersModel('/model.json');
const y = loaded.predict(tf.ones([1, 2]));
if (model.predict(tf.ones([1, 2])) > 0.5) console.log('yes'); // <-
if (y[0] > 0.5) console.log('yes'); // <-
const rounded = Math.round(model.predict(tf.ones([1, 2]))); // <-
```

```js good
import * as tf from '@tensorflow/tfjs';

const loaded = await tf.loadLayersModel('/model.json');
export async function prepare(image) {
  const pixels = tf.browser.fromPixels(image).toFloat().div(127.5);
  const values = await pixels.data();
  const [first] = loaded.predict(pixels);
  const boxes = loaded.predict(pixels)[0];
  const shown = 'tensor ' + pixels;
  const wide = pixels.shape[1] / 2;
  if (pixels === null || pixels != undefined || pixels == first) return values[0] / 255;
  return [Math.max(...values), boxes.dataSync()[0] > 0.5, shown, wide, tf.unstack(pixels)[0].mul(2)];
}
```

References: run with TensorFlow.js 4.22; https://stackoverflow.com/questions/50431390
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.follow import follow, source
from deplint.apps.tensors import NOTHING, tensor
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Await, Call, Index, Node, Operation

METHODS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "**": "pow"}
COMPARES = frozenset({"<", ">", "<=", ">="})
_PREDICTS = re.compile(r"@tensorflow/tfjs[\w-]*\.(?:sequential|loadLayersModel|model)\(\)\.predict")
_MATH = re.compile(r"Math\.(?:round|floor|ceil|abs|max|min|exp|log|sqrt|trunc|pow)")


@rule("DPL345", severity="error", leaves=["B.6.4", "B.6.5"], see=["https://stackoverflow.com/questions/50431390"])
def tensor_as_number(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"@tensorflow/tfjs|\btf\."):
        return
    for node in file.meaning.nodes:
        if isinstance(node, Operation) and len(node.children) == 2 and (node.operator in METHODS or node.operator in COMPARES):
            if node.operator == "+" and any(isinstance(child.value, str) or '"' in child.text or "'" in child.text or "`" in child.text
                                            for child in node.children):  # fmt: skip
                continue
            if any(_number(child) for child in node.children):
                yield Finding(node, f"{node.operator} does not work on tensors: {_gives(node.operator)}", help=_help(node.operator))
        elif isinstance(node, Index) and len(node.children) == 2 and _certain(node.children[0]):
            yield Finding(node, "a tensor has no elements at an index: this is undefined", help="read the values first: await x.data()")
        elif isinstance(node, Call) and _MATH.fullmatch(node.name) and any(_certain(argument.value) for argument in node.arguments):
            yield Finding(
                node, f"{node.name} does not work on tensors: this is NaN", help=f"use the tensor's {node.method}(), or its data()"
            )


def _gives(operator: str) -> str:
    return "this is NaN" if operator in METHODS else "this is false"


def _help(operator: str) -> str:
    return f"call {METHODS[operator]}()" if operator in METHODS else "read the values first: (await x.data())[0]"


def _number(node: Node) -> bool:
    """Whether an operand is a tensor, or one of the tensors that a model gives."""
    while isinstance(node, Index) and len(node.children) == 2:
        inner = node.children[0]
        if _predicted(inner):
            return True
        node = inner
    return _certain(node)


def _certain(node: Node) -> bool:
    """Whether an expression certainly is a tensor."""
    if isinstance(node, Await):
        return False
    made = follow(node)
    if isinstance(made, Call) and made.method == "predict" and _predicted(node):
        model = source(made.receiver)
        return model is not None and model.method == "sequential"
    return tensor(node) is not NOTHING and node.settled is not True


def _predicted(node: Node) -> bool:
    made = source(node)
    return made is not None and bool(_PREDICTS.fullmatch(made.name))
