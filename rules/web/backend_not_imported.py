"""A TensorFlow.js backend that is chosen and was never imported.

`@tensorflow/tfjs` brings the CPU and the WebGL backend. WebAssembly and WebGPU are packages of their own that
register themselves when imported; installing them is not enough: ``Error: Backend name 'webgpu' not found in
registry``.

```js bad
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('webgpu'); // <-
```

```js fixed
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';

await tf.setBackend('webgpu');
```

`@tensorflow/tfjs-core` brings none, and the ready-made models need one: ``No backend found in registry.``

```js bad path=src/net.js
import '@tensorflow/tfjs-core'; // <-
import * as cocoSsd from '@tensorflow-models/coco-ssd';

export const loading = cocoSsd.load();
```

```json + path=package.json
{"dependencies": {"@tensorflow-models/coco-ssd": "2.2.3", "@tensorflow/tfjs-core": "4.22.0", "@tensorflow/tfjs-converter": "4.22.0"}}
```

Installed is not imported.

```js bad path=src/count.js
import * as cocoSsd from '@tensorflow-models/coco-ssd'; // <-

export const loading = cocoSsd.load();
```

```json + path=package.json
{"dependencies": {"@tensorflow-models/coco-ssd": "2.2.3", "@tensorflow/tfjs": "4.22.0"}}
```

```js good path=src/net.js
import '@tensorflow/tfjs-core';
import * as cocoSsd from '@tensorflow-models/coco-ssd';

export const loading = cocoSsd.load();
```

```js + path=src/index.js
import '@tensorflow/tfjs-backend-webgl';
import './net';
```

```json + path=package.json
{"dependencies": {"@tensorflow-models/coco-ssd": "2.2.3", "@tensorflow/tfjs-core": "4.22.0", "@tensorflow/tfjs-backend-webgl": "4.22.0"}}
```

Names are written as they are registered.

```js bad
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('WebGL'); // <-
```

The import may stand in any file.

```js good path=src/main.js
import * as tf from '@tensorflow/tfjs';

export const ready = tf.setBackend('wasm').then(() => tf.ready());
```

```js + path=src/backends.js
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
```

Trying whether a backend is there is fine.

```js good
import * as tf from '@tensorflow/tfjs';

tf.setBackend('webgpu').catch(() => tf.setBackend('webgl'));
```

```html good
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.js"></script>
<script>tf.setBackend('wasm').then(run);</script>
```

References: checked with TensorFlow.js 4.22.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Edit, Finding, Fix, Project, rule
from deplint.apps.follow import home
from deplint.apps.site import code_of, depends, package_of, release
from deplint.apps.web import handler
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Importing
from deplint.finding import Span
from deplint.settings.ranges import between

BACKENDS = ("wasm", "webgpu")
NAMES = ("cpu", "webgl", "wasm", "webgpu", "tensorflow", "rn-webgl", "humangl", "webgl2")
"""Names of backends: those of TensorFlow.js's own packages first."""

BRINGING = r"@tensorflow-models/|@vladmandic/|tfjs-react-native|face-api"
"""Packages that may import backends themselves."""


