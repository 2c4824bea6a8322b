"""A model used before it is there: the promise of it is taken for the model.

Loading a model in JavaScript gives a promise. Without `await` or `then` there is no model behind the variable:
``TypeError: model.predict is not a function``, ``Cannot read properties of undefined (reading '0')``.

```js bad
import * as tf from '@tensorflow/tfjs';

const model = tf.loadGraphModel('/models/gesture/model.json');

export function gesture(image) {
  return model.predict(image); // <- model is a promise
}
```

```js bad
import * as ort from 'onnxruntime-web';

const session = ort.InferenceSession.create('words.onnx');
console.log(session.inputNames); // <-
```

So it is with pipelines of transformers.js and the tasks of MediaPipe.

```js bad
import { pipeline } from '@huggingface/transformers';
import { PoseLandmarker } from '@mediapipe/tasks-vision';

const classify = pipeline('text-classification');
const poses = PoseLandmarker.createFromOptions(vision, { runningMode: 'VIDEO' });

export async function run(text, video) {
  console.log(await classify(text)); // <-
  return poses.detectForVideo(video, performance.now()); // <-
}
```

What `then` gives is a promise as well, of what its function returns.

```js bad
const tf = require('@tensorflow/tfjs-node');

const model = tf.loadLayersModel('file://net/model.json').then(() => {
  model.predict(tf.zeros([1, 8])); // <-
});
```

```js good
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-web';
import { pipeline } from '@xenova/transformers';

const loading = tf.loadGraphModel('/models/gesture/model.json');
let session;

export async function gesture(image) {
  const model = await loading;
  session ??= await ort.InferenceSession.create('words.onnx');
  return [model.predict(image), (await loading).inputs, await session.run({})];
}

const classify = await pipeline('text-classification');
console.log(await classify('fine'), await (await pipeline('fill-mask'))('a [MASK]'));
tf.loadLayersModel('hands.json').then((hands) => hands.predict(tf.zeros([1, 8, 8, 3])));
```

References: https://stackoverflow.com/questions/52545000; checked with TensorFlow.js 4.22 and onnxruntime-node 1.20.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.web import LOADERS, PIPELINE
from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Member, Name, Node
from deplint.code.source_packages import GLOBALS
from deplint.code.source_scopes import Variable

PROMISE = frozenset({"then", "catch", "finally"})
_loads = matcher(*LOADERS)
_LIBRARIES = rf"@tensorflow|onnxruntime|@mediapipe/tasks|/transformers|\b(?:{'|'.join(GLOBALS)})\s*\.\s*(?:load|create|InferenceSession)"
_FUNCTIONS = (
    r"\b(?:load(?:\w*Model)?|create(?:Detector|Segmenter|Estimator|FromOptions|FromModel\w+)|InferenceSession|pipeline|from_pretrained)\b"
)
_USES = tuple(f"{loader}().*" for loader in LOADERS)


@rule(
    "DPL801",
    severity="error",
    leaves=["B.4.5"],
    see=["https://stackoverflow.com/questions/52545000", "https://stackoverflow.com/questions/57083612"],
)
def model_promise_not_awaited(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(_FUNCTIONS) or not file.mentions(_LIBRARIES):
        return
    uses: list[tuple[Node, Node | None, str]] = [(call, call.receiver, call.method + "()") for call in file.calls(*_USES)]
    uses += [(member, member.object, member.attribute) for member in file.attributes(*_USES)]
    reported: set[Call] = set()
    yield from _chained(file)
    for call in file.calls(f"{PIPELINE}()"):
        load = call.callee.origin
        if load is not None and call.callee.settled is False and call.callee is not load:
            yield Finding(
                call,
                f"{call.callee.text} is the promise of a pipeline, not the pipeline: it is not a function",
                help=f"await it first: const {call.callee.text} = await {load.callee.text}(...)",
            )
    for node, promise, used in sorted(uses, key=lambda use: (use[0].span.end_line, use[0].span.end_column)):
        load = promise.origin if promise is not None else None
        if promise is None or load is None or load in reported or promise.settled is not False or not _loads(load.name):
            continue
        if used.removesuffix("()") not in PROMISE:
            reported.add(load)
            yield Finding(
                node,
                f"{used} of a promise: what {load.method}() returns has to be awaited before it is the model",
                help=f"await it first: const model = await {load.callee.text}(...)",
            )


def _chained(file: SourceFile) -> Iterator[Finding]:
    """Uses of a variable that holds what `then` gave."""
    reported: set[Variable] = set()
    for node in file.meaning.nodes:
        if not isinstance(node, Member) or not isinstance(node.object, Name) or node.attribute in PROMISE:
            continue
        variable = file.meaning.variable(node.object)
        sources = variable.sources if variable is not None else []
        if variable is None or variable in reported or len(sources) != 1 or sources[0].path or sources[0].settled:
            continue
        chained = sources[0].source
        if not isinstance(chained, Call) or chained.new or chained.method not in PROMISE or chained.receiver is None:
            continue
        load = chained.receiver
        while isinstance(load, Call) and load.method in PROMISE and load.receiver is not None:
            load = load.receiver
        if isinstance(load, Call) and _loads(load.name):
            reported.add(variable)
            yield Finding(
                node.parent if isinstance(node.parent, Call) and node.parent.callee is node else node,
                f"{node.attribute} of a promise: {chained.method}() gives one of what its function returns, not the model",
                help="take the model as the parameter of that function: .then(model => ...)",
            )
