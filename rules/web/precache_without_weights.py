"""A service worker that keeps a model for offline use without its weights.

Workbox precaches what `globPatterns` match in the folder that is published, and of that no file above 2 MiB, unless
`maximumFileSizeToCacheInBytes` says so: ``... is 4.19 MB, and won't be precached``. Offline the page then has ``model.json``, and the
weights end in ``TypeError: Failed to fetch``.

```js bad path=vite.config.js
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

export default defineConfig({
  plugins: [
    VitePWA({
      registerType: 'autoUpdate',
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg,json}'], // <-
      },
    }),
  ],
});
```

```graph + path=public/guide/model.json
model tfjs-layers
graph main
  input x float32[?,2]
  weight w float32[2,2] external="public/guide/group1-shard1of1.bin"
  op Dense (x, w) -> (y)
  output y float32[?,2]
```

```hex + path=public/guide/group1-shard1of1.bin
00000000 00000000 00000000 00000000
```

```json + path=package.json
{ "devDependencies": { "vite": "5.2.11", "vite-plugin-pwa": "0.19.8" } }
```

A list of another module, and a limit that the weights are above.

```js bad path=workbox-config.js
const { precached } = require('./settings');

module.exports = {
  globDirectory: 'www/',
  globPatterns: precached, // <-
  maximumFileSizeToCacheInBytes: 8,
  swDest: 'www/sw.js',
};
```

```js + path=settings.js
exports.precached = ['**/*.{js,html}', 'models/**/*'];
```

```graph + path=www/models/a/model.json
model tfjs-graph
graph main
  input x float32[?,2]
  weight w float32[2,2] external="www/models/a/group1-shard1of1.bin"
  op MatMul (x, w) -> (y)
  output y float32[?,2]
```

```hex + path=www/models/a/group1-shard1of1.bin
00000000 00000000 00000000 00000000
```

```json + path=package.json
{ "devDependencies": { "workbox-cli": "7.1.0" } }
```

With the weights, or where they are cached when they are first fetched, all is well; nor is anything said of a model that is not kept
at all.

```js good path=vite.config.js
import { VitePWA } from 'vite-plugin-pwa';

const KEPT = ['js', 'css', 'html', 'json', 'bin'];

export default {
  plugins: [
    VitePWA({ workbox: { globPatterns: [`**/*.{${KEPT.join(',')}}`] } }),
    VitePWA({ workbox: { globPatterns: ['**/*.{js,css,html,json,bin}'] } }),
    VitePWA({ workbox: { globPatterns: ['**/*.{js,css,html}'] } }),
    VitePWA({
      workbox: {
        globPatterns: ['**/*.{js,json}'],
        runtimeCaching: [{ urlPattern: /\\.bin$/, handler: 'CacheFirst' }],
      },
    }),
  ],
};
```

```graph + path=public/guide/model.json
model tfjs-layers
graph main
  input x float32[?,2]
  weight w float32[2,2] external="public/guide/group1-shard1of1.bin"
  op Dense (x, w) -> (y)
  output y float32[?,2]
```

```hex + path=public/guide/group1-shard1of1.bin
00000000 00000000 00000000 00000000
```

```json + path=package.json
{ "devDependencies": { "vite": "5.2.11", "vite-plugin-pwa": "0.19.8" } }
```

References: https://developer.chrome.com/docs/workbox/modules/workbox-build; https://vite-pwa-org.netlify.app/guide/static-assets
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.apps.follow import follow, home, spread, value, within
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Node, Object
from deplint.project import File

PUBLISHED = ("public", "static", "dist", "build", "www")
LIMIT = 2 << 20
"""Bytes of a file above which Workbox does not precache it."""

_CACHED_OTHERWISE = r"\bregisterRoute\s*\(|\bcaches\.open\s*\(|indexeddb://|additionalManifestEntries|manifestTransforms"
_ELSEWHERE = re.compile(r"urlPattern:\s*(?:/\^?https?:|[\"'`]https?://)")


@rule(
    "DPL934",
    severity="warning",
    leaves=["B.4.1"],
    see=["https://developer.chrome.com/docs/workbox/modules/workbox-build", "https://vite-pwa-org.netlify.app/guide/static-assets"],
)
def precache_without_weights(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bglobPatterns\b"):
        return
    folder = home(project, file.place)
    if any(each.mentions(_CACHED_OTHERWISE) for each in project.all(SourceFile) if each.web and home(project, each.place) == folder):
        return
    with within(project):
        for node in file.meaning.nodes:
            options = spread(node) if isinstance(node, Object) and "globPatterns" in dict(node.entries) else None
            if options is not None and not _at_run_time(options):
                yield from _kept(options, folder, project)


def _kept(options: dict[str, Node], folder: Path, project: Project) -> Iterator[Finding]:
    """What is said of models of which only a part is precached."""
    at = options["globPatterns"]
    wanted, ignored = _globs(at), _globs(options.get("globIgnores"))
    limit = value(options["maximumFileSizeToCacheInBytes"]) if "maximumFileSizeToCacheInBytes" in options else LIMIT
    if wanted is None or ignored is None or not isinstance(limit, (int, float)):
        return
    for model in project.all(Model):
        root = next((folder / name for name in PUBLISHED if _path(model.path).is_relative_to(folder / name)), None)
        if root is None or not model.format.startswith("tfjs") or not _matches(_path(model.path), root, wanted, ignored):
            continue
        for weights in _weights(model, project):
            if not _matches(weights.path, root, wanted, ignored):
                problem = "these patterns match no"
            elif weights.size > limit:
                problem = f"a file above {limit:,} bytes is not precached, as is"
            else:
                continue
            yield Finding(
                at,
                f"{model.path} is kept for offline use, and {problem} {weights.shown}: Failed to fetch",
                help="add bin to globPatterns, and set maximumFileSizeToCacheInBytes above the largest file",
            )
            return


def _path(path: str) -> Path:
    return Path(os.path.abspath(path))


def _weights(model: Model, project: Project) -> Iterator[File]:
    """The files of a model's weights, once each."""
    stored = (tensor.stored for graph in model.graphs for tensor in graph.weights)
    for path in sorted({each.path for each in stored if each is not None and each.external}):
        file = project.file(_path(path)) or project.file(_path(model.path).parent / Path(path).name)
        if file is not None:
            yield file


