"""An execution provider that the imported build of onnxruntime-web does not have.

`onnxruntime-web` comes in builds: the one without a name had WebGL and no WebGPU up to 1.20 and has WebGPU and no WebGL since 1.21; the
others are `onnxruntime-web/webgpu`, `onnxruntime-web/webgl`, `onnxruntime-web/wasm` and `onnxruntime-web/all`. A provider that is not in
it is left out of the list in silence, and if none is left: ``no available backend found. ERR: [webgpu] backend not found.``

```js bad versions=onnxruntime-web==1.18.0
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/net.onnx', { executionProviders: ['webgpu'] }); // <-
```

```js fixed
import * as ort from 'onnxruntime-web/webgpu';

const session = await ort.InferenceSession.create('/net.onnx', { executionProviders: ['webgpu'] });
```

```html bad
<script src="https://cdn.jsdelivr.net/npm/onnxruntime-web@1.20.1/dist/ort.wasm.min.js"></script>
<script>
ort.InferenceSession.create('net.onnx', { executionProviders: [{ name: 'webnn' }, 'wasm'] }).then(run); // <-
</script>
```

The list is asked for what is there, or the release is not known.

```js good versions=onnxruntime-web==1.22.0
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/net.onnx', { executionProviders: ['webgpu', 'wasm'] });
const other = await ort.InferenceSession.create('/net.onnx', { executionProviders: chosen });
```

```js good
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/net.onnx', { executionProviders: ['webgpu'] });
```

A build of one's own may have any.

```js good path=src/own.js
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/net.onnx', { executionProviders: ['webnn', 'wasm'] });
```

```json + path=package.json
{
  "dependencies": { "onnxruntime-web": "file:libs/onnxruntime-web" }
}
```

```json + path=package-lock.json
{
  "lockfileVersion": 1,
  "dependencies": { "onnxruntime-web": { "version": "1.9.0" } }
}
```

References: what the files in onnxruntime-web 1.16.3 to 1.30.0 register (`deplint/apps/wasm.py`); onnxruntime js/web/script/build.ts.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Edit, Finding, Fix, Project, rule
from deplint.apps.site import release
from deplint.apps.wasm import build, providers
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Importing, Node, Object
from deplint.finding import Span

KNOWN = frozenset({"cpu", "wasm", "webgl", "webgpu", "webnn"})


@rule(
    "DPL826",
    severity="error",
    leaves=["B.3.1", "B.3.2", "B.7"],
    see=[
        "https://onnxruntime.ai/docs/tutorials/web/build-web-app.html",
        "https://github.com/microsoft/onnxruntime/blob/main/js/web/script/build.ts",
    ],
)
def provider_not_in_build(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bexecutionProviders\b"):
        return
    name = build(file)
    used = release(project, file, "onnxruntime-web") if name is not None else None
    have = providers(name, used) if name is not None and used is not None else None
    if have is None or name is None:
        return
    for node in file.meaning.nodes:
        if not isinstance(node, Object):
            continue
        listed = next((value for key, value in node.entries if key == "executionProviders"), None)
        if not isinstance(listed, Array) or not listed.exact:
            continue
        wanted = [(child, _name(child)) for child in listed.children]
        for child, provider in wanted:
            if provider in KNOWN and provider not in have:
                others = [other for _, other in wanted if other in have]
                after = f"{others[0]} is taken in silence" if others else "no available backend found"
                where = f"onnxruntime-web/{name}" if name else "onnxruntime-web"
                better = next((b for b in ("webgpu", "webgl", "all") if used is not None and provider in (providers(b, used) or ())), "all")
                yield Finding(
                    child,
                    f"{where} of this release has no {provider}: {after}",
                    fix=_imported(file, better),
                    help=f"import onnxruntime-web/{better}",
                )


def _name(node: Node) -> str:
    if isinstance(node, Object):
        node = next((value for key, value in node.entries if key == "name"), node)
    return node.value if isinstance(node.value, str) else ""


def _imported(file: SourceFile, name: str) -> Fix | None:
    """The other build imported."""
    for node in file.meaning.nodes:
        if isinstance(node, Importing) and node.module == "onnxruntime-web" and node.kind == "import":
            at = node.text.rfind("onnxruntime-web")
            if "\n" in node.text or at < 0:
                return None
            line, column = node.span.line, node.span.column + at + len("onnxruntime-web")
            return Fix(f"Import onnxruntime-web/{name}", (Edit(file.path, Span(line, column, line, column), f"/{name}"),), safe=False)
    return None
