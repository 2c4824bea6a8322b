"""A model that lies where the app's server or builder does not look for it.

What is fetched has to be served: Create React App, Vite, Next.js and their like copy the files of one folder (`public`) as they are, to
the root of the site and without that folder's name. What lies in `src` goes into the bundle if it is imported, or nowhere. Asked for
another path the server answers with the page itself: ``Unexpected token '<', "<!DOCTYPE "... is not valid JSON``.

```js bad path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadGraphModel('public/models/flowers/model.json'); // <-
```

```graph + path=public/models/flowers/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

```json + path=package.json
{"dependencies": {"react-scripts": "5.0.1", "@tensorflow/tfjs": "^4.22.0"}}
```

A model among the sources.

```js bad path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadGraphModel('./models/flowers/model.json'); // <-
```

```graph + path=src/models/flowers/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

```json + path=package.json
{"dependencies": {"vite": "5.4.0", "@tensorflow/tfjs": "^4.22.0"}}
```

Letters.

```js bad path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadGraphModel('/Models/flowers/model.json'); // <-
```

```graph + path=public/models/flowers/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

```json + path=package.json
{"dependencies": {"vite": "5.4.0", "@tensorflow/tfjs": "^4.22.0"}}
```

In a plain site an address is relative to the page, not to the script.

```js bad path=js/flowers.js
const loading = tf.loadGraphModel('./model.json'); // <-
```

```html + path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script src="js/flowers.js"></script>
```

```graph + path=js/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

Flask serves a folder `static`, at that address.

```html bad path=templates/index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
tf.loadGraphModel('model/model.json').then(run); // <-
tf.loadGraphModel('/static/model/model.json').then(run);
</script>
```

```graph + path=static/model/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

```python + path=app.py
from flask import Flask
app = Flask(__name__)
```

Served:

```js good path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadGraphModel('/models/flowers/model.json');
export const other = tf.loadGraphModel(process.env.PUBLIC_URL + '/models/flowers/model.json');
```

```graph + path=public/models/flowers/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

```json + path=package.json
{"dependencies": {"react-scripts": "5.0.1", "@tensorflow/tfjs": "^4.22.0"}}
```

A builder that is told to copy it, or whose folders nobody knows:

```js good path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadGraphModel('./models/flowers/model.json');
```

```js + path=vite.config.js
import { viteStaticCopy } from 'vite-plugin-static-copy';
export default { plugins: [viteStaticCopy({ targets: [{ src: 'src/models', dest: '.' }] })] };
```

```graph + path=src/models/flowers/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

```json + path=package.json
{"dependencies": {"vite": "5.4.0", "@tensorflow/tfjs": "^4.22.0"}}
```

Angular copies what angular.json names.

```ts bad path=src/app/price.service.ts
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadLayersModel('models/price/model.json'); // <-
```

```graph + path=src/models/price/model.json
model tfjs-layers
graph main
  input x float32[?,4]
  op Dense (x) -> (y)
  output y
```

```json + path=angular.json
{"projects": {"app": {"sourceRoot": "src", "architect": {"build": {"options": {"assets": ["src/favicon.ico", "src/assets"]}}}}}}
```

```json + path=package.json
{"dependencies": {"@angular/core": "17.0.0", "@tensorflow/tfjs": "^4.22.0"}, "devDependencies": {"@angular/cli": "17.0.0"}}
```

A site that is published below a folder (`homepage`) has nothing at the root of its host.

```js bad path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadGraphModel('/models/flowers/model.json'); // <-
```

```graph + path=public/models/flowers/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

```json + path=package.json
{"homepage": "https://me.github.io/flowers", "dependencies": {"react-scripts": "5.0.1", "@tensorflow/tfjs": "^4.22.0"}}
```

By a path that is put together, and in Angular from what is copied:

```ts good path=src/app/price.service.ts
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadLayersModel('assets/price/model.json');
export const other = tf.loadLayersModel('net/model.json');
```

```graph + path=src/assets/price/model.json
model tfjs-layers
graph main
  input x float32[?,4]
  op Dense (x) -> (y)
  output y
```

```graph + path=src/nets/net/model.json
model tfjs-layers
graph main
  input x float32[?,4]
  op Dense (x) -> (y)
  output y
```

```json + path=angular.json
{"projects": {"app": {"architect": {"build": {"options": {
  "assets": ["src/assets", {"glob": "**/*", "input": "src/nets", "output": "/"}]
}}}}}}
```

```json + path=package.json
{"dependencies": {"@angular/core": "17.0.0", "@tensorflow/tfjs": "^4.22.0"}, "devDependencies": {"@angular/cli": "17.0.0"}}
```

References: https://vite.dev/guide/assets#the-public-directory, https://create-react-app.dev/docs/using-the-public-folder and
https://nextjs.org/docs/pages/api-reference/file-conventions/public-folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import File, Finding, Project, rule
from deplint.apps.follow import home
from deplint.apps.loads import loads
from deplint.apps.site import BUILDERS, builders, loading, local, package_of
from deplint.code.source import SourceFile

_COPIES = re.compile(
    r"copy|publicDir|outputPath|assets|staticDirs|express\.static|file-loader|contentBase|static\s*:|rewrites|alias|\?url", re.IGNORECASE
)
_CONFIGURES = re.compile(
    r"(?:vite|webpack|next|nuxt|vue|craco|rollup|astro|svelte|gatsby|quasar|umi|server|config-overrides|wxt|rsbuild)[\w.-]*\.[cm]?[jt]s"
)


@rule(
    "DPL815",
    severity="error",
    leaves=["B.4.1", "B.4.3"],
    see=["https://vite.dev/guide/assets#the-public-directory", "https://create-react-app.dev/docs/using-the-public-folder"],
)
def model_not_served(file: SourceFile, project: Project) -> Iterator[Finding]:
    for load in loads(file, project):
        path = re.sub(r"[?#].*", "", load.written)
        if not load.whole or not re.search(r"\.(?:json|onnx|ort|tflite)$", path) or re.match(r"[A-Za-z][\w+.-]*:|//", path):
            continue
        if load.retried or load.handler == "fileSystem" or load.family in ("ort-node", "savedmodel"):
            continue
        found = _built(file, project, path) if builders(project, file.place) else _plain(file, project, path)
        found = found or _templated(file, project, path)
        if found:
            yield Finding(load.at, found[0], help=found[1])


def _built(file: SourceFile, project: Project, path: str) -> tuple[str, str] | None:
    """What is wrong in a package that a builder with a folder of static files builds."""
    built = builders(project, file.place)
    if built & _ANGULAR:
        return _angular(project, home(project, file.place), path)
    folders = {BUILDERS.get(builder, "") for builder in built}
    known = folders - {""}
    folder = home(project, file.place)
    if len(known) != 1 or _told(project, folder):
        return None
    static = known.pop()
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    if project.file(folder.joinpath(static, *parts)) is not None:
        return _below(project, file, path) if "react-scripts" in built and path.startswith("/") else None
    if parts[:1] == [static] and project.file(folder.joinpath(*parts)) is not None:
        return f"{static} is not part of the address: its files are at the root of the site", f"write /{'/'.join(parts[1:])}"
    same = _otherwise(project, folder / static, parts)
    if same is not None:
        right = same.path.relative_to(folder / static).as_posix()
        return f"the file is {static}/{right}: servers tell capital letters from small ones", f"write /{right}"
    lies = _ending(project, folder, parts)
    if len(lies) == 1 and not lies[0].path.is_relative_to(folder / static):
        where = lies[0].path.relative_to(folder).as_posix()
        return (
            f"{where} is not served: only what lies in {static} is, as it is",
            f"move the model with its weights to {static}/{'/'.join(parts[-2:])}",
        )
    return None


_ANGULAR = frozenset({"@angular/cli", "@angular-devkit/build-angular", "@angular/build"})


def _below(project: Project, file: SourceFile, path: str) -> tuple[str, str] | None:
    """What is wrong with an address from the root of the host, in an app of Create React App that is published below it."""
    package = package_of(project, file.place)
    page = package.data.get("homepage") if package is not None else None
    match = re.match(r"https?://[^/]+/([^?#]*[^/?#])/?$", page) if isinstance(page, str) else None
    if match is None or not re.search(r"\.github\.io/|\.gitlab\.io/|\.gitlab\.com/", str(page)):
        return None
    return (
        f"the app is published at /{match[1]}/ (homepage in package.json): there is no {path} at the root of its host",
        f"write process.env.PUBLIC_URL + '{path}'",
    )


def _angular(project: Project, folder: Path, path: str) -> tuple[str, str] | None:
    """What is wrong in an app of Angular, where everything that is copied is named."""
    import json

    file = project.file(folder / "angular.json")
    lies = _ending(project, folder, [part for part in path.split("/") if part not in ("", ".", "..")])
    if file is None or len(lies) != 1 or file.size > 1 << 18:
        return None
    try:
        data = json.loads(file.text)
    except ValueError:
        return None
    copied = list(_assets(data, 0))
    where = lies[0].path.relative_to(folder).as_posix()
    if not copied or "" in copied or any(where == each or where.startswith(f"{each}/") for each in copied) or where.startswith("public/"):
        return None
    return f"{where} is not served: angular.json copies {', '.join(copied[:3])}", "add its folder to assets in angular.json"


def _assets(data: object, depth: int) -> Iterator[str]:
    """The files and folders that any build of an ``angular.json`` copies; empty where one is not understood."""
    for key, entry in data.items() if isinstance(data, dict) and depth < 12 else ():
        if key == "assets" and isinstance(entry, list):
            for each in entry:
                given = each.get("input") if isinstance(each, dict) else each
                yield given.strip("./") if isinstance(given, str) else ""
        else:
            yield from _assets(entry, depth + 1)


def _otherwise(project: Project, static: Path, parts: list[str]) -> File | None:
    """The one served file whose path differs in capital letters only."""
    wanted = "/".join(parts).lower()
    below = (file for file in project.files if file.path.is_relative_to(static))
    found = [file for file in below if file.path.relative_to(static).as_posix().lower() == wanted]
    return found[0] if len(found) == 1 else None


def _ending(project: Project, folder: Path, parts: list[str]) -> list[File]:
    """The package's files whose paths end so."""
    return [f for f in project.files if f.path.parts[-len(parts) :] == tuple(parts) and f.path.is_relative_to(folder)]


