"""A library from a content delivery network without its release.

An address without a version, or with `latest`, is another file tomorrow: parts of several releases meet in one page, names go
(`tf.loadModel` went with 1.0), and nobody changed anything. The address of a release stays as it is.

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs"></script> <!-- <- -->
<script src="https://cdn.jsdelivr.net/npm/@tensorflow-models/mobilenet@latest"></script> <!-- <- -->
```

```js bad path=worker.js
importScripts('https://cdn.jsdelivr.net/npm/onnxruntime-web/dist/ort.min.js'); // <-
```

```html good
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow-models/mobilenet@2.1"></script>
<script src="https://cdn.jsdelivr.net/npm/jquery"></script>
<script src="tf.min.js"></script>
```

References: https://www.jsdelivr.com/documentation#id-npm
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node
from deplint.code.source_packages import package
from deplint.finding import Place

OURS = re.compile(
    r"@tensorflow(?:-models)?/.+|onnxruntime-web|@huggingface/transformers|@xenova/transformers|@mediapipe/tasks-.+|ml5|face-api\.js|@vladmandic/.+|"
    r"@litertjs/.+|@mlc-ai/.+"
)


@rule(
    "DPL830",
    severity="warning",
    leaves=["B.3.2", "B.8"],
    see=["https://www.jsdelivr.com/documentation", "https://www.tensorflow.org/js/tutorials/setup"],
)
def library_not_pinned(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"//(?:cdn\.jsdelivr\.net|(?:www\.)?unpkg\.com|cdn\.skypack\.dev|(?:cdn\.)?esm\.(?:sh|run))/"):
        return
    found: list[tuple[str, Node | Place]] = [(i.module, i.place) for i in file.imports if "://" in i.module or i.module.startswith("//")]
    for call in file.calls("importScripts", "self.importScripts"):
        found += [(a.value.value, a.value) for a in call.arguments if isinstance(a.value.value, str)]
    for address, at in found:
        name, version = package(address)
        if version in ("", "latest") and OURS.fullmatch(name) and re.match(r"(?:https?:)?//", address):
            yield Finding(at, f"{name} is whatever release is the newest when the page is opened", help=f"name the release: {name}@1.2.3")
