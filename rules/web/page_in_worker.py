"""The page, asked for in a worker.

A worker has no `document` and no `window`: ``ReferenceError: document is not defined``. Pictures reach it as `ImageData`, `ImageBitmap`
or on an `OffscreenCanvas`, which `tf.browser.fromPixels` takes.

```js bad path=worker.js
importScripts('https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js');

self.onmessage = (event) => {
  const image = tf.browser.fromPixels(document.getElementById('camera')); // <-
  self.postMessage(image.shape);
};
```

```js bad path=src/main.js
const worker = new Worker(new URL('./inference.js', import.meta.url), { type: 'module' });
```

```js + path=src/inference.js
import * as tf from '@tensorflow/tfjs';

self.onmessage = ({ data }) => {
  const canvas = document.createElement('canvas'); // <-
};
```

```js good path=worker.js
importScripts('https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js');

if (typeof document === 'undefined') self.document = { createElement: () => new OffscreenCanvas(1, 1) };
self.onmessage = ({ data }) => self.postMessage(tf.browser.fromPixels(data.image).shape);
```

References: https://developer.mozilla.org/en-US/docs/Web/API/WorkerGlobalScope
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Set
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.site import LIBRARIES, loading, local
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Module, Name

_OWN = (
    r"typeof\s+(?:document|window|self|importScripts|WorkerGlobalScope)\b|(?:self|globalThis)\.(?:document|window)|"
    r"\b(?:var|let|const)\s+(?:document|window)\b"
)


@rule(
    "DPL837",
    severity="error",
    leaves=["B.3.1", "B.5"],
    see=["https://stackoverflow.com/questions/51506057", "https://developer.mozilla.org/en-US/docs/Web/API/WorkerGlobalScope"],
)
def page_in_worker(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in ("javascript", "typescript") or not file.mentions(r"\bdocument\.") or file.mentions(_OWN):
        return
    if not file.mentions(LIBRARIES) or loading(project, file) or not _worker(file, project):
        return
    for node in file.meaning.nodes:
        if isinstance(node, Name) and node.id == "document" and file.meaning.lookup(node) is None:
            yield Finding(
                node, "a worker has no document: ReferenceError", help="post ImageData or an ImageBitmap, or use an OffscreenCanvas"
            )
            return


def _worker(file: SourceFile, project: Project) -> bool:
    """Whether a file certainly runs as a worker, and as nothing else."""
    if any(call.function is None for call in file.calls("importScripts", "self.importScripts")):
        return True
    return Path(os.path.abspath(file.path)) in _workers(project)


@lru_cache(maxsize=8)
def _workers(project: Project) -> Set[Path]:
    """The project's files that a worker is made of."""
    found: set[Path] = set()
    for file in project.all(SourceFile):
        if file.web and file.mentions(r"\bnew\s+(?:Shared)?Worker\s*\("):
            for call in file.calls("Worker", "SharedWorker"):
                address = _address(call)
                path = local(project, file.place, address) if address else None
                if path is not None:
                    found.add(path)
    return found


def _address(call: Call) -> str:
    """The address a worker is made of, also as ``new URL('./worker.js', import.meta.url)``."""
    given = call.argument(None, 0) if call.new else None
    if isinstance(given, Call) and given.callee.text == "URL" and given.arguments and re.search(r"import\.meta\.url", given.text):
        given = given.arguments[0].value
    if isinstance(given, Module) or given is None:
        return ""
    return given.value if isinstance(given.value, str) else ""
