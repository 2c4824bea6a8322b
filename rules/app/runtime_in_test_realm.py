"""Tests that run ONNX Runtime where its arrays are none.

Jest runs tests in a realm of their own, with a `Float32Array` of its own; what the native runtime gives is of the other one, and is
refused: ``TypeError: A float32 tensor's data must be type of function Float32Array() { [native code] }``. So it is in Jest's environments
`node` and `jsdom`, and in the environment `jsdom` of Vitest.

```js bad path=test/classify.test.js
const ort = require('onnxruntime-node');

test('it runs', async () => {
  const session = await ort.InferenceSession.create('net.onnx');
  const result = await session.run({ x: new ort.Tensor('float32', new Float32Array(4), [1, 4]) }); // <-
  expect(result.y.dims).toEqual([1, 2]);
});
```

```json + path=package.json
{"dependencies": {"onnxruntime-node": "^1.20.0"}, "devDependencies": {"jest": "^29.7.0"}, "scripts": {"test": "jest"}}
```

A function of the package that runs it:

```ts bad path=src/classify.test.ts
import { classify } from './classify';

it('runs', async () => {
  expect(await classify([1, 2])).toBe(1); // <-
});
```

```ts + path=src/classify.ts
import * as ort from 'onnxruntime-node';

export async function classify(values: number[]) {
  const session = await ort.InferenceSession.create('net.onnx');
  const result = await session.run({ x: new ort.Tensor('float32', Float32Array.from(values), [1, 2]) });
  return result.y.data[0];
}
```

```json + path=package.json
{"dependencies": {"onnxruntime-node": "^1.20.0"}, "devDependencies": {"jest": "^29.7.0", "ts-jest": "^29.0.0"}}
```

An environment that hands the arrays through:

```js good path=test/classify.test.js
const ort = require('onnxruntime-node');

test('it runs', async () => {
  const session = await ort.InferenceSession.create('net.onnx');
  await session.run({ x: new ort.Tensor('float32', new Float32Array(4), [1, 4]) });
});
```

```js + path=environment.js
const { TestEnvironment } = require('jest-environment-node');
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.Float32Array = Float32Array;
  }
};
```

```json + path=package.json
{"dependencies": {"onnxruntime-node": "^1.20.0"}, "devDependencies": {"jest": "^29.7.0"}, "jest": {"testEnvironment": "./environment.js"}}
```

Vitest in Node, and a runtime that is mocked:

```js good path=test/classify.test.js
import * as ort from 'onnxruntime-node';
import { test, vi } from 'vitest';

test('it runs', async () => {
  const session = await ort.InferenceSession.create('net.onnx');
  await session.run({ x: new ort.Tensor('float32', new Float32Array(4), [1, 4]) });
});
```

```json + path=package.json
{"dependencies": {"onnxruntime-node": "^1.20.0"}, "devDependencies": {"vitest": "^4.0.0"}, "scripts": {"test": "vitest"}}
```

Mocked:

```ts good path=src/classify.test.ts
import { classify } from './classify';
jest.mock('onnxruntime-node');

it('runs', async () => {
  expect(await classify([1, 2])).toBe(1);
});
```

```ts + path=src/classify.ts
import * as ort from 'onnxruntime-node';

export async function classify(values: number[]) {
  const session = await ort.InferenceSession.create('net.onnx');
  return (await session.run({ x: new ort.Tensor('float32', Float32Array.from(values), [1, 2]) })).y.data[0];
}
```

```json + path=package.json
{"dependencies": {"onnxruntime-node": "^1.20.0"}, "devDependencies": {"jest": "^29.7.0"}}
```

References: `tensor-impl.ts` of onnxruntime-common 1.30.0 (`instanceof`); https://github.com/jestjs/jest/issues/11864;
https://github.com/huggingface/transformers.js/issues/57
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.follow import home
from deplint.apps.site import depends, local
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call
from deplint.model import Unreadable

_TEST = re.compile(r"(?:^|/)__tests__/|\.(?:test|spec)\.[cm]?[jt]sx?$")
_SETTINGS = re.compile(r"(?:jest|vitest|vite)[\w.-]*\.(?:[cm]?[jt]s|json)|package\.json")
_SESSION = "onnxruntime-node.InferenceSession.create"


@rule(
    "DPL748",
    severity="error",
    leaves=["B.3.1", "S.3.3"],
    see=[
        "https://github.com/jestjs/jest/issues/11864",
        "https://github.com/huggingface/transformers.js/issues/57",
        "https://github.com/microsoft/onnxruntime/blob/main/js/common/lib/tensor-impl.ts",
    ],
)
def runtime_in_test_realm(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not _TEST.search(file.path) or file.mentions(r"\b(?:jest|vi)\.(?:mock|doMock|spyOn)\b|@(?:jest|vitest)-environment"):
        return
    call = _runs(file, project)
    realm = _realm(file, project) if call is not None else ""
    if call is not None and realm:
        yield Finding(
            call,
            f"{realm} has a Float32Array of its own: A float32 tensor's data must be type of function Float32Array()",
            help="a test environment of your own whose setup() does this.global.Float32Array = Float32Array, or Vitest's environment node",
        )


def _runs(file: SourceFile, project: Project) -> Call | None:
    """The first call in a test that certainly runs a session, itself or by a function of the package."""
    for call in file.calls(_SESSION + "().run"):
        return call
    for imported in file.imports:
        if not imported.module.startswith("."):
            continue
        module = _module(file, imported.module, project)
        if module is None or not module.mentions(r"onnxruntime-node") or not any(True for _ in module.calls(_SESSION)):
            continue
        running = {_function(call) for call in module.calls(_SESSION + "().run")} - {""}
        for call in file.calls("**"):
            if call.method in running:
                return call
    return None


def _function(call: Call) -> str:
    """The name of the function that a call stands in, as it is written; empty for one without."""
    function = call.function
    match = re.match(r"(?:async\s+)?function\s+(\w+)", function.text) if function is not None else None
    return match[1] if match is not None else ""


def _module(file: SourceFile, address: str, project: Project) -> SourceFile | None:
    """The file of the project that a relative import means."""
    for ending in ("", ".ts", ".js", ".mjs", ".tsx", "/index.ts", "/index.js"):
        path: Path | None = local(project, file.place, address + ending)
        found = project.file(path) if path is not None else None
        for facts in project.facts(found, SourceFile) if found is not None else ():
            return facts
    return None


def _realm(file: SourceFile, project: Project) -> str:
    """The environment that a package's tests run in, where its arrays are certainly not those of the runtime; else empty."""
    names, folder = depends(project, file.place), home(project, file.place)
    texts = []
    for other in project.files:
        if other.path.is_relative_to(folder) and (_SETTINGS.fullmatch(other.name) or "environment" in other.name.lower()):
            try:
                texts.append(other.text)
            except (Unreadable, OSError):
                return ""
    told = " ".join(texts)
    environments = set(
        re.findall(r"\b(?:testEnvironment|environment)[\"']?\s*:\s*[\"']([^\"']*)[\"']|--env(?:ironment)?[= ](\S+?)[\"\s]", told)
    )
    named = {one or other for one, other in environments}
    if re.search(r"Float32Array|vmThreads|environmentMatchGlobs|projects\s*:", told):
        return ""
    if "jest" in names and "vitest" not in names:
        return "Jest" if named <= {"node", "jsdom", "jest-environment-node", "jest-environment-jsdom"} else ""
    return "jsdom of Vitest" if "vitest" in names and "jest" not in names and named == {"jsdom"} else ""
