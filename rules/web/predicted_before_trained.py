"""A model asked while its training has only begun.

`fit` gives a promise and trains later. A prediction on the next line is that of the weights before: numbers that make no sense, though
training went well; so are the weights that are saved there.

```js bad
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] });
model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
model.fit(tf.tensor2d([[1], [2]]), tf.tensor2d([[1], [3]]), { epochs: 250 });
model.predict(tf.tensor2d([[5]])).print(); // <-
```

```js bad
import * as tf from '@tensorflow/tfjs';

async function run(xs, ys) {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] });
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  model.fit(xs, ys).then(() => console.log('done'));
  await model.save('downloads://line'); // <-
}
```

```js good
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] });
model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });

async function run(xs, ys, input) {
  model.predict(input).print();
  await model.fit(xs, ys);
  model.predict(input).print();
  model.fit(xs, ys).then(() => model.predict(input).print());
}

async function later(xs, ys, input) {
  const training = model.fit(xs, ys);
  await training;
  return model.predict(input);
}

function click(xs, ys, input) {
  model.fit(xs, ys);
  button.onclick = () => model.predict(input);
}

function either(xs, ys, input, training) {
  if (training) {
    model.fit(xs, ys);
    return null;
  }
  return model.predict(input);
}
```

References: in Node with TensorFlow.js 4.22 the prediction after `fit` was that of before, and another one after its promise;
https://stackoverflow.com/questions/49989926
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.follow import source
from deplint.code.source import SourceFile
from deplint.code.source_nodes import STATEMENT, Await, Block, Call, Function, Node, Other

USES = frozenset({"predict", "evaluate", "save", "predictOnBatch", "getWeights"})
_CHAINED = frozenset({"then", "catch", "finally"})


@rule("DPL348", severity="error", leaves=["B.4.5"], see=["https://js.tensorflow.org/api/4.22.0/#tf.LayersModel.fit"])
def predicted_before_trained(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\.fit(?:Dataset)?\s*\("):
        return
    for fit in file.calls("@tensorflow/tfjs*.**.{fit,fitDataset}", "model.{fit,fitDataset}"):
        statement, model = _left(fit), source(fit.receiver)
        if statement is None or model is None or fit.in_loop:
            continue
        for use in sorted(model.uses, key=lambda each: each.span.line):
            if use.method in USES and _after(use, statement, fit.function):
                yield Finding(
                    use,
                    f"{use.method}() runs before the training of line {fit.span.line} is over: fit() gives a promise",
                    help="await it: await model.fit(...), or go on in .then(() => ...)",
                )
                break


def _left(fit: Call) -> Node | None:
    """The statement that starts training and does not wait for it."""
    node: Node = fit
    while node.parent is not None:
        around = node.parent
        if isinstance(around, Other) and around.kind == STATEMENT:
            return around
        call = around.parent
        chained = getattr(around, "attribute", "") in _CHAINED and isinstance(call, Call) and call.callee is around
        if not chained or call is None:
            return None
        node = call
    return None


def _after(use: Call, statement: Node, function: Function | None) -> bool:
    """Whether a call comes in the same stretch of code after the statement, with no wait for anything between them."""
    if use.function is not function or (use.span.line, use.span.column) < (statement.span.end_line, statement.span.end_column):
        return False
    home = statement.parent
    inner: Node = use
    for around in use.ancestors:
        if around is home:
            between = home.children[list(home.children).index(statement) + 1 : list(home.children).index(inner)]
            return not any(isinstance(each, Await) for node in between for each in _below(node))
        if isinstance(around, Block) and around is not home and isinstance(around, Function):
            return False
        inner = around
    return False


def _below(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += each.children
