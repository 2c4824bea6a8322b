"""The default export of a package that has none.

The modules of TensorFlow.js and of its ready-made models export names and no default: bundlers say ``"export 'default' (imported as 'tf')
was not found in '@tensorflow/tfjs'"``, browsers ``does not provide an export named 'default'``, and `tf` is undefined.

```js bad path=src/main.js
import tf from '@tensorflow/tfjs'; // <-

export const loading = tf.loadLayersModel('/model.json');
```

```json + path=package.json
{"dependencies": {"@tensorflow/tfjs": "^4.22.0"}, "devDependencies": {"vite": "5.4.0"}}
```

```js fixed path=src/main.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadLayersModel('/model.json');
```

```json + path=package.json
{"dependencies": {"@tensorflow/tfjs": "^4.22.0"}, "devDependencies": {"vite": "5.4.0"}}
```

In Node the package is another file, of which all is the default.

```js good path=server.mjs
import tf from '@tensorflow/tfjs';
import fs from 'node:fs';

export const model = tf.sequential();
```

Names:

```js good path=src/main.js
import * as tf from '@tensorflow/tfjs';
import { load } from '@tensorflow-models/mobilenet';
import ort from 'onnxruntime-web';
```

```json + path=package.json
{"dependencies": {"@tensorflow/tfjs": "^4.22.0"}, "devDependencies": {"vite": "5.4.0"}}
```

References: the exports of @tensorflow/tfjs 4.22 (`typeof tf.default` is undefined), @tensorflow-models/coco-ssd 2.2.3, mobilenet 2.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Edit, Finding, Fix, Project, rule
from deplint.apps.site import BUILDERS, builders, platform
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Importing
from deplint.finding import Span

WITHOUT = re.compile(
    r"@tensorflow/tfjs(?:-core|-layers|-converter|-data)?|@tensorflow-models/(?:coco-ssd|mobilenet|blazeface|handpose|pose-detection)"
)
"""Packages whose modules have no default export."""

_SERVED = re.compile(r"(?:^|/)(?:convex|server|backend|api|functions|scripts|tests?|__tests__|electron)/|\.(?:test|spec)\.")
_NODE = r"['\"]use (?:node|server)['\"]"
"""Where code runs in Node, in a package that is otherwise built for pages."""


@rule("DPL831", severity="error", leaves=["B.3.1"], see=["https://www.tensorflow.org/js/tutorials/setup"])
def default_import(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"import\s+\w+\b[^;\n]*\bfrom\s*['\"]@tensorflow"):
        return
    if (
        not builders(project, file.place) & set(BUILDERS)
        or platform(project, file) == "node"
        or _SERVED.search(file.path)
        or file.mentions(_NODE)
    ):
        return
    for node in file.meaning.nodes:
        if isinstance(node, Importing) and node.kind == "import" and WITHOUT.fullmatch(node.module):
            local = next((local for imported, local in node.bound if imported == "default"), None)
            if local is not None:
                yield Finding(
                    node,
                    f"{node.module} has no default export: {local} is undefined",
                    fix=_all(node, local),
                    help=f"import * as {local} from '{node.module}'",
                )


def _all(node: Importing, local: str) -> Fix | None:
    text = node.text
    if len(node.bound) != 1 or not text.startswith(f"import {local} "):
        return None
    line, column = node.span.line, node.span.column + len("import ")
    return Fix("Import all of it", (Edit(node.file.path, Span(line, column, line, column + len(local)), f"* as {local}"),))
