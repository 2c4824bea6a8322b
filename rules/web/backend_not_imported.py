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
from collections.abc import Iterator
from pathlib import Path

from deplint import Edit, Finding, Fix, Project, rule
from deplint.apps.web import handler, home
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Importing
from deplint.finding import Span

BACKENDS = ("wasm", "webgpu")
BRINGING = r"@tensorflow-models/|@vladmandic/|tfjs-react-native|face-api"
"""Packages that may import backends themselves."""


@rule("DPL806", severity="error", leaves=["B.3.1"], see=["https://www.tensorflow.org/js/guide/platform_environment"])
def backend_not_imported(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web:
        return
    for call in file.calls("@tensorflow/tfjs{,-core,-node,-node-gpu}.setBackend"):
        name = call.argument(None, 0)
        backend = name.value if name is not None else None
        # Without an import in this file, who knows what the page around it loads.
        if backend not in BACKENDS or not call.resolved or handler(call) or _brought(file, project, str(backend)):
            continue
        yield Finding(
            call,
            f"the {backend} backend is not imported anywhere: it is not found in the registry",
            fix=_imported(file, f"@tensorflow/tfjs-backend-{backend}"),
            help=f"install @tensorflow/tfjs-backend-{backend} and import it once",
        )


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
