"""The promise of a result taken for the result.

What a model or a tensor gives is often only promised: `data()` and `array()` of a tensor, `executeAsync`, ONNX Runtime's `run`, `classify`,
`detect` and `estimatePoses` of the ready-made models, `fit`. An index of a promise is `undefined`, its length too, and it cannot be
iterated: ``TypeError: predictions.map is not a function``, ``promise is not iterable``.

```js bad
import * as tf from '@tensorflow/tfjs';
import * as cocoSsd from '@tensorflow-models/coco-ssd';

export async function scores(model, image) {
  const data = tf.softmax(model.predict(image)).data();
  return data[0]; // <-
}

export function price(model) {
  const result = model.predict(tf.tensor2d([[4]]));
  const values = result.data();
  return values[0]; // <-
}

export async function boxes(image) {
  const model = await cocoSsd.load();
  const found = model.detect(image);
  return found.map((box) => box.bbox); // <-
}
```

```js bad
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/words.onnx');
const results = session.run({ x });
console.log(results.output.data); // <-
```

```js bad
import { pipeline } from '@huggingface/transformers';

const classify = await pipeline('text-classification');
const found = classify('I like it');
console.log(found[0].label); // <-
```

```js good
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/words.onnx');
const { output } = await session.run({ x });
session.run({ x }).then((results) => console.log(results.output));
const loading = tf.tensor([1, 2]).data();
console.log((await loading)[0], tf.tensor([1, 2]).dataSync()[0], (await tf.tensor([1]).array()).length);
const all = Promise.all([tf.tensor([1, 2]).data()]);
```

References: run with TensorFlow.js 4.22 and onnxruntime-node 1.20.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.tensors import NOTHING, tensor
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Index, Member, Node

ASYNC = re.compile(
    r"@tensorflow/tfjs[\w-]*\..*\(\)(?:\[\])?\.(?:data|array|executeAsync|predictAsync|fit|fitDataset|evaluateDataset)"
    r"|@tensorflow/tfjs[\w-]*\.(?:browser\.(?:toPixels|fromPixelsAsync)|image\.nonMaxSuppression\w*Async|whereAsync|booleanMaskAsync|"
    r"setdiff1dAsync|io\.listModels|data\.(?:webcam|microphone))"
    r"|onnxruntime-(?:web|node|react-native|common)\.InferenceSession\.create\(\)\.run"
    r"|@(?:huggingface|xenova)/transformers\.pipeline\(\)"
    r"|@tensorflow-models/[\w-]+\.(?:load|create\w+)\(\)\.(?:classify|detect|estimate\w+|segment\w*|embed|findAnswers|recognize|predictClass)"
)
"""What gives a promise. Source: the type declarations of TensorFlow.js 4.22, onnxruntime-common 1.20 and tensorflow/tfjs-models."""

PROMISE = frozenset({"then", "catch", "finally", "constructor"})


@rule("DPL819", severity="error", leaves=["B.4.5", "B.6.5"], see=["https://js.tensorflow.org/api/latest/#tf.Tensor.data"])
def result_not_awaited(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(
        r"\.(?:data|array|executeAsync|predictAsync|fit|run|classify|detect|estimate\w+|segment\w*|embed|listModels)\s*\(|/transformers['\"]"
    ):
        return
    seen: set[Call] = set()
    for node in file.meaning.nodes:
        of = _of(node)
        made = of.origin if of is not None else None
        if of is None or made is None or made in seen or of.settled is not False or not _promises(made):
            continue
        seen.add(made)
        yield Finding(node, f"{made.method}() gives a promise, this takes it for the result", help=f"await it: (await {_short(made)})")


def _promises(made: Call) -> bool:
    """Whether a call gives a promise: by its name, or as the values of what a model gives for a tensor of TensorFlow.js."""
    if ASYNC.fullmatch(made.name):
        return True
    asked = made.receiver.origin if made.method in ("data", "array") and not made.arguments and made.receiver is not None else None
    given = asked.argument(None, 0) if asked is not None and asked.method == "predict" else None
    return tensor(given) is not NOTHING


def _of(node: Node) -> Node | None:
    """What an index or a member is taken of."""
    if isinstance(node, Member) and node.attribute not in PROMISE:
        return node.object
    return node.children[0] if isinstance(node, Index) and node.children else None


def _short(call: Call) -> str:
    text = call.callee.text
    return f"{text}(...)" if len(text) < 40 and "\n" not in text else "..."
