"""WebAssembly fetched from another release than that of the library, or from where it is not.

The JavaScript and the WebAssembly of ONNX Runtime, TensorFlow.js, TensorFlow Lite and MediaPipe are built together. Those of two
releases do not fit: ``LinkError: WebAssembly.instantiate(): Import #0``, ``... is not a function``. Folders are written to the end:
MediaPipe's files are in `/wasm`, those of the others in `/dist/`.

```js bad versions=onnxruntime-web==1.17.3
import * as ort from 'onnxruntime-web';

ort.env.wasm.wasmPaths = 'https://cdn.jsdelivr.net/npm/onnxruntime-web@1.14.0/dist/'; // <-
```

```js bad versions=@mediapipe/tasks-vision==0.10.14
import { FilesetResolver } from '@mediapipe/tasks-vision';

const vision = await FilesetResolver.forVisionTasks('https://cdn.jsdelivr.net/npm/@mediapipe/tasks-vision@0.10.14'); // <-
const other = await FilesetResolver.forVisionTasks('https://cdn.jsdelivr.net/npm/@mediapipe/tasks-vision@0.10.3/wasm'); // <-
```

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-backend-wasm@4.22.0/dist/tf-backend-wasm.js"></script>
<script>
tf.wasm.setWasmPaths('https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-backend-wasm@3.21.0/dist/'); // <-
</script>
```

```js good versions=onnxruntime-web==1.17.3,@mediapipe/tasks-vision==0.10.14
import * as ort from 'onnxruntime-web';
import { FilesetResolver } from '@mediapipe/tasks-vision';

ort.env.wasm.wasmPaths = 'https://cdn.jsdelivr.net/npm/onnxruntime-web@1.17.3/dist/';
ort.env.wasm.wasmPaths = '/wasm/';
ort.env.wasm.wasmPaths = `https://cdn.jsdelivr.net/npm/onnxruntime-web@${version}/dist/`;
const vision = await FilesetResolver.forVisionTasks('https://cdn.jsdelivr.net/npm/@mediapipe/tasks-vision@latest/wasm');
```

References: https://onnxruntime.ai/docs/tutorials/web/env-flags-and-session-options.html, the README files of
@tensorflow/tfjs-backend-wasm and @mediapipe/tasks-vision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import release
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node, Object
from deplint.code.source_packages import package
from deplint.settings.ranges import parse

ASSIGNED = "{onnxruntime-web,onnxruntime-common}.env.wasm.wasmPaths"
CALLED = (
    "@tensorflow/tfjs-backend-wasm.{setWasmPaths,setWasmPath}",
    "@tensorflow/tfjs.wasm.{setWasmPaths,setWasmPath}",
    "@tensorflow/tfjs-tflite.setWasmPath",
    "@mediapipe/tasks-*.FilesetResolver.for*Tasks",
    "FilesetResolver.for*Tasks",
)
FOLDERS = {"onnxruntime-web": "dist", "@tensorflow/tfjs-backend-wasm": "dist", "@tensorflow/tfjs-tflite": "dist"}
"""Package -> the folder in it that the WebAssembly is in; MediaPipe's is ``wasm``."""


@rule(
    "DPL825",
    severity="error",
    leaves=["B.3.2", "B.3.1"],
    see=[
        "https://onnxruntime.ai/docs/tutorials/web/env-flags-and-session-options.html",
        "https://ai.google.dev/edge/mediapipe/solutions/setup_web",
    ],
)
def wasm_of_another_release(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bwasmPaths\b|\bsetWasmPaths?\b|\bFilesetResolver\b"):
        return
    given: list[Node] = [a.assigned for a in file.assignments(ASSIGNED) if a.assigned is not None]
    given += [node for call in file.calls(*CALLED) if (node := call.argument(None, 0)) is not None]
    for node in given:
        for part in [value for _, value in node.entries] if isinstance(node, Object) else [node]:
            address = part.value
            if not isinstance(address, str) or "://" not in address:
                continue
            name, version = package(address)
            wanted = "wasm" if name.startswith("@mediapipe/tasks-") else FOLDERS.get(name)
            if wanted is None:
                continue
            if version and version != "latest":
                named, used = parse(version, "npm"), release(project, file, name)
                if named is not None and used is not None and used.tightness >= 2 and not (named & used).parts:
                    yield Finding(
                        part,
                        f"this is the WebAssembly of {name} {version}, another release is in use",
                        help="name the release that is installed",
                    )
                    continue
            if re.search(rf"/{re.escape(name)}(?:@[^/]+)?/?$", address):
                yield Finding(
                    part, f"the WebAssembly of {name} is in its folder {wanted}, not here", help=f"write {address.rstrip('/')}/{wanted}"
                )
