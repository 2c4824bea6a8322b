"""A loss for an optimizer that is made of plain numbers.

`minimize` follows the operations from the loss back to the variables. What is read out with `dataSync` and put into a new tensor has lost
that way: ``Cannot find a connection between any variable and the result of the loss function y=f(x)``.

```js bad
import * as tf from '@tensorflow/tfjs';

const weight = tf.variable(tf.scalar(1));
const optimizer = tf.train.sgd(0.1);

function loss(xs, ys) {
  const error = xs.mul(weight).sub(ys).square().mean().dataSync()[0];
  return tf.scalar(error);
}

export const step = (xs, ys) => optimizer.minimize(() => loss(xs, ys)); // <-
export const other = (xs) => optimizer.minimize(() => tf.tensor(xs.mul(weight).arraySync()).mean()); // <-
```

```js good
import * as tf from '@tensorflow/tfjs';
import { distance } from './distance';

const weight = tf.variable(tf.scalar(1));
const optimizer = tf.train.sgd(0.1);

function loss(xs, ys) {
  return xs.mul(weight).sub(ys).square().mean();
}

export const step = (xs, ys) => optimizer.minimize(() => {
  const error = loss(xs, ys);
  console.log(error.dataSync()[0]);
  return error;
});
export const own = (xs) => optimizer.minimize(() => distance(xs));
export const scaled = (xs) => optimizer.minimize(() => tf.scalar(2).mul(weight).mul(xs.dataSync()[0]));
```

References: run with TensorFlow.js 4.22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.follow import follow, source
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node

_MADE = re.compile(r"@tensorflow/tfjs[\w-]*\.(?:scalar|tensor(?:[1-6]d)?)")
KEEPS = frozenset({"mean", "sum", "square", "neg", "sqrt", "asScalar", "abs", "log", "exp", "squeeze", "reshape", "div", "mul"})


@rule("DPL346", severity="error", leaves=["B.6.4"], see=["https://js.tensorflow.org/api/4.22.0/#class:train.Optimizer"])
def loss_without_gradient(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\.minimize\s*\("):
        return
    for call in file.calls("@tensorflow/tfjs*.train.*().minimize", "@tensorflow/tfjs*.variableGrads"):
        given = call.argument(None, 0)
        function = file.meaning.local(given) if given is not None else None
        if function is None or len(function.results) != 1 or function.asynchronous:
            continue
        made = _first(function.results[0])
        values = made.argument(None, 0) if made is not None else None
        if made is not None and values is not None and _read_out(values):
            yield Finding(
                call,
                f"the loss is a new tensor ({made.callee.text}) of numbers that were read out: nothing leads from it to the variables",
                help="return what the operations give, without dataSync() and a new tensor",
            )


def _first(node: Node) -> Call | None:
    """The `tf.scalar(...)` or `tf.tensor(...)` that a loss begins with."""
    made = source(node)
    for _ in range(8):
        if made is None or _MADE.fullmatch(made.name):
            return made
        if made.method not in KEEPS or made.receiver is None or made.arguments:
            return None
        made = source(made.receiver)
    return None


def _read_out(node: Node) -> bool:
    """Whether these are values of tensors."""
    waiting, seen = [node], 0
    while waiting and seen < 30:
        seen += 1
        each = follow(waiting.pop())
        if isinstance(each, Call) and each.method in ("dataSync", "arraySync", "data", "array"):
            return True
        waiting += each.children if each is not None else ()
    return False
