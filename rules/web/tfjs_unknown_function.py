"""A function that the release of TensorFlow.js in use does not have.

Names of Python, of other libraries and of memory end in ``TypeError: tf.loadLayerModel is not a function``; so do names of newer
tutorials in a page that loads an old release.

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@0.11.7/dist/tf.min.js"></script>
<script>
tf.loadGraphModel('web/model.json').then(run); // <- since 0.15
</script>
```

```js bad
import * as tf from '@tensorflow/tfjs';

const image = tf.image.resize(tf.browser.fromPixels(canvas), [224, 224]); // <-
const scores = tf.nn.softmax(model.predict(image)); // <-
const model = await tf.keras.models.load_model('model.json'); // <-
```

```js good
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-node';

tf.image.resizeBilinear(tf.browser.fromPixels(canvas), [224, 224]);
tf.softmax(tf.tensor([1, 2]));
tf.softplus2 = (x) => tf.softplus(tf.softplus(x));
tf.softplus2(tf.scalar(1));
tf.node.decodeImage(bytes);
tf.env().set('WEBGL_PACK', false);
tf.ENV.getBool('IS_NODE');
```

What is called `tf` may be something else.

```js good path=terraform.js
tf.apply(plan);
tf.loadPlan('plan.json');
```

References: the names are those of the builds of 0.8.0 to 4.22.0 (`deplint/data/tfjs_names.json`, made by `tools/tfjs_names.js`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Project, rule
from deplint.apps import tfjs
from deplint.apps.site import release
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Member
from deplint.settings.ranges import between

ELSEWHERE = frozenset("node version ENV tflite tfvis vis wasm webgpu default platform test_util data math kernel_impls".split())  # noqa: SIM905
"""Namespaces that other packages add, or whose names were not looked at."""

MEANT = {
    "keras": "tf.loadLayersModel, tf.sequential or tf.layers", "nn.softmax": "tf.softmax", "nn.relu": "tf.relu",
    "nn": "the same without nn", "image.resize": "tf.image.resizeBilinear", "load_model": "tf.loadLayersModel",
    "models.load_model": "tf.loadLayersModel", "constant": "tf.tensor", "Variable": "tf.variable", "placeholder": "tf.input",
    "convert_to_tensor": "tf.tensor", "reduce_mean": "tf.mean", "reduce_sum": "tf.sum", "reduce_max": "tf.max",
    "expand_dims": "tf.expandDims", "saved_model": "tf.loadGraphModel", "loadTFLiteModel": "loadTFLiteModel of @tensorflow/tfjs-tflite",
}  # fmt: skip
"""What is written -> what does that in TensorFlow.js."""


@lru_cache
def _similar(name: str) -> str:
    found = difflib.get_close_matches(name, tfjs.spans(), 1, 0.8)
    return f"tf.{found[0]}" if found else ""


@rule(
    "DPL810",
    severity="error",
    leaves=["B.3.2", "B.4.2"],
    see=["https://js.tensorflow.org/api/latest/", "https://stackoverflow.com/questions/57894989"],
)
def tfjs_unknown_function(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"@tensorflow/tfjs|\btf\s*\.\s*[\w$]"):
        return
    for call in file.calls("@tensorflow/tfjs.**", "@tensorflow/tfjs-{core,node,node-gpu}.**"):
        package, path = _called(call)
        if not path or not _sure(call, file):
            continue
        span = tfjs.spans().get(path)
        if span is None:
            first = path.partition(".")[0]
            if first in ELSEWHERE or (first == "io" and "node" in package) or _added(file, project, path):
                continue
            meant = MEANT.get(path) or MEANT.get(first) or _similar(path)
            yield Finding(call.callee, f"TensorFlow.js has no {path}, in no release", help=f"perhaps {meant} is meant" if meant else _LOOK)
        elif span.before:
            used, without = release(project, file, package), between(None, span.first)
            if used is not None and without is not None and used <= without and used.tightness >= 2 and _older(used, span.before):
                yield Finding(
                    call.callee, f"{path} came with TensorFlow.js {span.first} at the latest: the release in use is older", help=_NEWER
                )


_LOOK = "look it up in https://js.tensorflow.org/api/latest/"
_NEWER = "load a newer release of TensorFlow.js, or use what that release has"


def _older(used: object, before: str) -> bool:
    limit = between(None, before)
    exact = getattr(used, "exact", None)
    return bool(exact == before or (limit is not None and used <= limit))  # type: ignore[operator]


def _called(call: Call) -> tuple[str, str]:
    """The package and the path below it of what is called: exports, and those of namespaces. Methods of results have none."""
    match = re.fullmatch(r"(@tensorflow/tfjs(?:-[a-z]+)*)\.([\w$]+(?:\.[\w$]+)*)", call.name)
    if match is None or not (isinstance(call.callee, Member) or call.resolved):
        return "", ""
    parts = match[2].split(".")
    if parts[0] in tfjs.namespaces() and len(parts) > 1 and parts[0] not in ELSEWHERE:
        return match[1], ".".join(parts[:2]) if len(parts) == 2 else ""
    if parts[0] in tfjs.spans() and len(parts) > 1:
        return "", ""
    return match[1], match[2]


def _sure(call: Call, file: SourceFile) -> bool:
    """Whether `tf` is TensorFlow.js: imported, or used as nothing else is."""
    return call.resolved or file.mentions(
        r"\btf\s*\.\s*(?:tensor\w*|zeros|browser|layers|tidy|loadLayersModel|loadGraphModel|sequential|ready|setBackend)\b"
    )


def _added(file: SourceFile, project: Project, path: str) -> bool:
    """Whether code of the project adds the name."""
    last = re.escape(path.rpartition(".")[2])
    added = rf"\.{last}\s*=(?!=)|\btf\s*=(?!=)|Object\.assign\(\s*tf\b|\bfunction\s+{last}\b|augment|declare\s+module"
    return any(other.web and other.mentions(added) for other in project.all(SourceFile))
