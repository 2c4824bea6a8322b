"""Threads for WebAssembly in a page that is not isolated.

Browsers give `SharedArrayBuffer` only to pages that were sent with `Cross-Origin-Opener-Policy: same-origin` and
`Cross-Origin-Embedder-Policy: require-corp` (or `credentialless`). Without them everything runs on one thread:
``env.wasm.numThreads is set to 4, but this will not work unless you enable crossOriginIsolated mode.``

```js bad path=src/run.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 4; // <-
```

```js + path=vite.config.js
import { defineConfig } from 'vite';

export default defineConfig({ server: { port: 3000 } });
```

```js good path=src/run.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 4;
```

```js + path=vite.config.js
import { defineConfig } from 'vite';

export default defineConfig({
  server: { headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } },
});
```

One thread is what every page has, and code may ask first.

```js good path=src/run.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = self.crossOriginIsolated ? 4 : 1;
```

```json + path=vercel.json
{ "cleanUrls": true }
```

References: js/web/lib/wasm/wasm-factory.ts of onnxruntime-web 1.27; https://web.dev/articles/coop-coep
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import File, Finding, Project, rule
from deplint.apps.site import platform
from deplint.apps.web import home
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node
from deplint.model import Unreadable

SERVERS = re.compile(
    r"vite\.config\.\w+|webpack\.config\.\w+|vue\.config\.\w+|next\.config\.\w+|nuxt\.config\.\w+|svelte\.config\.\w+|astro\.config\.\w+"
    r"|vercel\.json|netlify\.toml|_headers|firebase\.json|\.htaccess|nginx\.conf|staticwebapp\.config\.json|Caddyfile|angular\.json"
    r"|server\.(?:js|mjs|ts|py)"
)
"""Files that say with what headers the pages are sent."""

TEXTS = frozenset(
    {"", ".js", ".mjs", ".cjs", ".ts", ".json", ".toml", ".conf", ".html", ".py", ".yml", ".yaml", ".config", ".template", ".go"}
)
_OPENER = re.compile(r"cross-?origin-?opener-?policy", re.IGNORECASE)
_EMBEDDER = re.compile(r"cross-?origin-?embedder-?policy", re.IGNORECASE)
_ISOLATES = re.compile(r"coi-serviceworker|cross-?origin-?isolat|COOP|vite-plugin-co[ei]|helmet\(", re.IGNORECASE)


@rule(
    "DPL852",
    severity="warning",
    leaves=["B.7"],
    see=["https://web.dev/articles/coop-coep", "https://onnxruntime.ai/docs/tutorials/web/env-flags-and-session-options.html"],
)
def wasm_threads_without_isolation(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"numThreads|setThreadsCount"):
        return
    asked: list[tuple[Node, Node | None]] = [(a, a.assigned) for a in file.assignments("onnxruntime-web.env.wasm.numThreads")]
    asked += [(call, call.argument(None, 0)) for call in file.calls("@tensorflow/tfjs-backend-wasm.setThreadsCount")]
    for node, count in asked:
        many = count is not None and (count.text == "navigator.hardwareConcurrency" or (type(count.value) is int and count.value > 1))
        if count is None or not many or platform(project, file) == "node":
            continue
        server = _server(project, file)
        if server is not None:
            yield Finding(
                node,
                f"{count.text} threads in a page that is not isolated: {server.shown} sends no"
                " Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy, so that there is one thread",
                help="send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp with the page",
            )


def _server(project: Project, file: SourceFile) -> File | None:
    """The file that says how the package is served, where nothing in the project isolates its pages."""
    folder = home(project, file.place)
    found: File | None = None
    opener = embedder = False
    for other in project.files:
        if other.suffix not in TEXTS or other.size > 500_000:
            continue
        try:
            text = other.text
        except (Unreadable, OSError):
            continue
        if _ISOLATES.search(text):
            return None
        opener, embedder = opener or bool(_OPENER.search(text)), embedder or bool(_EMBEDDER.search(text))
        if found is None and SERVERS.fullmatch(other.name) and other.path.is_relative_to(folder):
            found = other
    return None if opener and embedder else found