def _told(project: Project, folder: Path) -> bool:
    """Whether the package's settings or server may serve other files."""
    configuring = (f for f in project.files if f.path.is_relative_to(folder) and _CONFIGURES.fullmatch(f.name.lower()))
    facts = (facts for file in configuring for facts in project.facts(file, SourceFile))
    return any(each.mentions(_COPIES.pattern) for each in facts)


def _templated(file: SourceFile, project: Project, path: str) -> tuple[str, str] | None:
    """What is wrong in an app of Flask or Django, which serves the files of `static` below /static."""
    here = Path(os.path.abspath(file.path))
    base = next((folder for folder in here.parents if here.relative_to(folder).parts[0] in ("templates", "static")), None)
    if base is None or not base.is_relative_to(project.root):
        return None
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    lies = base.joinpath("static", *parts)
    framework = r"\bfrom\s+flask\s+import|\bimport\s+flask\b|django|static_folder|static_url_path"
    python = [f for f in project.files if f.suffix == ".py" and f.path.parent.is_relative_to(base) and f.size < 1 << 18]
    if parts[:1] == ["static"] or project.file(lies) is None or not any(re.search(framework, f.text) for f in python):
        return None
    if any(re.search(r"static_url_path|send_from_directory|STATIC_URL|WhiteNoise|add_url_rule", f.text) for f in python):
        return None
    return f"{lies.relative_to(base).as_posix()} is served below /static only", f"write /static/{'/'.join(parts)}"


def _plain(file: SourceFile, project: Project, path: str) -> tuple[str, str] | None:
    """What is wrong in a site without a builder, if one page of it loads the script."""
    pages = {page.path: page for page, _ in loading(project, file)}
    if len(pages) != 1 or path.startswith("/") or project.file(home(project, file.place) / "package.json") is not None:
        return None
    page = next(iter(pages.values()))
    here = Path(os.path.abspath(file.path)).parent
    if here == Path(os.path.abspath(page.path)).parent or local(project, page.place, path) is not None:
        return None
    beside = local(project, file.place, path)
    if beside is None:
        return None
    right = os.path.relpath(beside, Path(os.path.abspath(page.path)).parent).replace(os.sep, "/")
    return f"addresses are relative to the page {page.path}, not to the script: there is no {path} beside it", f"write {right}"