@rule("DPL806", severity="error", leaves=["B.3.1"], see=["https://www.tensorflow.org/js/guide/platform_environment"])
def backend_not_imported(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web:
        return
    yield from _none(file, project)
    yield from _unused(file, project)
    for call in file.calls("@tensorflow/tfjs{,-core,-node,-node-gpu}.setBackend"):
        name = call.argument(None, 0)
        backend = name.value if name is not None else None
        if isinstance(backend, str) and backend not in NAMES and not handler(call) and _says(file, project, r"registerBackend") is None:
            yield Finding(
                call,
                f"there is no backend {backend!r}: it is not found in the registry",
                help=f"the names are {', '.join(NAMES[:5])}",
            )
            continue
        # Without an import in this file, who knows what the page around it loads.
        if backend not in BACKENDS or not call.resolved or handler(call) or _brought(file, project, str(backend)):
            continue
        yield Finding(
            call,
            f"the {backend} backend is not imported anywhere: it is not found in the registry",
            fix=_imported(file, f"@tensorflow/tfjs-backend-{backend}"),
            help=f"install @tensorflow/tfjs-backend-{backend} and import it once",
        )


def _unused(file: SourceFile, project: Project) -> Iterator[Finding]:
    """An app with a ready-made model, in whose code nothing imports a backend, installed or not."""
    ready = next((i for i in file.imports if i.package in READY and i.kind in ("import", "require") and not i.version), None)
    if ready is None or file.language == "html" or package_of(project, file.place) is None:
        return
    used, since = release(project, file, ready.package), between(READY[ready.package], None)
    code = code_of(project, file)
    if used is None or since is None or not used <= since or any(other.mentions(_BRINGS + r"|tfjs-core|tf\.min") for other in code):
        return
    if file.path == min(other.path for other in code if other.mentions(re.escape(ready.package))):
        yield Finding(
            ready.place,
            f"{ready.package} brings no backend of TensorFlow.js, and nothing imports one: No backend found in registry",
            help="import '@tensorflow/tfjs', or one of its backends, once",
        )


READY = {
    "@tensorflow-models/coco-ssd": "2.2",
    "@tensorflow-models/mobilenet": "2.1",
    "@tensorflow-models/posenet": "2.2.2",
    "@tensorflow-models/blazeface": "0.1",
}
"""Ready-made models -> the first release for TensorFlow.js 2 or later, whose core has no backend, by their ``peerDependencies``."""


def _none(file: SourceFile, project: Project) -> Iterator[Finding]:
    """An app with the core of TensorFlow.js, and nothing in it that brings a backend."""
    if not file.mentions(r"@tensorflow/tfjs-core") or file.mentions(_BRINGS):
        return
    listed = depends(project, file.place)
    packages = package_of(project, file.place)
    core = packages.dependency("@tensorflow/tfjs-core") if packages is not None else None
    first = next((i for i in file.imports if i.module == "@tensorflow/tfjs-core" and i.kind in ("import", "require")), None)
    if first is None or core is None or core.group or any(re.search(_BRINGS, name) for name in listed):
        return
    folder = home(project, file.place)
    others = [
        other
        for other in project.all(SourceFile)
        if other.web and other.mentions(r"@tensorflow|tfjs") and Path(os.path.abspath(other.path)).is_relative_to(folder)
    ]
    starts = min((other.path for other in others if other.mentions(r"['\"]@tensorflow/tfjs-core['\"]")), default="")
    if file.path == starts and not any(other.mentions(_BRINGS) for other in others):
        yield Finding(
            first.place,
            "nothing here brings a backend of TensorFlow.js: No backend found in registry",
            help="install @tensorflow/tfjs-backend-webgl, -wasm or -cpu and import it once, or use @tensorflow/tfjs",
        )


_BRINGS = r"@tensorflow/tfjs(?:['\"/@]|$)|tfjs-backend-|tfjs-node|tfjs-react-native|registerBackend|@vladmandic/|\bface-api|\bml5\b"


def _says(file: SourceFile, project: Project, pattern: str) -> SourceFile | None:
    """A file of the package that says something, this one first."""
    folder = home(project, file.place)
    files = (other for other in project.all(SourceFile) if other.web and other.mentions(pattern))
    return next((other for other in files if Path(os.path.abspath(other.path)).is_relative_to(folder)), None)


def _brought(file: SourceFile, project: Project, backend: str) -> bool:
    """Whether anything in the package may import the backend."""
    folder, own = home(project, file.place), rf"tfjs-backend-(?:{backend}|[$\"'])"
    return any(
        other.web and (other.mentions(own) or other.mentions(BRINGING)) and Path(os.path.abspath(other.path)).is_relative_to(folder)
        for other in project.all(SourceFile)
    )


def _imported(file: SourceFile, package: str) -> Fix | None:
    """An import below the one of TensorFlow.js."""
    for node in file.meaning.nodes:
        if isinstance(node, Importing) and node.kind == "import" and node.module.startswith("@tensorflow/tfjs") and node.text.endswith(";"):
            span = node.span
            quote = '"' if '"' in node.text else "'"
            after = Span(span.end_line, span.end_column, span.end_line, span.end_column)
            return Fix(f"Import {package}", (Edit(file.path, after, f"\nimport {quote}{package}{quote};"),), safe=False)
    return None
