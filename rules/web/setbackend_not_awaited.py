"""A backend that is not waited for.

WebAssembly and WebGPU start asynchronously. Until the promise of `tf.setBackend` has settled there is no backend:
``Backend 'wasm' has not yet been initialized. Make sure to await tf.ready() or await tf.setBackend() before calling
other methods``.

```js bad path=src/start.js
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

tf.setBackend('wasm'); // <-
const warm = tf.zeros([1, 224, 224, 3]);
```

```js good path=src/start.js
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

export async function start() {
  await tf.setBackend('wasm');
  return tf.zeros([1, 224, 224, 3]);
}

export function later(done) {
  tf.setBackend('webgpu').then(done);
}

export function plain() {
  tf.setBackend('webgl');
  return tf.zeros([1]);
}
```

`tf.ready()` waits for whatever backend was asked for.

```js good path=src/start.js
import * as tf from '@tensorflow/tfjs';

tf.setBackend('webgpu');
await tf.ready();
tf.zeros([1]).print();
```

References: tfjs-core/src/engine.ts at tfjs-v4.22.0 (`get backend`); https://www.tensorflow.org/js/guide/platform_environment
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.follow import home
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

ASYNCHRONOUS = ("wasm", "webgpu")
READY = r"\bready\s*\("


@rule("DPL853", severity="warning", leaves=["B.7"], see=["https://www.tensorflow.org/js/guide/platform_environment"])
def setbackend_not_awaited(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or file.mentions(READY):
        return
    for call in file.calls("@tensorflow/tfjs*.setBackend"):
        name = call.argument(None, 0)
        if name is None or name.value not in ASYNCHRONOUS or not call.discarded or _waits(file, project):
            continue
        if _used_at_once(call):
            yield Finding(
                call,
                f"setBackend is not awaited: what follows may run before the {name.value} backend has started, and throws",
                help=f"await tf.setBackend('{name.value}'), or await tf.ready() before anything else",
            )


def _used_at_once(call: Call) -> bool:
    """Whether the same function goes on to call TensorFlow.js."""
    return any(
        other.function is call.function and (other.span.line, other.span.column) > (call.span.line, call.span.column)
        for other in call.file.calls("@tensorflow/tfjs*.**")
        if other.method not in ("setBackend", "enableProdMode", "env", "set", "setWasmPaths", "registerBackend")
    )


def _waits(file: SourceFile, project: Project) -> bool:
    """Whether anything in the package may wait for the backend."""
    folder = home(project, file.place)
    return any(
        other.web and other.mentions(r"\btf\.ready\s*\(") and Path(os.path.abspath(other.path)).is_relative_to(folder)
        for other in project.all(SourceFile)
    )
