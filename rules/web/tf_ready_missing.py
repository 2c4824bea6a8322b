"""A backend that only starts when it is asked to.

WebAssembly, WebGPU and React Native's GPU start asynchronously, and TensorFlow.js starts them in `tf.ready()` or `tf.setBackend()`
only. Without either, the first operation throws, and so does every later one: ``The highest priority backend 'rn-webgl' has not
yet been initialized. Make sure to await tf.ready() or await tf.setBackend() before calling other methods``.

```js bad path=App.js
import * as tf from '@tensorflow/tfjs';
import { bundleResourceIO, decodeJpeg } from '@tensorflow/tfjs-react-native'; // <-

export async function classify(bytes) {
  const model = await tf.loadLayersModel(bundleResourceIO(require('./model.json'), require('./weights.bin')));
  return model.predict(decodeJpeg(bytes).expandDims(0)).data();
}
```

A word of that name is no start, and neither is a state of the component's own.

```jsx bad path=App.jsx
import * as tf from '@tensorflow/tfjs';
import { bundleResourceIO } from '@tensorflow/tfjs-react-native'; // <-

export async function load(setStatus) {
  const model = await tf.loadLayersModel(bundleResourceIO(require('./model.json'), require('./weights.bin')));
  setStatus(model ? 'ready' : 'loading');
}
```

So it is with a package that has no other backend.

```js bad path=src/run.js
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm'; // <-

export const square = (values) => tf.square(tf.tensor1d(values)).data();
```

```js good path=App.js
import * as tf from '@tensorflow/tfjs';
import { bundleResourceIO, decodeJpeg } from '@tensorflow/tfjs-react-native';
import './start';

export async function classify(bytes) {
  const model = await tf.loadLayersModel(bundleResourceIO(require('./model.json'), require('./weights.bin')));
  return model.predict(decodeJpeg(bytes).expandDims(0)).data();
}
```

```js + path=start.js
import * as tf from '@tensorflow/tfjs';

export const started = tf.ready();
```

WebGL and the CPU start at once, and where they are there, WebAssembly comes after them.

```js good path=src/run.js
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

export const square = (values) => tf.square(tf.tensor1d(values)).data();
```

References: tfjs-core/src/engine.ts at tfjs-v4.22.0; run in Node with the backend of WebAssembly, and with one registered like React
Native's (`tests/claims/test_web_tensors.py`)
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.follow import home
from deplint.code.source import SourceFile

HIGHEST = frozenset({"@tensorflow/tfjs-react-native", "@tensorflow/tfjs-backend-webgpu"})
"""Backends that come before all others, and start asynchronously."""

SYNCHRONOUS = r"tfjs['\"/@]|tfjs-backend-(?:webgl|cpu)|tfjs-node"
STARTS = r"\.\s*ready\b|\bready\s*\(|\{[^{}]*\bready\b[^{}]*\}\s*(?:from\b|=)|setBackend|initBackend|loadTensorFlow"


@rule(
    "DPL869",
    severity="error",
    leaves=["B.6.1", "B.4.5"],
    see=["https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/engine.ts"],
)
def tf_ready_missing(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"tfjs-react-native|tfjs-backend-(?:webgpu|wasm)"):
        return
    for imported in file.imports:
        wasm = imported.package == "@tensorflow/tfjs-backend-wasm"
        if imported.kind not in ("import", "require") or not (wasm or imported.package in HIGHEST):
            continue
        package = list(_package(file, project))
        if any(other.mentions(STARTS) for other in package) or (wasm and any(other.mentions(SYNCHRONOUS) for other in package)):
            return
        used = re.compile(
            r"\b(?:tensor\dd?|zeros|ones|tidy|predict|execute\w*|load(?:Graph|Layers)Model|fromPixels|decodeJpeg|detect|estimate\w+)\("
        )
        if any(used.search(other.text) for other in package):
            yield Finding(
                imported.place,
                f"nothing starts the backend of {imported.package}: every operation throws until tf.ready() was awaited",
                help="await tf.ready() before anything else",
            )
        return


def _package(file: SourceFile, project: Project) -> Iterator[SourceFile]:
    """The files of the package."""
    folder = home(project, file.place)
    return (other for other in project.all(SourceFile) if other.web and Path(os.path.abspath(other.path)).is_relative_to(folder))
