"""A module in a place where scripts are plain, or imports that nothing resolves.

`import` works in modules: in a page's ``<script type="module">``, in a worker made with ``{type: 'module'}``, in the background of an
extension whose manifest says so. Elsewhere: ``Cannot use import statement outside a module``, ``Unexpected token *``. Content scripts
and `importScripts` take plain scripts only. Names of packages are for Node and bundlers; browsers want addresses or an import map:
``Failed to resolve module specifier "@tensorflow/tfjs"``; and they have no `require`: ``require is not defined``.

```html bad
<script> // <-
import * as tf from 'https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/+esm';
tf.tensor([1]).print();
</script>
```

```html bad
<script type="module">
import * as tf from '@tensorflow/tfjs'; // <-
tf.tensor([1]).print();
</script>
```

Or a script of its own.

```html bad path=index.html
<script src="predict.js"></script> <!-- <- -->
```

```js + path=predict.js
import * as tf from './tf.js';
tf.ready().then(run);
```

An extension.

```json bad path=manifest.json line=1,2
{"manifest_version": 3, "name": "x", "version": "1", "background": {"service_worker": "background.js"},
 "content_scripts": [{"matches": ["<all_urls>"], "js": ["content.js"]}]}
```

```js + path=background.js
import * as tf from './tf.js';
tf.ready().then(run);
```

```js + path=content.js
import { classify } from './tfjs-model.js';
classify(document.images[0]);
```

A worker.

```js bad path=main.js
const worker = new Worker('worker.js'); // <-
```

```js + path=worker.js
import * as tf from './tf.esm.js';
self.onmessage = () => tf.ready();
```

```html + path=index.html
<script src="main.js"></script>
```

The other way round:

```js bad path=main.js
const worker = new Worker('worker.js', { type: 'module' }); // <-
```

```js + path=worker.js
importScripts('tf.min.js');
self.onmessage = () => tf.ready();
```

What a builder makes of it is another matter.

```html good path=index.html
<script src="./index.js"></script>
```

```js + path=index.js
import * as tf from '@tensorflow/tfjs';
tf.ready().then(run);
```

```json + path=package.json
{"devDependencies": {"parcel-bundler": "1.12.5"}, "dependencies": {"@tensorflow/tfjs": "^4.22.0"}}
```

Modules and maps:

```html good
<script type="importmap">{"imports": {"@tensorflow/tfjs": "https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/+esm"}}</script>
<script type="module">
import * as tf from '@tensorflow/tfjs';
const worker = new Worker('worker.js', { type: 'module' });
const more = await import('./more.js');
</script>
```

```json good path=manifest.json
{"manifest_version": 3, "name": "x", "version": "1", "background": {"service_worker": "background.js", "type": "module"}}
```

```js + path=background.js
import * as tf from './tf.js';
tf.ready().then(run);
```

References: https://developer.mozilla.org/en-US/docs/Web/JavaScript/Guide/Modules and
https://developer.chrome.com/docs/extensions/develop/concepts/service-workers/basics
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.site import LIBRARIES, bare, builders, local, modular, unbuilt
from deplint.code.source import Script, SourceFile
from deplint.code.source_nodes import Call, Importing, Module, Node, Object
from deplint.finding import Place
from deplint.settings.extension import Extension


@rule(
    "DPL821",
    severity="error",
    leaves=["B.3.1"],
    see=[
        "https://stackoverflow.com/questions/56618633",
        "https://stackoverflow.com/questions/57252768",
        "https://stackoverflow.com/questions/57773499",
        "https://developer.mozilla.org/en-US/docs/Web/JavaScript/Guide/Modules",
    ],
)
def module_in_classic_script(file: SourceFile | Extension, project: Project) -> Iterator[Finding]:
    if isinstance(file, Extension):
        yield from _extension(file, project)
    elif file.language == "html" and unbuilt(project, file.place):
        yield from _page(file, project)
    elif file.web and file.mentions(r"\bnew\s+(?:Shared)?Worker\s*\("):
        plain = unbuilt(project, file.place)
        if plain:
            yield from _worker(file, project)
        if plain or "vite" in builders(project, file.place):
            yield from _module_worker(file, project)


def _page(page: SourceFile, project: Project) -> Iterator[Finding]:
    about = page.mentions(LIBRARIES)
    for script in page.scripts:
        target = _source(project, local(project, page.place, script.address)) if script.address else None
        if script.address and (target is None or not target.mentions(LIBRARIES)):
            continue
        node = _first(script, page) if not script.address else modular(target) if target is not None else None
        if not about and not script.address:
            continue
        if (
            node is not None
            and not script.module
            and script.attributes.get("type", "") in ("", "text/javascript", "application/javascript")
        ):
            yield Finding(
                script.place,
                "a script with imports that is not loaded as a module: Cannot use import statement outside a module",
                help='load it with <script type="module">',
            )
        elif script.module:
            yield from _unresolved(page, page if target is None else target, script if target is None else None)
        elif target is not None or script.code:
            yield from _required(page, page if target is None else target, script if target is None else None)
    yield from _worker(page, project)


def _unresolved(page: SourceFile, file: SourceFile, within: Script | None) -> Iterator[Finding]:
    """Imports of names that the page has no map for."""
    for node in file.meaning.nodes:
        if not isinstance(node, Importing) or not bare(node.module) or not re.search(LIBRARIES, node.module) or not _in(node, within):
            continue
        if not any(node.module == name or (name.endswith("/") and node.module.startswith(name)) for name in page.mapped):
            yield Finding(
                node,
                f"nothing tells the page where {node.module} is: Failed to resolve module specifier",
                help="import it from an address (https://esm.sh/...), add an import map, or build the page with a bundler",
            )


def _required(page: SourceFile, file: SourceFile, within: Script | None) -> Iterator[Finding]:
    """`require` in a page."""
    own = r"typeof\s+(?:require|module|exports)|require\s*=|__dirname|require\(['\"](?:electron|fs|path)"
    if page.mentions(r"require(?:\.min)?\.js|browserify|nodeIntegration|systemjs") or file.mentions(own):
        return
    for node in file.meaning.nodes:
        if isinstance(node, Module) and node.kind == "require" and re.search(LIBRARIES, node.module) and _in(node, within):
            yield Finding(
                node,
                "a page has no require: require is not defined",
                help="load the library with a script tag, or build the page with a bundler",
            )


def _in(node: Node, script: Script | None) -> bool:
    return script is None or script.code.line <= node.span.line <= script.code.end_line


def _first(script: Script, page: SourceFile) -> Node | None:
    node = modular(page)
    return (
        next((n for n in page.meaning.nodes if isinstance(n, Importing) and n.kind == "import" and _in(n, script)), None) if node else None
    )


def _source(project: Project, path: Path | None) -> SourceFile | None:
    file = project.file(path) if path is not None else None
    found = project.facts(file, SourceFile) if file is not None else []
    return found[0] if found and found[0].language in ("javascript", "typescript") else None


def _worker(file: SourceFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("Worker", "SharedWorker"):
        address, options = call.argument(None, 0), call.argument(None, 1)
        if not call.new or address is None or not isinstance(address.value, str):
            continue
        if options is not None and (
            not isinstance(options, Object) or any(key == "type" for key, _ in options.entries) or not options.exact
        ):
            continue
        target = _source(project, local(project, file.place, address.value))
        if target is not None and target.mentions(LIBRARIES) and modular(target) is not None:
            yield Finding(
                call,
                f"{target.path} has imports, and this worker is no module: Cannot use import statement outside a module",
                help="new Worker(address, {type: 'module'})",
            )


def _module_worker(file: SourceFile, project: Project) -> Iterator[Finding]:
    """Workers that are modules and take scripts as plain workers do."""
    for call in file.calls("Worker", "SharedWorker"):
        address, options = call.argument(None, 0), call.argument(None, 1)
        if not call.new or not isinstance(options, Object) or dict(options.entries).get("type") is None:
            continue
        kind = dict(options.entries)["type"].value
        if isinstance(address, Call) and address.callee.text == "URL" and address.arguments:
            address = address.arguments[0].value
        if kind != "module" or address is None or not isinstance(address.value, str):
            continue
        target = _source(project, local(project, file.place, address.value))
        if target is None or not target.mentions(LIBRARIES):
            continue
        if next(target.calls("importScripts", "self.importScripts"), None) is not None:
            yield Finding(
                call,
                f"{target.path} calls importScripts, which a worker that is a module does not have: a TypeError",
                help="import the library there (https://esm.sh/..., or from its package), or leave out {type: 'module'}",
            )


def _extension(manifest: Extension, project: Project) -> Iterator[Finding]:
    if builders(project, manifest.place):
        return
    for group in manifest.groups:
        for script in group.scripts if not group.module else ():
            target = _source(project, local(project, Place(manifest.path), (script.text or "").lstrip("/")))
            if target is None or not target.mentions(LIBRARIES) or modular(target) is None:
                continue
            if group.kind == "content":
                remedy = "content scripts are no modules: bundle the script with its libraries"
            elif group.kind == "worker":
                remedy = 'write "type": "module" beside "service_worker"'
            else:
                remedy = "bundle the script with its libraries, or load it in a background page with a module script"
            what = f"{target.path} has imports and is not loaded as a module: Cannot use import statement outside a module"
            yield Finding(script.place, what, help=remedy)
