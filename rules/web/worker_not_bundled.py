"""A worker's script that the bundler does not see.

Create React App, webpack, Vite and Next.js make a worker of ``new Worker(new URL('./worker.js', import.meta.url))``; a mere string is an
address that is asked for as it is, and scripts among the sources are served at none. What comes back is the page: ``Uncaught SyntaxError:
Unexpected token '<'``.

```js bad path=src/main.js
import * as tf from '@tensorflow/tfjs';

const worker = new Worker('./worker.js'); // <-
worker.postMessage({ image: await tf.browser.fromPixels(canvas).data() });
```

```js + path=src/worker.js
import * as tf from '@tensorflow/tfjs';
self.onmessage = ({ data }) => tf.tensor(data.image);
```

```json + path=package.json
{"dependencies": {"react-scripts": "5.0.1", "@tensorflow/tfjs": "^4.22.0"}}
```

```js good path=src/main.js
import * as tf from '@tensorflow/tfjs';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const other = new Worker('/served.js');
```

```js + path=src/worker.js
import * as tf from '@tensorflow/tfjs';
self.onmessage = ({ data }) => tf.tensor(data.image);
```

```js + path=public/served.js
importScripts('tf.min.js');
```

```json + path=package.json
{"dependencies": {"react-scripts": "5.0.1", "@tensorflow/tfjs": "^4.22.0"}}
```

References: https://webpack.js.org/guides/web-workers/, https://vite.dev/guide/features#web-workers
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Edit, Finding, Fix, Project, rule
from deplint.apps.follow import home
from deplint.apps.site import BUILDERS, LIBRARIES, builders, depends, local
from deplint.code.source import SourceFile
from deplint.finding import Span

_LOADERS = re.compile(r"worker-?(?:loader|plugin)|comlink-loader|workerize|rollup-plugin-.*worker|react-app-rewired|craco")


@rule(
    "DPL836",
    severity="error",
    leaves=["B.3.1"],
    see=[
        "https://stackoverflow.com/questions/57773499",
        "https://webpack.js.org/guides/web-workers/",
        "https://vite.dev/guide/features#web-workers",
    ],
)
def worker_not_bundled(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bnew\s+(?:Shared)?Worker\s*\(\s*['\"`]"):
        return
    known = {BUILDERS.get(builder, "") for builder in builders(project, file.place)} - {""}
    if len(known) != 1 or any(_LOADERS.search(name) for name in depends(project, file.place)):
        return
    static = home(project, file.place) / known.pop()
    if Path(os.path.abspath(file.path)).is_relative_to(static):
        return
    for call in file.calls("Worker", "SharedWorker"):
        address = call.argument(None, 0)
        value = address.value if address is not None else None
        if not call.new or address is None or not isinstance(value, str) or not re.match(r"\.{0,2}/?[\w./-]+\.[cm]?[jt]s$", value):
            continue
        served = project.file(static.joinpath(*(part for part in value.split("/") if part not in ("", ".", ".."))))
        path = local(project, file.place, value)
        target = project.file(path) if path is not None else None
        if (
            served is None
            and target is not None
            and not target.path.is_relative_to(static)
            and re.search(LIBRARIES, target.text + file.text)
        ):
            yield Finding(
                call,
                f"{target.shown} is not served: the builder makes a worker only of new URL(..., import.meta.url)",
                fix=_located(address.text, file, address.span),
                help=f"new Worker(new URL({address.text}, import.meta.url), {{type: 'module'}})",
            )


def _located(text: str, file: SourceFile, span: Span) -> Fix | None:
    return Fix("Give it as a URL", (Edit(file.path, span, f"new URL({text}, import.meta.url)"),), safe=False) if text[:1] in "'\"" else None
