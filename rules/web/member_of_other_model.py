"""A method or property that a model of this kind does not have.

What `tf.loadGraphModel` gives is a graph: it has no layers, cannot be trained and has no summary: ``model.getLayer is not a function``.
What `tf.loadLayersModel` gives has neither `executeAsync` nor the `classify`, `detect` or `load` of the ready-made models of
`@tensorflow-models`; a session of ONNX Runtime is asked with `run`.

```js bad
import * as tf from '@tensorflow/tfjs';

const graph = await tf.loadGraphModel('/models/flowers/model.json');
const layer = graph.getLayer('conv_pw_13_relu'); // <-
const last = graph.layers[graph.layers.length - 1]; // <- <-
graph.summary(); // <-

const layered = await tf.loadLayersModel('/models/words/model.json');
const scores = await layered.classify(image); // <-
const other = await layered.executeAsync(image); // <-
```

```js bad
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/models/flowers.onnx');
const scores = await session.predict(image); // <-
```

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow-models/mobilenet@2.1.1"></script>
<script>
mobilenet.load().then((net) => net.predict(image)); // <-
</script>
```

```js good
import * as tf from '@tensorflow/tfjs';
import * as mobilenet from '@tensorflow-models/mobilenet';

const graph = await tf.loadGraphModel('/models/flowers/model.json');
graph.labels = ['rose', 'tulip'];
console.log(graph.labels.length, graph.inputs[0].shape, graph.modelSignature);
const scores = graph.predict(image);
if (graph.summary) graph.summary();
graph.warmUp?.();

const layered = await tf.loadLayersModel('/models/words/model.json');
console.log(layered.layers.length, layered.getLayer('dense'), layered.summary(), layered.predictOnBatch(words));

const net = await mobilenet.load();
console.log(await net.classify(image));
```

Nothing is said where it may be either.

```js good
import * as tf from '@tensorflow/tfjs';

let model;
if (layered) {
  model = await tf.loadLayersModel(address);
} else {
  model = await tf.loadGraphModel(address);
}
model.summary();
```

References: the members are those of the builds of 0.8.0 to 4.22.0 (`deplint/data/tfjs_names.json`); run with TensorFlow.js 4.22 and
onnxruntime-node 1.20.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, rule
from deplint.apps import tfjs
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Member

SESSION = frozenset(
    {"run", "release", "startProfiling", "endProfiling", "inputNames", "outputNames", "inputMetadata", "outputMetadata", "handler",
     "runTrainStep", "loadParametersBuffer", "trainingSession"}
)  # fmt: skip
"""Members of ONNX Runtime's sessions (onnxruntime-common, ``inference-session.ts``)."""

COMMON = frozenset({"then", "catch", "finally", "constructor", "toString", "hasOwnProperty", "valueOf", "toJSON"})

READ = frozenset({"layers", "input", "output", "optimizer", "trainable", "trainableWeights", "stateful", "weights"})
"""Properties whose being read shows that another model is meant; others may be a page's own."""

LOADERS = {
    "@tensorflow/tfjs*.loadGraphModel": ("GraphModel", "what loadGraphModel gives"),
    "@tensorflow/tfjs*.loadLayersModel": ("LayersModel", "what loadLayersModel gives"),
    "onnxruntime-{web,node,react-native,common}.InferenceSession.create": ("", "a session of ONNX Runtime"),
}

OF = {
    **dict.fromkeys(
        ("getLayer", "layers", "summary", "fit", "evaluate", "compile", "fitDataset", "trainable", "trainableWeights", "input", "output"),
        "only models loaded with loadLayersModel have layers and can be trained",
    ),
    **dict.fromkeys(("executeAsync", "predictAsync"), "it is a method of graph models; models of layers have predict"),
    **dict.fromkeys(
        ("classify", "infer", "detect", "segment", "embed"), "it belongs to a ready-made model of @tensorflow-models; this one has predict"
    ),
    "load": "the model is loaded already",
}


READY = ("predict", "execute", "executeAsync", "fit", "evaluate", "summary", "getLayer", "run")
"""Methods of models and sessions that the ready-made models do not have."""

READY_MADE = {
    "@tensorflow-models/mobilenet.load": "classify or infer",
    "@tensorflow-models/coco-ssd.load": "detect",
    "@tensorflow-models/blazeface.load": "estimateFaces",
    "@tensorflow-models/handpose.load": "estimateHands",
    "@tensorflow-models/pose-detection.createDetector": "estimatePoses",
}
"""Loader of a ready-made model -> how that is asked (the type declarations of their last releases)."""


@lru_cache
def _members(kind: str) -> frozenset[str]:
    return (frozenset(tfjs.spans(kind)) if kind else SESSION) | COMMON


@rule(
    "DPL816",
    severity="error",
    leaves=["B.4.2"],
    see=[
        "https://stackoverflow.com/questions/54949566",
        "https://stackoverflow.com/questions/50576110",
        "https://js.tensorflow.org/api/latest/",
    ],
)
def member_of_other_model(file: SourceFile) -> Iterator[Finding]:
    if not file.web:
        return
    for ready, ask in READY_MADE.items():
        for call in file.calls(f"{ready}().{{{','.join(READY)}}}"):
            if not _own(file, call.method) and not _guarded(file, call.method):
                package = ready.rpartition(".")[0]
                yield Finding(
                    call, f"what {package} loads has no {call.method}: {call.callee.text} is not a function", help=f"ask it with {ask}"
                )
    if not file.mentions(r"\b(?:load(?:Graph|Layers)Model|InferenceSession)\b"):
        return
    for loader, (kind, what) in LOADERS.items():
        uses: list[tuple[Call | Member, str]] = [(call, call.method) for call in file.calls(f"{loader}().*") if call.method]
        uses += [(read, read.attribute) for read in file.attributes(f"{loader}().*") if read.attribute in READ and not _compared(read)]
        for node, name in uses:
            if name in _members(kind) or _own(file, name) or _guarded(file, name):
                continue
            written = node.callee.text if isinstance(node, Call) else node.text
            yield Finding(
                node,
                f"{what} has no {name}" + (f": {written} is not a function" if isinstance(node, Call) and len(written) < 60 else ""),
                help=OF.get(name, "a session is asked with run" if not kind else "ask it with predict"),
            )


def _compared(read: Member) -> bool:
    """Whether it is only looked whether it is there."""
    return bool(re.search(r"&&|\|\||\?|!", read.parent.text.replace(read.text, "", 1))) if read.parent is not None else False


def _own(file: SourceFile, name: str) -> bool:
    """Whether code of this file puts such a member on something."""
    return any(
        isinstance(node, Assign) and isinstance(node.target, Member) and node.target.attribute == name for node in file.meaning.nodes
    )


def _guarded(file: SourceFile, name: str) -> bool:
    return file.mentions(rf"\.{re.escape(name)}\s*(?:\?\.|&&|\)\s*[{{\w]|[!=]==?)|['\"]{re.escape(name)}['\"]\s*in\b")
