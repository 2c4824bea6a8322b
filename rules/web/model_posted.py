"""A model, a tensor or an element of the page posted to a worker.

What is posted is copied. Copies of models, sessions and tensors have neither methods nor data: ``data.net.infer is not a function``;
elements cannot be copied: ``DataCloneError: HTMLVideoElement object could not be cloned``. A worker loads its own model, and is posted
typed arrays, `ImageData` or an `ImageBitmap`.

```js bad
import * as tf from '@tensorflow/tfjs';
import * as mobilenet from '@tensorflow-models/mobilenet';

const worker = new Worker(new URL('./worker.js', import.meta.url));

export async function start(video) {
  const net = await mobilenet.load();
  worker.postMessage({ net, task: 'classify' }); // <-
  const frame = tf.browser.fromPixels(video);
  worker.postMessage(frame); // <-
  worker.postMessage({ video: document.getElementById('camera') }); // <-
  const seen = tf.tidy(() => {
    const out = net.model.predict(frame.expandDims(0));
    return out;
  });
  worker.postMessage({ seen }); // <-
}
```

```js good
import * as tf from '@tensorflow/tfjs';

const worker = new Worker(new URL('./worker.js', import.meta.url));

export async function start(video, canvas) {
  const frame = tf.browser.fromPixels(video);
  worker.postMessage({ data: await frame.data(), shape: frame.shape });
  worker.postMessage(await createImageBitmap(video));
  const offscreen = canvas.transferControlToOffscreen();
  worker.postMessage({ offscreen, width: document.getElementById('camera').width }, [offscreen]);
}
```

References: https://developer.mozilla.org/en-US/docs/Web/API/Web_Workers_API/Structured_clone_algorithm; `structuredClone` in Node 20 with
TensorFlow.js 4.22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.loads import LOADERS
from deplint.apps.tensors import NOTHING, tensor
from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Function, Member, Node, Object

_LOADS = matcher(*LOADERS, "@tensorflow-models/*.{load,create,createDetector,createSegmenter,createEstimator}")
_TENSOR = re.compile(
    r"@tensorflow/tfjs[\w-]*\.(?:tensor\w*|zeros|ones|scalar|fill|browser\.fromPixels|image\.\w+|cast|stack|concat|expandDims)"
    r"|@tensorflow/tfjs.*\(\)\.(?:predict|toFloat|toInt|expandDims|resizeBilinear|resizeNearestNeighbor|reshape|cast|div|sub|mul|add)"
)
_ELEMENT = re.compile(r"document\.(?:getElementById|querySelector|createElement)")


@rule(
    "DPL832",
    severity="error",
    leaves=["B.4.1", "B.6.4"],
    see=[
        "https://stackoverflow.com/questions/54421239",
        "https://stackoverflow.com/questions/54685300",
        "https://developer.mozilla.org/en-US/docs/Web/API/Web_Workers_API/Structured_clone_algorithm",
    ],
)
def model_posted(file: SourceFile) -> Iterator[Finding]:
    if (
        not file.web
        or not file.mentions(r"\bpostMessage\s*\(")
        or not file.mentions(r"@tensorflow|onnxruntime|\btf\.|\bort\.|importScripts|tfjs")
    ):
        return
    for call in file.calls("**.postMessage", "postMessage"):
        message = call.argument(None, 0)
        for part in _parts(message):
            made = part.origin
            if made is None:
                continue
            if _LOADS(made.name):
                what = "a copy of a model has no methods: the worker cannot ask it"
                remedy = "load the model in the worker"
            elif _TENSOR.fullmatch(made.name) or tensor(part) is not NOTHING or _predicted(made):
                what = "a copy of a tensor has neither its data nor its methods"
                remedy = "post its values and shape: {data: await tensor.data(), shape: tensor.shape}"
            elif _ELEMENT.fullmatch(made.name):
                what = "an element of the page cannot be copied: a DataCloneError"
                remedy = "post ImageData, an ImageBitmap or an OffscreenCanvas"
            else:
                continue
            yield Finding(part, what, help=remedy)


def _predicted(made: Call) -> bool:
    """Whether ``tf.tidy`` gives back what a model gives."""
    body = made.arguments[-1].value if made.arguments else None
    if not re.fullmatch(r"@tensorflow/tfjs[\w-]*\.tidy", made.name) or not isinstance(body, Function) or len(body.results) != 1:
        return False
    inner = body.results[0].origin
    return inner is not None and inner.method in ("predict", "execute") and isinstance(inner.callee, Member)


def _parts(message: Node | None) -> Iterator[Node]:
    """The message, or what a display of it is made of."""
    if isinstance(message, Object):
        for _, value in message.entries:
            yield from _parts(value)
    elif isinstance(message, Array):
        for child in message.children:
            yield from _parts(child)
    elif message is not None:
        yield message
