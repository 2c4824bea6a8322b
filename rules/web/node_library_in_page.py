"""A library of Node in code that is built for the browser.

`@tensorflow/tfjs-node` and `onnxruntime-node` are native parts of Node. What runs in the browser cannot have them: the build stops at
``Module not found: Error: Can't resolve 'aws-sdk'`` (or ``'fs'``, ``'nock'``) and ``Module parse failed: Unexpected character``, or the
page at the first use.

```jsx bad path=app/Detector.jsx
'use client'

import * as tf from '@tensorflow/tfjs-node' // <-

export default function Detector() { return <p>{tf.version.tfjs}</p> }
```

```json + path=package.json
{"dependencies": {"next": "14.1.0", "react": "18.2.0", "react-dom": "18.2.0", "@tensorflow/tfjs-node": "4.22.0"}}
```

The same in an app that has no server of its own:

```jsx bad path=src/App.jsx
import * as ort from 'onnxruntime-node'; // <-

export default function App() { return <p>{String(ort.env)}</p> }
```

```json + path=package.json
{"dependencies": {"react-scripts": "5.0.1", "react": "18.2.0", "react-dom": "18.2.0", "onnxruntime-node": "1.20.0"}}
```

Components of the server, tests and scripts may have them.

```jsx good path=app/page.jsx
import * as tf from '@tensorflow/tfjs-node'

export default function Page() { return <p>{tf.version.tfjs}</p> }
```

```json + path=package.json
{"dependencies": {"next": "14.1.0", "react": "18.2.0", "react-dom": "18.2.0", "@tensorflow/tfjs-node": "4.22.0"}}
```

What a build replaces:

```jsx good path=app/Detector.jsx
'use client'

import * as tf from '@tensorflow/tfjs-node'

export default function Detector() { return <p>{tf.version.tfjs}</p> }
```

```js + path=next.config.js
module.exports = { webpack: (config) => { config.resolve.alias['@tensorflow/tfjs-node'] = '@tensorflow/tfjs'; return config } }
```

```json + path=package.json
{"dependencies": {"next": "14.1.0", "react": "18.2.0", "react-dom": "18.2.0", "@tensorflow/tfjs-node": "4.22.0"}}
```

What imports only types:

```ts good path=src/kinds.ts
'use client'
import type { Tensor } from '@tensorflow/tfjs-node';
export type Pair = [Tensor, Tensor];
```

References: a module with tfjs-node 4.22.0 built with webpack 5.88.2 for the browser; https://nextjs.org/docs/app/api-reference/directives/use-client.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import home
from deplint.apps.site import BOTH, NATIVE, depends
from deplint.code.source import SourceFile

LIBRARIES = {
    "@tensorflow/tfjs-node": "@tensorflow/tfjs",
    "@tensorflow/tfjs-node-gpu": "@tensorflow/tfjs",
    "onnxruntime-node": "onnxruntime-web",
}
"""Packages with native parts for Node -> what a page runs instead."""

ALONE = frozenset({"react-scripts", "@vue/cli-service"})
"""Builders of apps that have no server in the same package."""

_CLIENT = re.compile(r"\A(?:\ufeff|\s|//[^\n]*\n|/\*.*?\*/)*(['\"])use client\1", re.S)
_TEST = re.compile(r"(?:^|/)(?:tests?|__tests__|scripts|server|api|electron|functions)/|\.(?:test|spec|server)\.")


@rule(
    "DPL870",
    severity="error",
    leaves=["B.3.1", "B.3.2"],
    see=["https://nextjs.org/docs/app/api-reference/directives/use-client", "https://github.com/vercel/next.js/issues/4940"],
)
def node_library_in_page(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"tfjs-node|onnxruntime-node") or _TEST.search(file.path):
        return
    imports = [i for i in file.imports if i.package in LIBRARIES and i.kind in ("import", "require")]
    if not imports or not _for_browser(file, project) or _replaced(file, project):
        return
    for imported in imports:
        line = project.line(imported.place)
        if re.search(r"\b(?:import|export)\s+type\b", line) or re.search(r"\btypeof\s+(?:window|process)\b", file.text):
            continue
        yield Finding(
            imported.place,
            f"{imported.package} is a native part of Node, and this is built for the browser: Module not found, or a file it cannot parse",
            help=f"import {LIBRARIES[imported.package]} here, or run the model in code of the server",
        )


def _for_browser(file: SourceFile, project: Project) -> bool:
    """Whether the code certainly runs in a browser."""
    names = depends(project, file.place)
    if names & NATIVE or any(name.startswith("electron") for name in names):
        return False
    if _CLIENT.match(file.text):
        return True
    inside = os.path.relpath(file.path, home(project, file.place)).replace(os.sep, "/")
    return bool(names & ALONE) and not names & BOTH and inside.startswith("src/")


def _replaced(file: SourceFile, project: Project) -> bool:
    """Whether a configuration of the package speaks of the library, or leaves packages out of what is built."""
    folder = home(project, file.place)
    inside = [f for f in project.files if f.path.is_relative_to(folder)]
    configurations = [f for f in inside if re.search(r"\.config\.[cm]?[jt]s$|^config-overrides\.js$|^craco", f.name)]
    return any(re.search(r"tfjs-node|onnxruntime-node|externals", f.text) for f in configurations) or any(
        re.search(r"\"browser\"\s*:\s*\{", f.text) for f in inside if f.path == folder / "package.json"
    )
