"""A picture decoded with as many channels as its file has, for a model that takes RGB.

Without `channels`, `tf.node.decodeImage` and `decodePng` give four channels for a PNG with transparency, and one for a gray picture:
``Error when checking : expected input_1 to have shape [null,224,224,3] but got array with shape [1,224,224,4]``.

```js bad path=preprocess.js
const tf = require('@tensorflow/tfjs-node');

const SIZE = [224, 224];

module.exports = function preprocess(buffer) {
  return tf.tidy(() => {
    const image = tf.node.decodeImage(buffer); // <-
    return tf.image.resizeBilinear(image, SIZE).div(127.5).sub(1).expandDims(0);
  });
};
```

```js + path=classifier.js
const tf = require('@tensorflow/tfjs-node');
const preprocess = require('./preprocess');

class Classifier {
  async load() {
    this.model = await tf.loadLayersModel('file://./model/model.json');
  }

  async classify(buffer) {
    return this.model.predict(preprocess(buffer)).data();
  }
}

module.exports = Classifier;
```

```json + path=package.json
{ "dependencies": { "@tensorflow/tfjs-node": "4.20.0" } }
```

Ready-made models take RGB as well.

```ts bad path=src/detect.ts
import * as tf from '@tensorflow/tfjs-node';
import * as cocoSsd from '@tensorflow-models/coco-ssd';

export async function detect(image: Buffer) {
  const model = await cocoSsd.load();
  const tensor = tf.node.decodeImage(image); // <-
  return model.detect(tensor as tf.Tensor3D);
}
```

```js bad path=src/scan.js
const tf = require('@tensorflow/tfjs-node');
const fs = require('fs');

let net;

async function scan(file) {
  net ??= await tf.loadGraphModel('file://models/scan/model.json');
  const image = tf.node.decodePng(fs.readFileSync(file), 0); // <-
  const batch = image.resizeBilinear([64, 64]).toFloat().div(255).expandDims();
  return net.predict(batch).array();
}
exports.scan = scan;
```

```graph + path=models/scan/model.json
model tfjs-graph
graph main
  input image float32[?,64,64,3]
  op Placeholder image -> (image) shape=(?,64,64,3) dtype=float32
  op Relu y (image) -> (y)
  output y
```

With channels, for a model of gray digits, where the alpha channel is cut off, and where only JPEG is let in, all is well.

```js good path=app.js
const tf = require('@tensorflow/tfjs-node');
const cocoSsd = require('@tensorflow-models/coco-ssd');

exports.detect = async (bytes) => (await cocoSsd.load()).detect(tf.node.decodeImage(bytes, 3));

exports.digit = async (bytes) => {
  const model = await tf.loadLayersModel('file://digits/model.json');
  return model.predict(tf.node.decodeImage(bytes).resizeBilinear([28, 28]).expandDims(0));
};
```

And:

```js good path=app.js
const tf = require('@tensorflow/tfjs-node');
const cocoSsd = require('@tensorflow-models/coco-ssd');

exports.detect = async (bytes) => (await cocoSsd.load()).detect(tf.node.decodeImage(bytes).slice([0, 0, 0], [-1, -1, 3]));
```

And:

```js good path=app.js
const tf = require('@tensorflow/tfjs-node');
const multer = require('multer');
const cocoSsd = require('@tensorflow-models/coco-ssd');

const upload = multer({ fileFilter: (req, file, cb) => cb(null, file.mimetype === 'image/jpeg') });
exports.detect = async (bytes) => (await cocoSsd.load()).detect(tf.node.decodeImage(bytes));
```

References: https://js.tensorflow.org/api_node/4.20.0/#node.decodeImage; tfjs-node, ``image.ts``
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import home, source, value, within
from deplint.apps.tensors import listed
from deplint.apps.web import FED, Fed, fed
from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function, Node

READY = matcher(
    "@tensorflow-models/{coco-ssd,mobilenet,blazeface,posenet,body-pix,deeplab,pose-detection,hand-pose-detection,"
    "face-landmarks-detection}.**",
    "nsfwjs.**",
)
SMALL = 96
"""Pixels of a side below which a model that nobody knows may be one of gray pictures."""

STEPS = 20
_ASKS = frozenset({"detect", "classify", "infer", "segment", "estimateFaces", "estimateHands", "estimatePoses", "estimateSinglePose"})
_CUTS = r"\.shape\s*\[\s*-?[123]\s*\]|\bslice\w*\s*\(|\bunstack\(|\bsplit\(|\bgather\(|rgbToGrayscale"
_DECODES = matcher("@tensorflow/tfjs-node*.node.decode{Image,Png}")


@rule(
    "DPL933",
    severity="warning",
    leaves=["B.6.1", "B.6.3"],
    see=[
        "https://js.tensorflow.org/api_node/4.20.0/#node.decodeImage",
        "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-node/src/image.ts",
    ],
)
def channels_of_file(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(rf"{FED}|\.(?:{'|'.join(sorted(_ASKS))})\s*\("):
        return
    with within(project):
        reported: set[Call] = set()
        for node, asked in _given(file, project):
            decode, size = _decoded(node)
            if decode is None or decode in reported or decode.file.mentions(_CUTS) or _only_jpeg(project, decode.file):
                continue
            known = asked.input.shape if isinstance(asked, Fed) else None
            if known is not None and known[-1] != 3:
                continue
            if known is not None or isinstance(asked, Call) or size >= SMALL:
                reported.add(decode)
                yield Finding(
                    decode,
                    f"{decode.method} gives the channels that the file has, four for a PNG with transparency: the model takes three",
                    help=f"tf.node.{decode.method}(bytes, 3)",
                )


def _given(file: SourceFile, project: Project) -> Iterator[tuple[Node, Fed | Call]]:
    """What models are given that take pictures, and the call or the input."""
    for each in fed(file, project):
        yield each.node, each
    for call in file.calls(f"**.{{{','.join(sorted(_ASKS))}}}"):
        load = source(call.receiver)
        given = call.argument(None, 0)
        if load is not None and given is not None and READY(load.name):
            yield given, call


def _decoded(node: Node | None) -> tuple[Call | None, int]:
    """The call that decodes a picture with as many channels as it has, behind a chain of operations; and the smaller side that it is
    resized to, if that is known, else 0."""
    size = 0
    for _ in range(STEPS):
        call = source(node)
        if call is None:
            return None, 0
        if _DECODES(call.name):
            channels = call.argument(None, 1)
            return (call if channels is None or value(channels) == 0 else None), size
        body = call.arguments[-1].value if call.arguments else None
        if call.method == "tidy" and isinstance(body, Function) and len(body.results) == 1:
            node = body.results[0]
            continue
        plain = call.name.startswith("@tensorflow/tfjs") and "(" not in call.name
        if call.method.startswith("resize"):
            size = min((dim for dim in listed(call.argument(None, 1 if plain else 0)) or () if isinstance(dim, int)), default=0)
        node = call.argument(None, 0) if plain else call.receiver
    return None, 0


def _only_jpeg(project: Project, file: SourceFile) -> bool:
    """Whether a package speaks of JPEG, and not of PNG."""
    folder = home(project, file.place)
    near = [each for each in project.all(SourceFile) if each.web and home(project, each.place) == folder]
    return any(each.mentions(r"(?i)\bimage/jpe?g\b|\.jpe?g\b") for each in near) and not any(
        each.mentions(r"(?i)\bpng\b|image/\*|image/['\"]") for each in near
    )