def _at_run_time(options: dict[str, Node]) -> bool:
    """Whether files of the page's own site may be cached when they are first fetched."""
    caching = options.get("runtimeCaching")
    return caching is not None and len(_ELSEWHERE.findall(caching.text)) != len(re.findall(r"\burlPattern\b", caching.text))


def _globs(node: Node | None) -> list[re.Pattern[str]] | None:
    """Patterns as regular expressions; None where they are not known."""
    if node is None:
        return []
    listed = follow(node)
    if not isinstance(listed, Array) or not listed.exact:
        return None
    known = [value(each) for each in listed.children]
    found = [_glob(each) for each in known if isinstance(each, str)]
    return [each for each in found if each is not None] if len(found) == len(known) and None not in found else None


def _glob(pattern: str) -> re.Pattern[str] | None:
    """A glob with ``**``, ``*``, ``?`` and braces; None for other notation."""
    if len(pattern) > 500 or re.search(r"[!()\[\]+@\\]", pattern) or pattern.count("{") != pattern.count("}"):
        return None
    tokens = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    parts = re.findall(r"\*\*/|\*\*|.", pattern.removeprefix("./"))
    return re.compile("".join(tokens.get(part, re.escape(part)) for part in parts))


def _matches(path: Path, root: Path, wanted: list[re.Pattern[str]], ignored: list[re.Pattern[str]]) -> bool:
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
    return any(each.fullmatch(name) for each in wanted) and not any(each.fullmatch(name) for each in ignored)
