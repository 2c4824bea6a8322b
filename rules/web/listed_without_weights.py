"""A service worker that puts `model.json` into its cache and not the weights.

What `addAll` and `precacheAndRoute` are given is there without a network, and nothing else is: ``model.json`` is found, and its
weights end in ``TypeError: Failed to fetch``.

```js bad path=sw.js
const FILES = ['/', '/app.js', '/model/model.json'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open('v1').then((cache) => cache.addAll(FILES))); // <-
});
self.addEventListener('fetch', (event) => {
  event.respondWith(caches.match(event.request).then((hit) => hit || fetch(event.request)));
});
```

```graph + path=model/model.json
model tfjs-layers
graph main
  input x float32[?,2]
  weight w float32[2,2] external="model/group1-shard1of1.bin"
  op Dense (x, w) -> (y)
  output y float32[?,2]
```

All of it, or kept as it is fetched:

```js good path=sw.js
const FILES = ['/', '/app.js', '/model/model.json', '/model/group1-shard1of1.bin'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open('v1').then((cache) => cache.addAll(FILES)));
});
```

```graph + path=model/model.json
model tfjs-layers
graph main
  input x float32[?,2]
  weight w float32[2,2] external="model/group1-shard1of1.bin"
  op Dense (x, w) -> (y)
  output y float32[?,2]
```

Kept as it is fetched:

```js good path=sw.js
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open('v1').then((cache) => cache.addAll(['/', '/model/model.json'])));
});
self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request).then(async (response) => {
  (await caches.open('v1')).put(event.request, response.clone());
  return response;
})));
```

```graph + path=model/model.json
model tfjs-layers
graph main
  input x float32[?,2]
  weight w float32[2,2] external="model/group1-shard1of1.bin"
  op Dense (x, w) -> (y)
  output y float32[?,2]
```

References: https://developer.mozilla.org/en-US/docs/Web/API/Cache/addAll
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import follow, value, within
from deplint.apps.web import served_model
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Name, Node


@rule("DPL360", severity="warning", leaves=["B.4.3"], see=["https://developer.mozilla.org/en-US/docs/Web/API/Cache/addAll"])
def listed_without_weights(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\baddAll\s*\(") or not file.mentions(r"\.json\b") or file.mentions(r"\.put\s*\("):
        return
    with within(project):
        for call in file.calls("**.addAll"):
            listed = _listed(call.argument(None, 0))
            if not isinstance(listed, Array) or not listed.exact:
                continue
            paths = [known for child in listed.children if isinstance(known := value(child), str)]
            if len(paths) != len(listed.children) or any(path.endswith(".bin") for path in paths):
                continue
            for child, path in zip(listed.children, paths, strict=True):
                model = served_model(project, child) if path.endswith(".json") else None
                if model is not None and model.format.startswith("tfjs"):
                    yield Finding(
                        call,
                        f"{path} is kept for offline use and its weights are not: without a network the model does not load",
                        help="list its .bin files as well, or put them into the cache when they are fetched",
                    )
                    break


def _listed(node: Node | None) -> Node | None:
    """The list that is given, also by the name of a constant."""
    found = follow(node)
    variable = found.file.meaning.lookup(found) if isinstance(found, Name) else None
    return variable.writes[0].source if variable is not None and len(variable.writes) == 1 else found
