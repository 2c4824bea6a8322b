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

Builders copy the `.wasm` files of neither onnxruntime-web before 1.19 nor TensorFlow.js: what is fetched beside the script is the page:
``expected magic word 00 61 73 6d, found 3c 21 64 6f``.

```js bad path=src/net.js
import * as ort from 'onnxruntime-web';

export const loading = ort.InferenceSession.create('/net.onnx'); // <-
```

```json + path=package.json
{"dependencies": {"onnxruntime-web": "1.17.3"}, "devDependencies": {"vite": "5.4.0"}}
```

A build that copies something else:

```js bad path=src/net.js
import * as ort from 'onnxruntime-web';

export const loading = ort.InferenceSession.create('./models/net.onnx'); // <-
```

```js + path=webpack.config.js
const CopyPlugin = require('copy-webpack-plugin');
module.exports = { entry: './src/net.js', plugins: [new CopyPlugin({ patterns: [{ from: 'models', to: 'models' }] })] };
```

```json + path=package.json
{"dependencies": {"onnxruntime-web": "1.14.0"}, "devDependencies": {"webpack": "5.88.2", "copy-webpack-plugin": "11.0.0"}}
```

TensorFlow.js:

```js bad path=src/net.js
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';

export const ready = tf.setBackend('wasm'); // <-
```

```json + path=package.json
{"dependencies": {"@tensorflow/tfjs-core": "4.22.0", "@tensorflow/tfjs-backend-wasm": "4.22.0", "react-scripts": "5.0.1"}}
```

They may be in a folder that is copied as it is.

```js good path=src/net.js
import * as ort from 'onnxruntime-web';

export const loading = ort.InferenceSession.create('./models/net.onnx');
```

```js + path=webpack.config.js
const CopyPlugin = require('copy-webpack-plugin');
module.exports = { entry: './src/net.js', plugins: [new CopyPlugin({ patterns: [{ from: 'public', to: '.' }] })] };
```

```json + path=package.json
{"dependencies": {"onnxruntime-web": "1.14.0"}, "devDependencies": {"webpack": "5.88.2", "copy-webpack-plugin": "11.0.0"}}
```

They are copied, or the library says where they are.

```js good path=src/net.js
import * as ort from 'onnxruntime-web';

export const loading = ort.InferenceSession.create('/net.onnx');
```

```js + path=webpack.config.js
const CopyPlugin = require('copy-webpack-plugin');
module.exports = { plugins: [new CopyPlugin({ patterns: [{ from: 'node_modules/onnxruntime-web/dist/*.wasm', to: '[name][ext]' }] })] };
```

```json + path=package.json
{"dependencies": {"onnxruntime-web": "1.17.3"}, "devDependencies": {"webpack": "5.90.0", "react-scripts": "5.0.1"}}
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
from deplint.apps.follow import home
from deplint.apps.site import BUILDERS, builders, depends, platform, release
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node, Object
from deplint.code.source_packages import package
from deplint.project import File
from deplint.settings.ranges import between, parse

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
    if file.web and file.mentions(r"onnxruntime-web|\bsetBackend\s*\(\s*['\"]wasm"):
        yield from _unserved(file, project)
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


_TOLD = (
    r"wasmPaths|setWasmPath|\.wasm['\"`*?)/]|wasmBinary|onnxruntime-web/dist|numThreads\s*=\s*0|file-loader|viteStaticCopy"
    r"|\bwasm\$|experiments\s*:"
)
_COPIES = r"CopyPlugin|copy-webpack|CopyWebpack|\bcpx?\b|\bcopyfiles\b|fs-extra|\bncp\b"


def _unserved(file: SourceFile, project: Project) -> Iterator[Finding]:
    """Uses of WebAssembly in a built package that nothing brings its files to."""
    made = builders(project, file.place)
    if made & _OWN_WAYS or platform(project, file) == "node" or not any(BUILDERS.get(each) or each == "webpack" for each in made):
        return
    first: tuple[Call, str] | None = None
    early, used = between(None, "1.19"), release(project, file, "onnxruntime-web")
    if early is not None and used is not None and used <= early and file.imported("onnxruntime-web") is not None:
        call = next(file.calls("onnxruntime-web.InferenceSession.create"), None)
        first = (call, "ort-wasm*.wasm") if call is not None else None
    if first is None and "@tensorflow/tfjs-backend-wasm" in depends(project, file.place):
        for call in file.calls("@tensorflow/tfjs{,-core}.setBackend"):
            name = call.argument(None, 0)
            if name is not None and name.value == "wasm":
                first = call, "tfjs-backend-wasm*.wasm"
                break
    if first is None:
        return
    folder = home(project, file.place)
    for other in (file for file in project.files if file.path.is_relative_to(folder)):
        read = (other.suffix in _SCRIPTS or other.name == "package.json") and other.size < 1 << 18
        if other.suffix == ".wasm" or (read and (re.search(_TOLD, other.text) or _may_copy(other))):
            return
    yield Finding(
        first[0], f"nothing brings {first[1]} to where the page looks for it: beside its script, the builder puts none", help=_COPY
    )


def _may_copy(script: File) -> bool:
    """Whether a script copies what nobody can tell, or folders that the files may have been put into."""
    text = script.text
    if script.name == "package.json":
        return re.search(r"\"[^\"]*\":\s*\"[^\"]*\b(?:cp|cpx|copyfiles|ncp|rsync|shx)\s", text) is not None
    if not re.search(_COPIES, text):
        return False
    named = re.findall(r"\bfrom\s*:\s*(['\"])([\w./-]+)\1\s*[,}\n]", text)
    return len(named) != len(re.findall(r"\bfrom\s*:", text)) or not named or any(_ANYTHING.search(name) for _, name in named)


_ANYTHING = re.compile(r"^\.?/?$|node_modules|onnx|tensorflow|tfjs|wasm|ort|public|static|vendor|lib|dist|^\.\.")
_SCRIPTS = frozenset({".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".html", ".vue", ".svelte", ".sh"})
_OWN_WAYS = frozenset({"nuxt", "astro", "@sveltejs/kit", "wxt", "@crxjs/vite-plugin", "@docusaurus/core"})
_COPY = "copy the files of the package's dist folder into the folder of static files and name it (wasmPaths, setWasmPaths)"
