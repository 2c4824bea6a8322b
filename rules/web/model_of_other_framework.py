"""A model file given to a library that reads other files.

TensorFlow.js loads the `model.json` that `tensorflowjs_converter` writes; a Keras file, a SavedModel, a TensorFlow Lite or an ONNX
model in its place is no JSON: ``Failed to parse model JSON of response from model.h5. Please make sure the server is serving valid
JSON for this request``. ONNX Runtime reads ONNX alone: ``Failed to load model because protobuf parsing failed``.

```js bad
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadLayersModel('/models/flowers.h5'); // <-
const graph = await tf.loadGraphModel(`${base}/saved_model.pb`); // <-
```

```js bad
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('./model.tflite'); // <-
```

The address may be a constant of another file.

```js bad path=src/load.js
import * as tf from '@tensorflow/tfjs';
import { MODEL } from './settings';

export const load = () => tf.loadGraphModel(MODEL); // <-
```

```js + path=src/settings.js
export const MODEL = '/models/flowers.tflite';
```

```js good
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-web';
import * as tflite from '@tensorflow/tfjs-tflite';

const model = await tf.loadLayersModel('/models/flowers.h5/model.json');
const other = await tf.loadLayersModel(address);
const files = await tf.loadLayersModel(tf.io.browserFiles([json, weights]));
const session = await ort.InferenceSession.create('/models/flowers.onnx?v=h5');
const lite = await tflite.loadTFLiteModel('/models/flowers.tflite');
```

A SavedModel is a folder.

```js bad
const tf = require('@tensorflow/tfjs-node');

tf.node.loadSavedModel('./export/saved_model.pb').then(serve); // <-
```

Before version 1.0 frozen graphs were a `.pb` file with a list of weights.

```html good
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@0.13.3/dist/tf.min.js"></script>
<script>
tf.loadFrozenModel('web/tensorflowjs_model.pb', 'web/weights_manifest.json').then(run);
</script>
```

References: run with TensorFlow.js 4.22 and onnxruntime-node 1.20.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.loads import loads
from deplint.code.source import SourceFile

KERAS = "tensorflowjs_converter --input_format=keras"
KINDS = {
    **dict.fromkeys(("h5", "hdf5"), ("a Keras file", KERAS)),
    "keras": ("a Keras file", "tensorflowjs_converter --input_format=keras_keras --output_format=tfjs_layers_model"),
    **dict.fromkeys(("pb", "pbtxt"), ("a TensorFlow graph", "tensorflowjs_converter --input_format=tf_saved_model")),
    "ckpt": ("a checkpoint", "tensorflowjs_converter, after exporting a SavedModel"),
    "tflite": ("a TensorFlow Lite model", ""),
    "onnx": ("an ONNX model", ""),
    "ort": ("an ONNX Runtime model", ""),
    **dict.fromkeys(
        ("pt", "pth", "pkl", "joblib", "caffemodel", "mlmodel", "safetensors", "weights", "npz"), ("another framework's model", "")
    ),
}
"""Suffix -> what such a file is, and the command that makes TensorFlow.js's files of it."""

READS = {
    "tfjs": ("", "TensorFlow.js reads the model.json its converter writes"),
    "tflite": ("tflite", "tfjs-tflite reads TensorFlow Lite models"),
    "savedmodel": ("", "loadSavedModel reads the folder of a SavedModel"),
    "ort": ("onnx ort", "ONNX Runtime reads ONNX models"),
    "ort-node": ("onnx ort", "ONNX Runtime reads ONNX models"),
}
"""Family of loaders -> the suffixes of `KINDS` it reads, and what it does read."""

OTHERS = {"tflite": "load it with @tensorflow/tfjs-tflite or @litertjs/core", "onnx": "load it with onnxruntime-web",
          "pt": "export it to ONNX for onnxruntime-web", "pth": "export it to ONNX for onnxruntime-web"}  # fmt: skip


@rule(
    "DPL811",
    severity="error",
    leaves=["B.1.1", "B.2.5", "B.4.1"],
    see=[
        "https://stackoverflow.com/questions/52695805",
        "https://stackoverflow.com/questions/56590806",
        "https://www.tensorflow.org/js/guide/conversion",
    ],
)
def model_of_other_framework(file: SourceFile, project: Project) -> Iterator[Finding]:
    for load in loads(file, project):
        ending = re.search(r"\.(\w+)(?:[?#].*)?$", load.written)
        suffix = ending[1].lower() if ending else ""
        read, what = READS[load.family]
        if suffix not in KINDS or suffix in read.split() or load.retried:
            if not (load.family.startswith("ort") and re.search(r"(?:^|/)model\.json$", load.written)):
                continue
            suffix = "json"
        if suffix == "pb" and load.call.method in ("loadFrozenModel", "loadModel"):
            continue
        kind, command = KINDS.get(suffix, ("TensorFlow.js's", ""))
        remedy = (
            f"convert it: {command}"
            if command and load.family == "tfjs"
            else OTHERS.get(suffix, "convert it, or load it with its own library")
        )
        yield Finding(load.at, f"a .{suffix} file is {kind}: {what}", help=remedy)
