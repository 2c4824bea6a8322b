"""The build for script tags imported as a module.

`tf.min.js`, `ort.min.js` and what jsDelivr and unpkg give for a package without a path are plain scripts: they make a global `tf` or
`ort` and export nothing. Imported, ``tf.loadLayersModel is not a function``, ``does not provide an export named 'default'``;
TensorFlow.js before 2.0 does not even run as a module: ``Cannot read properties of undefined (reading 'tf')``.

```html bad
<script type="module">
import * as tf from 'https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js'; // <-
await tf.ready();
</script>
```

```html bad
<script type="module" src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@1.3.2"></script> <!-- <- -->
```

```js bad path=worker.js
const ort = await import('https://unpkg.com/onnxruntime-web@1.20.1'); // <-
```

```html good
<script type="module">
import * as tf from 'https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/+esm';
import * as ort from 'https://cdn.jsdelivr.net/npm/onnxruntime-web@1.20.1/dist/ort.min.mjs';
import * as core from 'https://esm.sh/@tensorflow/tfjs-core@4.22.0';
import 'https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js';
await import('https://cdn.jsdelivr.net/npm/@tensorflow-models/coco-ssd');
await tf.ready();
</script>
<script type="module" src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
```

References: the builds of TensorFlow.js 0.13.5, 1.3.2, 4.22.0 and onnxruntime-web 1.20.1 imported in Node 20; the fields `jsdelivr` and
`unpkg` of their packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import STATEMENT, Await, Importing, Module, Node, Other
from deplint.code.source_packages import package
from deplint.settings.ranges import between, parse

SCRIPTS = re.compile(
    r"@tensorflow/tfjs(?:-core|-layers|-converter|-data|-backend-\w+|-tflite|-vis)?|@tensorflow-models/[\w-]+|onnxruntime-web"
)
"""Packages whose default file on content delivery networks is a plain script."""

_NETWORK = re.compile(
    r"(?:https?:)?//(?:cdn\.jsdelivr\.net/npm|(?:www\.)?unpkg\.com)/"
    r"(?:@[\w.-]+/)?[\w.-]+(?:@[^/?]+)?(?P<path>/[^?]*)?(?P<query>\?.*)?"
)


@rule(
    "DPL838",
    severity="error",
    leaves=["B.3.1"],
    see=[
        "https://stackoverflow.com/questions/57242599",
        "https://stackoverflow.com/questions/58255449",
        "https://www.jsdelivr.com/documentation",
    ],
)
def script_imported_as_module(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"cdn\.jsdelivr\.net|unpkg\.com"):
        return
    for node in file.meaning.nodes:
        dynamic = isinstance(node, Module) and node.kind == "dynamic"
        if (dynamic or (isinstance(node, Importing) and node.bound and node.kind == "import")) and isinstance(node, (Importing, Module)):
            name = _script(node.module)
            if name and not (dynamic and _for_effect(node)):
                yield Finding(node, f"this build of {name} is a plain script: it exports nothing", help=_INSTEAD)
    early = between(None, "2.0")
    for script in file.scripts:
        name, version = package(script.address)
        used = parse(version, "npm") if script.module and name == "@tensorflow/tfjs" and version not in ("", "latest") else None
        if used is not None and early is not None and used <= early and _script(script.address):
            yield Finding(
                script.place,
                "TensorFlow.js before 2.0 does not run as a module: Cannot read properties of undefined",
                help="leave out type",
            )


def _for_effect(node: Node) -> bool:
    """Whether what an import gives is not looked at: what the script leaves behind is meant."""
    around = node.parent
    while isinstance(around, Await):
        around = around.parent
    return isinstance(around, Other) and around.kind == STATEMENT


_INSTEAD = "import the package's modules (.../+esm, https://esm.sh/..., a .mjs file), or load it with a plain script tag"


def _script(address: str) -> str:
    """The package whose plain script an address is; empty if it is another."""
    match = _NETWORK.fullmatch(address)
    name = package(address)[0] if match else ""
    if match is None or not SCRIPTS.fullmatch(name):
        return ""
    path, query = match["path"] or "", match["query"] or ""
    plain = path in ("", "/") or (re.search(r"/dist/[\w.-]+\.js$", path) and not re.search(r"esm|es2017|fesm|/index\.js$|node", path))
    return name if plain and "module" not in query else ""
