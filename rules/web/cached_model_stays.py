"""A downloaded model that is kept for good.

A copy in IndexedDB or local storage is what a user has from then on: a better model on the server never gets there.

```js bad path=src/model.js
import * as tf from '@tensorflow/tfjs';

export async function load() {
  try {
    return await tf.loadLayersModel('indexeddb://flowers'); // <-
  } catch {
    const model = await tf.loadLayersModel('/models/flowers/model.json');
    await model.save('indexeddb://flowers');
    return model;
  }
}
```

A version in the name, or code that throws old copies away, is the remedy; what a page has trained itself is its own.

```js good path=src/model.js
import * as tf from '@tensorflow/tfjs';
import { VERSION } from './version';

export async function load(data) {
  const key = `indexeddb://flowers-${VERSION}`;
  try {
    return await tf.loadLayersModel(key);
  } catch {
    const model = await tf.loadLayersModel('/models/flowers/model.json');
    await model.save(key);
    return model;
  }
}
```

```js good path=src/train.js
import * as tf from '@tensorflow/tfjs';

export async function train(data) {
  const model = await tf.loadLayersModel('indexeddb://mine');
  await model.fit(data.xs, data.ys);
  await model.save('indexeddb://mine');
}
```

References: https://www.tensorflow.org/js/guide/save_load
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.web import TFJS_LOADERS
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

STORES = re.compile(r"(?:indexeddb|localstorage)://(.+)")
FORGETS = r"removeModel|listModels|deleteDatabase|localStorage\.(?:clear|removeItem)|\bfit(?:Dataset)?\s*\(|trainOnBatch|[vV]ersion"


@rule(
    "DPL861",
    severity="warning",
    leaves=["B.8"],
    see=["https://www.tensorflow.org/js/guide/save_load"],
)
def cached_model_stays(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"(?:indexeddb|localstorage)://") or file.mentions(FORGETS):
        return
    saved = {_key(call) for call in file.calls("**.save")}
    loads = list(file.calls(TFJS_LOADERS))
    fetched = any(not _key(call) for call in loads)
    for call in loads:
        key = _key(call)
        if key and fetched and key in saved and not re.search(r"\d", key):
            yield Finding(
                call,
                f"the copy kept as {key!r} is loaded for good: nothing ever replaces it by a newer model",
                help="put a version into its name, and remove the older ones with tf.io.removeModel",
            )


def _key(call: Call) -> str:
    """The name in a store of the browser that a call loads from or saves to, if it is one."""
    given = call.argument(None, 0)
    value = given.value if given is not None else None
    match = STORES.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else ""
