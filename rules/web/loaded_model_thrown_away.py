"""A model that is loaded and not kept.

Loading gives the model, or the promise of one; a function that awaits it and returns nothing leaves ``undefined`` where the model is
looked for: ``Cannot read properties of undefined (reading 'predict')``.

```js bad
import { loadFrozenModel } from '@tensorflow/tfjs-converter';

const model = (async () => {
  await loadFrozenModel('web_model/tensorflowjs_model.pb', 'web_model/weights_manifest.json'); // <-
})();
```

```js bad
import * as ort from 'onnxruntime-web';

let session;
async function open() {
  await ort.InferenceSession.create('/leaves.onnx'); // <-
}
open().then(() => session.run({ image }));
```

What is returned, passed on or chained is kept, and what is loaded to see whether it is there, or to have it in the cache, is not wanted.

```js good
import * as tf from '@tensorflow/tfjs';
import * as mobilenet from '@tensorflow-models/mobilenet';

const open = async () => await tf.loadLayersModel('/model.json');
tf.loadLayersModel('/model.json').then((model) => model.summary());
setModel(await mobilenet.load());

async function stored() {
  try {
    await tf.loadLayersModel('indexeddb://leaves');
    return true;
  } catch {
    return false;
  }
}

async function preload() {
  await mobilenet.load();
}
```

References: https://stackoverflow.com/questions/52641423; https://www.tensorflow.org/js/guide/save_load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.page import LIBRARIES
from deplint.apps.web import LOADERS, handler
from deplint.code.source import SourceFile
from deplint.code.source_nodes import STATEMENT, Await, Call, Function, Other

ASIDE = re.compile(r"(?i)pre_?(?:load|fetch|cache|pare)|warm|cach|download|offline|exist|check|verif|valid|test|bench")
"""Names of functions and files that load for another purpose than to have the model."""

TESTS = re.compile(r"(?i)(?:^|[/._-])(?:tests?|specs?|__tests__|bench\w*)(?:[/._-]|$)")


@rule(
    "DPL782",
    severity="error",
    leaves=["B.4.5"],
    see=["https://stackoverflow.com/questions/52641423", "https://www.tensorflow.org/js/guide/save_load"],
)
def loaded_model_thrown_away(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(LIBRARIES) or TESTS.search(file.path) or ASIDE.search(file.path):
        return
    for call in file.calls(*LOADERS):
        statement = call.parent.parent if isinstance(call.parent, Await) else call.parent
        if isinstance(statement, Other) and statement.kind == STATEMENT and handler(call) is None and not _aside(call):
            yield Finding(
                call,
                f"what {call.method} gives is thrown away: nothing has the model",
                help="keep it: const model = await ..., or return it",
            )


def _aside(call: Call) -> bool:
    """Whether the model is loaded for another purpose than to have it."""
    names = [around.id or _held(around) for around in call.ancestors if isinstance(around, Function)]
    return len(call.arguments) > 2 or any(ASIDE.search(name) for name in names)


def _held(function: Function) -> str:
    """What a function without a name is called where it is kept."""
    target = getattr(function.parent, "target", None)
    return target.text if target is not None else ""
