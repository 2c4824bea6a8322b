"""Tensors made for each frame that nothing frees.

What TensorFlow.js makes on the GPU, in WebAssembly or in Node is not collected: at thirty frames a second
`tf.memory().numTensors` grows until the tab slows down, ``Couldn't parse line number in error``, ``CONTEXT_LOST_WEBGL``
or a crash. In a chain every step makes a tensor, also those that have no name.

```js bad path=src/hands.js
import * as tf from '@tensorflow/tfjs';

let model;

async function loop(video) {
  const input = tf.browser.fromPixels(video).toFloat().expandDims(0); // <-
  const result = model.predict(input);
  show(await result.data());
  input.dispose();
  result.dispose();
  requestAnimationFrame(() => loop(video));
}

async function start(video) {
  model = await tf.loadGraphModel('/models/hands/model.json');
  loop(video);
}
```

Named ones stay as well if nobody frees them.

```js bad path=src/hands.js
import * as tf from '@tensorflow/tfjs';

setInterval(async () => {
  const frame = tf.browser.fromPixels(document.getElementById('video')); // <-
  show(await frame.data());
}, 100);
```

```js good path=src/hands.js
import * as tf from '@tensorflow/tfjs';
import { release } from './memory';

let model;

async function loop(video) {
  const result = tf.tidy(() => model.predict(prepared(video)));
  show(await result.data());
  result.dispose();
  const frame = tf.browser.fromPixels(video);
  const small = tf.image.resizeBilinear(frame, [32, 32]);
  show(await small.data());
  tf.dispose([frame, small]);
  const other = tf.browser.fromPixels(video);
  release(other);
  requestAnimationFrame(() => loop(video));
}

function prepared(video) {
  return tf.browser.fromPixels(video).toFloat().expandDims(0);
}

function once(video) {
  return tf.browser.fromPixels(video).toFloat().expandDims(0);
}

async function start(video) {
  model = await tf.loadGraphModel('/models/hands/model.json');
  model.predict(once(video)).print();
  loop(video);
}
```

References: https://www.tensorflow.org/js/guide/tensors_operations#memory; `tf.memory()` of TensorFlow.js 4.22 counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source, within
from deplint.apps.frames import frames, reached
from deplint.apps.tensors import NOTHING, tensor
from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Declare, Function, Member, Name, Node
from deplint.code.source_scopes import Variable

_MAKES = matcher(
    "@tensorflow/tfjs*.{browser.fromPixels,fromPixels,node.decodeImage,tensor,tensor1d,tensor2d,tensor3d,tensor4d,tensor5d,zeros,ones}"
)
_LOADS = matcher("@tensorflow/tfjs*.{loadGraphModel,loadLayersModel,sequential,model}")
_FREES = matcher("@tensorflow/tfjs*.{dispose,keep,variable,tidy}")
_TFJS = matcher("@tensorflow/tfjs*.**")
_READS = frozenset({"data", "dataSync", "array", "arraySync", "print", "bytes"})


@rule("DPL850", severity="warning", leaves=["B.7"], see=["https://www.tensorflow.org/js/guide/tensors_operations#memory"])
def tensor_leak_in_loop(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not frames(file) or file.mentions(r"startScope\s*\("):
        return
    with within(project):
        found = list(_leaks(file))
    yield from found


def _leaks(file: SourceFile) -> Iterator[Finding]:
    loops = frames(file)
    tidied: set[Node] = set()
    for tidy in file.calls("@tensorflow/tfjs*.tidy"):
        body = file.meaning.local(tidy.arguments[-1].value) if tidy.arguments else None
        tidied |= {body, *reached(body)} if body is not None else set()
    reported: set[Node | None] = set()
    calls = file.calls("@tensorflow/tfjs*.**", "**.{predict,execute}")
    for call in sorted(calls, key=lambda call: (call.span.end_line, call.span.end_column)):
        around = list(call.ancestors)
        if not (_MAKES(call.name) or _predicts(call)) or call.function in reported:
            continue
        if not any(node in loops for node in around) or any(node in tidied for node in around):
            continue
        if _lost(call):
            reported.add(call.function)
            yield Finding(
                call,
                f"each frame leaves tensors behind: what {call.method} makes here is never freed",
                help="make them in tf.tidy(() => ...), or keep each in a variable and call dispose()",
            )


def _lost(node: Call) -> bool:
    """Whether what a call makes, or something that is made of it on the way, is certainly never freed."""
    parent = node.parent
    if isinstance(parent, Member):
        called = parent.parent
        if not isinstance(called, Call) or called.callee is not parent:
            return False
        return parent.attribute in _READS or tensor(called) is not NOTHING
    if isinstance(parent, Call):
        return parent.callee is not node and _takes(parent)
    if isinstance(parent, (Declare, Assign)) and isinstance(parent.target, Name):
        variable = node.file.meaning.variable(parent.target)
        return variable is not None and len(variable.writes) == 1 and variable.function is not None and _kept(variable, node)
    return False


def _predicts(call: Call) -> bool:
    """Whether a call runs a model of TensorFlow.js."""
    if call.method not in ("predict", "execute"):
        return False
    made = source(call.receiver)
    return made is not None and _LOADS(made.name)


def _takes(call: Call) -> bool:
    """Whether a call reads a tensor that it is given, and leaves it to the caller."""
    return _predicts(call) or (_TFJS(call.name) and not _FREES(call.name) and tensor(call) is not NOTHING)


def _kept(variable: Variable, made: Node) -> bool:
    """Whether a variable's tensor is only read."""
    for node in made.file.meaning.nodes:
        if not isinstance(node, Name) or node.id != variable.name or made.file.meaning.lookup(node) is not variable:
            continue
        parent = node.parent
        if isinstance(parent, Member):
            if parent.attribute in ("dispose", "dataId") or isinstance(parent.parent, (Assign, Declare)):
                return False
        elif isinstance(parent, Call) and parent.callee is not node:
            if not _takes(parent):
                return False
        elif not (isinstance(parent, (Declare, Assign)) and parent.target is node):
            return False
    return any(isinstance(around, Function) for around in made.ancestors)
