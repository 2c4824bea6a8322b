"""A library of native code that esbuild or webpack is to put into one file.

`@tensorflow/tfjs-node` and `onnxruntime-node` load a shared library that lies in their own folders. A bundler for Node
copies their JavaScript and not that: ``No loader is configured for ".node" files``, ``Module parse failed: Unexpected character``,
or, of what tfjs-node needs, ``Could not resolve "mock-aws-s3"``. They are left outside of the bundle and
installed beside it.

```json bad path=package.json line=5
{
  "scripts": {
    "build": "esbuild src/index.ts --bundle --platform=node --outfile=dist/index.js"
  },
  "dependencies": { "onnxruntime-node": "^1.20.0" }
}
```

```ts + path=src/index.ts
import * as ort from 'onnxruntime-node';

export const load = () => ort.InferenceSession.create('./model.onnx');
```

By webpack:

```js bad path=webpack.config.js
const path = require('path');

module.exports = {
  target: 'node', // <-
  entry: './src/server.js',
  output: { path: path.resolve(__dirname, 'dist'), filename: 'server.js' },
};
```

```js + path=src/server.js
const tf = require('@tensorflow/tfjs-node');
```

```json + path=package.json
{"dependencies": {"@tensorflow/tfjs-node": "^4.22.0"}, "devDependencies": {"webpack": "^5.0.0"}}
```

In a script of esbuild:

```js bad path=build.mjs
import { build } from 'esbuild';

await build({
  entryPoints: ['src/index.ts'],
  bundle: true,
  platform: 'node', // <-
  outdir: 'dist',
});
```

```ts + path=src/index.ts
import * as ort from 'onnxruntime-node';
```

```json + path=package.json
{"dependencies": {"onnxruntime-node": "^1.20.0"}, "devDependencies": {"esbuild": "^0.20.0"}}
```

Left outside:

```json good path=package.json
{
  "scripts": {
    "build": "esbuild src/index.ts --bundle --platform=node --external:onnxruntime-node --outfile=dist/index.js",
    "watch": "esbuild src/index.ts --bundle --platform=node --packages=external --outfile=dist/index.js"
  },
  "dependencies": { "onnxruntime-node": "^1.20.0" }
}
```

```ts + path=src/index.ts
import * as ort from 'onnxruntime-node';
```

By webpack:

```js good path=webpack.config.js
const nodeExternals = require('webpack-node-externals');

module.exports = { target: 'node', entry: './src/server.js', externals: [nodeExternals()] };
```

```js + path=src/server.js
const tf = require('@tensorflow/tfjs-node');
```

```json + path=package.json
{"dependencies": {"@tensorflow/tfjs-node": "^4.22.0"}, "devDependencies": {"webpack": "^5.0.0"}}
```

References: https://github.com/microsoft/onnxruntime/issues/14505, https://github.com/huggingface/transformers.js/issues/863;
executed with esbuild and webpack, onnxruntime-node 1.20.1, tfjs-node 4.22.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import NATIVE_CODE, code_of, depends
from deplint.apps.tensors import entries
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node, Object
from deplint.settings.packages import PackageJson

LOADING = (*NATIVE_CODE, "@xenova/transformers", "@huggingface/transformers")
"""Packages of native code, and packages that load one in Node."""

_WEBPACK = re.compile(r"webpack(?:\.[\w-]+)*\.(?:js|cjs|mjs|ts)")
_LOST = "which is native code: the build fails"


@rule(
    "DPL353",
    severity="error",
    leaves=["B.3.1"],
    see=["https://github.com/microsoft/onnxruntime/issues/14505", "https://github.com/huggingface/transformers.js/issues/863"],
)
def native_library_in_bundle(file: PackageJson | SourceFile, project: Project) -> Iterator[Finding]:
    if isinstance(file, PackageJson):
        yield from _commands(file, project)
    elif file.web and file.mentions(r"\b(?:target|platform)\s*:\s*['\"](?:async-)?(?:node|electron-main)"):
        yield from _configured(file, project)


def _commands(package: PackageJson, project: Project) -> Iterator[Finding]:
    """What the scripts of a package give esbuild to bundle."""
    scripts = package.data.get("scripts")
    for name, command in scripts.items() if isinstance(scripts, dict) else ():
        text = str(command)
        if not all(re.search(word, text) for word in (r"\besbuild\b", r"--bundle\b", r"--platform=node\b")):
            continue
        if re.search(r"--packages=external|--loader:\.node|--external:(?:\./)?[*\"'/]", text):
            continue
        for native in LOADING:
            pin = package.dependency(native)
            outside = re.search(rf"--external:[\"']?{re.escape(native.split('/')[0])}", text)
            if pin is not None and not outside and _imported(package, project, native):
                yield Finding(pin, f"esbuild ({name}) puts {native} into the bundle, {_LOST}", help=f"add --external:{native}")


def _configured(file: SourceFile, project: Project) -> Iterator[Finding]:
    """What a configuration of webpack, or a script that calls esbuild, bundles."""
    webpack = _WEBPACK.fullmatch(file.path.rpartition("/")[2]) is not None
    if file.mentions(r"external|node-loader|\bmerge\s*\(|\.node\b|plugins\s*:\s*\[\s*\w*native"):
        return
    if not webpack and not file.mentions(r"['\"]esbuild['\"]"):
        return
    listed = depends(project, file.place)
    for node in file.meaning.nodes:
        target = _for_node(entries(node) or {}, webpack) if isinstance(node, Object) else None
        if target is None:
            continue
        for native in NATIVE_CODE if webpack else LOADING:
            if native in listed and _imported(file, project, native):
                bundler = "webpack" if webpack else "esbuild"
                option = f"externals: {{'{native}': 'commonjs {native}'}}" if webpack else f"external: ['{native}']"
                yield Finding(target, f"{bundler} puts {native} into the bundle, {_LOST}", help=f"add {option}")
                return


def _for_node(options: dict[str, Node], webpack: bool) -> Node | None:
    """What says that a bundle is for Node, where these are the options of one."""
    target = options.get("target" if webpack else "platform")
    whole = "entry" in options if webpack else "entryPoints" in options and "bundle" in options and options["bundle"].value is True
    return target if whole and target is not None and re.match(r"(?:async-)?node|electron-main", str(target.value)) else None


def _imported(near: PackageJson | SourceFile, project: Project, native: str) -> bool:
    return any(other.mentions(rf"['\"]{re.escape(native)}['\"]") for other in code_of(project, near))
