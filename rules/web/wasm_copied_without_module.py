"""The WebAssembly of onnxruntime-web copied without the module that loads it.

From 1.19 on each ``ort-wasm*.wasm`` has an ``.mjs`` of the same name. Where `wasmPaths` names a folder, that is imported from there
before anything else: ``no available backend found. ERR: [wasm] TypeError: Failed to fetch dynamically imported module:
/ort/ort-wasm-simd-threaded.jsep.mjs``. Instructions for older releases copy the ``.wasm`` alone.

```js bad path=vite.config.js
import { defineConfig } from 'vite';
import { viteStaticCopy } from 'vite-plugin-static-copy';

export default defineConfig({
  plugins: [viteStaticCopy({ targets: [{ src: 'node_modules/onnxruntime-web/dist/*.wasm', dest: 'ort' }] })], // <-
});
```

```js + path=src/main.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.wasmPaths = '/ort/';
export const session = await ort.InferenceSession.create('/net.onnx');
```

```json + path=package.json
{"dependencies": {"onnxruntime-web": "^1.20.0"}, "devDependencies": {"vite": "^5.0.0"}}
```

Both, or a release before:

```js good path=vite.config.js
import { defineConfig } from 'vite';
import { viteStaticCopy } from 'vite-plugin-static-copy';

export default defineConfig({
  plugins: [viteStaticCopy({ targets: [{ src: 'node_modules/onnxruntime-web/dist/*.{wasm,mjs}', dest: 'ort' }] })],
});
```

```js + path=src/main.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.wasmPaths = '/ort/';
export const session = await ort.InferenceSession.create('/net.onnx');
```

```json + path=package.json
{"dependencies": {"onnxruntime-web": "^1.20.0"}, "devDependencies": {"vite": "^5.0.0"}}
```

A release before:

```js good path=webpack.config.js
const CopyPlugin = require('copy-webpack-plugin');
module.exports = { plugins: [new CopyPlugin({ patterns: [{ from: 'node_modules/onnxruntime-web/dist/*.wasm', to: '[name][ext]' }] })] };
```

```js + path=src/main.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.wasmPaths = '/';
```

```json + path=package.json
{"dependencies": {"onnxruntime-web": "1.17.3"}, "devDependencies": {"webpack": "^5.0.0"}}
```

References: `lib/wasm/wasm-utils-import.ts` of onnxruntime-web 1.22, which takes the module it has in itself only where no path is
set; the files of 1.17.3, 1.19.2 and 1.22.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import code_of, release
from deplint.code.source import SourceFile
from deplint.settings.ranges import between

_COPIED = re.compile(r"onnxruntime-web/dist/[\w*.-]*\.wasm$")
_CONFIGURES = re.compile(r"(?:vite|webpack|next|vue|craco|rollup|config-overrides|quasar|electron)[\w.-]*\.[cm]?[jt]s")
_SET = r"wasmPaths\s*=\s*(?:['\"`](?!https?:)|import\.meta\.env\.BASE_URL|process\.env\.PUBLIC_URL)"


@rule("DPL355", severity="error", leaves=["B.3.1", "B.3.2"], see=["https://onnxruntime.ai/docs/tutorials/web/deploy.html"])
def wasm_copied_without_module(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not _CONFIGURES.fullmatch(file.path.rpartition("/")[2]) or not file.mentions(r"onnxruntime-web/dist"):
        return
    copied = [node for node in file.strings if isinstance(node.value, str) and _COPIED.search(node.value)]
    used, since = release(project, file, "onnxruntime-web"), between("1.19", None)
    if not copied or used is None or since is None or not used <= since or file.mentions(r"mjs|dist/\*['\"`]|dist/?['\"`]"):
        return
    code = code_of(project, file)
    others = any(each.name.startswith("ort-wasm") and each.suffix == ".mjs" for each in project.files)
    if not others and any(other.mentions(_SET) for other in code) and not any(other.mentions(r"ort-wasm[\w.-]*\.mjs") for other in code):
        yield Finding(
            copied[0],
            "from 1.19 on onnxruntime-web imports an .mjs from where wasmPaths says: only the .wasm files are copied there",
            help="copy dist/*.mjs as well, or set no wasmPaths where the bundler finds the files itself",
        )
