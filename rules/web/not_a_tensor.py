"""Something else where a tensor, or a picture, is expected.

The models of TensorFlow.js take tensors: an array of numbers is taken for several inputs (``Expected to see 1 Tensor(s),
but instead got 3 Tensors(s)``), a nested one for tensors that have no shape (``Cannot read properties of undefined
(reading 'length')``). `fromPixels` and the ready-made models take an element that holds a picture, not its address, its
file or its context: ``pixels passed to tf.browser.fromPixels() must be either an HTMLVideoElement, HTMLImageElement,
HTMLCanvasElement, ... but was String``.

```js bad path=src/predict.js
import * as tf from '@tensorflow/tfjs';

export async function predict() {
  const model = await tf.loadLayersModel('https://example.org/model.json');
  model.predict([[tf.zeros([500])]]); // <-
  model.predict([0.2, 0.4, 0.1]); // <-
  const row = new Float32Array(4);
  return model.predict(row); // <-
}
```

So are pictures.

```js bad path=src/pictures.js
import * as mobilenet from '@tensorflow-models/mobilenet';
import * as tf from '@tensorflow/tfjs';

export async function pictures(input, canvas) {
  const model = await mobilenet.load();
  await model.classify('cat.jpg'); // <-
  tf.browser.fromPixels(input.files[0]); // <-
  const context = canvas.getContext('2d');
  tf.browser.fromPixels(context); // <-
  return tf.browser.fromPixels(context.getImageData(0, 0, 8, 8).data); // <-
}
```

ONNX Runtime takes an object of its own tensors.

```js bad path=src/run.js
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('model.onnx');
await session.run({ input: new Float32Array(4) }); // <-
await session.run(new ort.Tensor('float32', new Float32Array(4), [1, 4])); // <-
```

```js good path=src/predict.js
import * as tf from '@tensorflow/tfjs';
import * as toxicity from '@tensorflow-models/toxicity';
import * as ort from 'onnxruntime-web';

export async function predict(values, image, canvas) {
  const model = await tf.loadLayersModel('https://example.org/model.json');
  const session = await ort.InferenceSession.create('model.onnx');
  await session.run({ input: new ort.Tensor('float32', new Float32Array(4), [1, 4]) });
  const words = await toxicity.load(0.9);
  words.classify('some text');
  model.predict([tf.zeros([1, 2]), tf.zeros([1, 3])]);
  model.predict(values);
  model.predict(tf.tensor2d([[0.2, 0.4, 0.1]]));
  tf.browser.fromPixels(canvas.getContext('2d').getImageData(0, 0, 8, 8));
  return tf.browser.fromPixels(image);
}
```

References: checked with TensorFlow.js 4.22 and onnxruntime-web 1.27; https://stackoverflow.com/questions/57182735
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.follow import follow, source
from deplint.apps.page import LIBRARIES
from deplint.apps.tensors import array, entries
from deplint.apps.web import BUILT, ORT_LOADER, PREDICTS, TFJS_LOADERS
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Literal, Member, Node

PICTURES = "@tensorflow-models/{mobilenet,coco-ssd,posenet,body-pix,blazeface,facemesh,handpose,deeplab}.load().*"
SEEN = frozenset({"classify", "detect", "infer", "segment", "estimateFaces", "estimateHands", "estimateSinglePose", "segmentPerson"})
TENSOR = "onnxruntime-{web,node,react-native,common}.Tensor"


@rule(
    "DPL842",
    severity="error",
    leaves=["B.6.3", "B.6.4"],
    see=["https://stackoverflow.com/questions/57182735", "https://js.tensorflow.org/api/4.22.0/#browser.fromPixels"],
)
def not_a_tensor(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(LIBRARIES):
        return
    for call in file.calls(f"{TFJS_LOADERS}().{PREDICTS}", f"{BUILT}().{{predict,predictOnBatch,fit,evaluate}}"):
        given = call.arguments[: 2 if call.method in ("fit", "evaluate") else 1]
        what = next(filter(None, (_no_tensor(argument.value) for argument in given)), "")
        if what:
            yield Finding(call, f"{call.method} takes tensors, this is {what}", help="make a tensor of it: tf.tensor2d(values, [1, size])")
    for call in file.calls("@tensorflow/tfjs*.browser.{fromPixels,fromPixelsAsync}", PICTURES):
        what = _no_picture(call.argument(None, 0)) if call.method in SEEN or call.method.startswith("fromPixels") else ""
        if what:
            yield Finding(
                call,
                f"{call.method} takes an element that holds a picture, this is {what}",
                help="give it an <img> that has loaded, a <canvas>, a <video> or ImageData",
            )
    for call in file.calls(f"{ORT_LOADER}().run"):
        feeds = call.argument(None, 0)
        made = source(feeds)
        if made is not None and made.new and made.name.startswith("onnxruntime") and made.method == "Tensor":
            yield Finding(call, "run takes an object of tensors by the names of the inputs, this is a tensor", help="{ [name]: tensor }")
            continue
        what = next(filter(None, map(_no_tensor, (entries(feeds) or {}).values())), "")
        if what:
            yield Finding(call, f"an input takes a tensor, this is {what}", help="make one: new ort.Tensor(type, data, dims)")


def _no_tensor(given: Node | None) -> str:
    """What is given, if that certainly is no tensor and holds none where one is expected."""
    node = follow(given)
    if node is None:
        return ""
    if array(node):
        return f"a {array(node)}"
    if isinstance(node, Array):
        for child in map(follow, node.children):
            if isinstance(child, Array) or (child is not None and isinstance(child.value, (int, float, str, list))):
                return "an array of numbers" if not isinstance(child, Array) else "a nested array"
    if isinstance(node, Literal) and node.constant is not None:
        return "a string" if isinstance(node.constant, str) else "a number"
    made = source(node)
    if made is not None and made.method == "getImageData":
        return "ImageData"
    return "a picture" if made is not None and (made.name == "Image" or made.name == "document.getElementById") else ""


def _no_picture(given: Node | None) -> str:
    """What is given, if that certainly is no picture."""
    node = follow(given)
    if node is None:
        return ""
    if isinstance(node.value, str):
        return "a string"
    if node.name.endswith(".files[]"):
        return "a file"
    made = source(node)
    if made is not None and made.method in ("getContext", "createObjectURL", "toDataURL"):
        return "the context of a canvas" if made.method == "getContext" else "an address"
    if isinstance(node, Member) and node.attribute == "data":
        pixels = source(node.object)
        return "an array without width and height" if pixels is not None and pixels.method == "getImageData" else ""
    return ""
