"""A model's address that begins with http:.

A page that came over https may not fetch it: ``Mixed Content: The page at 'https://...' was loaded over HTTPS, but
requested an insecure resource``. Whoever is on the way can also put another model in its place.

```js bad path=src/model.js
import * as tf from '@tensorflow/tfjs';

export const load = () => tf.loadLayersModel('http://models.example.org/flowers/model.json'); // <-
```

```js good path=src/model.js
import * as tf from '@tensorflow/tfjs';

export const load = () => tf.loadLayersModel('https://models.example.org/flowers/model.json');
export const here = () => tf.loadLayersModel('http://localhost:8000/flowers/model.json');
export const near = () => tf.loadLayersModel('http://192.168.1.20/flowers/model.json');
export const own = () => tf.loadLayersModel('/flowers/model.json');
```

An address to be filled in is none yet.

```js good path=src/own.js
import * as tf from '@tensorflow/tfjs';

export const own = () => tf.loadLayersModel('http://yoursite.com/model.json');
```

References: https://developer.mozilla.org/en-US/docs/Web/Security/Mixed_content
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import platform
from deplint.apps.web import ORT_LOADER, TFJS_LOADERS
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Text

_NEAR = r"127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|[\w.-]+\.(?:local|test|internal|localhost)\b"
_FILL_IN = r"(?:[\w-]+\.)*your-?(?:site|domain|server|host|website)\.\w+\b"
PLAIN = re.compile(rf"http://(?!{_NEAR}|{_FILL_IN})[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


@rule("DPL907", severity="warning", leaves=["B.9"], see=["https://developer.mozilla.org/en-US/docs/Web/Security/Mixed_content"])
def http_model_address(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"http://"):
        return
    loads = file.calls(
        TFJS_LOADERS, ORT_LOADER, "ml5.{imageClassifier,soundClassifier,neuralNetwork}", "@tensorflow/tfjs-tflite.loadTFLiteModel"
    )
    for call in loads:
        given = call.argument(None, 0)
        value = given.value if given is not None else None
        address = value.prefix if isinstance(value, Text) else value
        if isinstance(address, str) and PLAIN.match(address) and platform(project, file) != "node":
            yield Finding(
                call,
                "the model's address begins with http: a page that came over https may not fetch it",
                help="serve the model over https, or name it relative to the page",
            )
