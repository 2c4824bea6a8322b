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

What a server of development sends is not there in production, and headers have to go out with the page itself: in nginx, a block with an
`add_header` of its own inherits none.

```js bad path=src/run.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 4; // <-
```

```js + path=vite.config.js
import { defineConfig } from 'vite';

export default defineConfig({
  server: { headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } },
});
```

```json + path=vercel.json
{ "rewrites": [{ "source": "/(.*)", "destination": "/index.html" }] }
```

In nginx:

```js bad path=src/run.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 4; // <-
```

```nginx + path=nginx.conf
server {
    root /usr/share/nginx/html;
    add_header Cross-Origin-Opener-Policy same-origin;
    add_header Cross-Origin-Embedder-Policy require-corp;
    location / { try_files $uri /index.html; }
    location = /index.html { add_header Cache-Control no-cache; }
}
```

For the models only, and with another value:

```js bad path=src/run.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 4; // <-
```

```toml + path=netlify.toml
[[headers]]
for = "/*"
[headers.values]
Cross-Origin-Opener-Policy = "same-origin-allow-popups"
Cross-Origin-Embedder-Policy = "require-corp"
```

Sent with the page:

```js good path=src/run.js
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 4;
```

```text + path=public/_headers
/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: credentialless
```

```toml + path=netlify.toml
[build]
publish = "dist"
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
from deplint.apps.follow import home
from deplint.apps.hosting import PAGE, Host, hosts
from deplint.apps.site import platform
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
DEVELOPMENT = re.compile(r"(?:vite|webpack|vue|craco|rsbuild)[\w.-]*\.config\.\w+|craco\.config\.\w+|angular\.json")
"""Files whose headers are those of a server of development."""

_BOTH = "Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy"
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
                f"{count.text} threads in a page that is not isolated: {server}, so that there is one thread",
                help="send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp with the page",
            )


def _server(project: Project, file: SourceFile) -> str | None:
    """Why the pages of the package are not isolated, as the file says that tells how they are served; None if they are, or may be."""
    folder = home(project, file.place)
    serving = hosts(project, file.place)
    found: File | None = None
    opener = embedder = False
    for other in project.files:
        if other.suffix not in TEXTS or other.size > 500_000:
            continue
        if serving and (any(other.shown == host.path for host in serving) or DEVELOPMENT.fullmatch(other.name)):
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
    if serving:
        return _sent(serving) if not (opener or embedder) else None
    return f"{found.shown} sends no {_BOTH}" if found is not None and not (opener and embedder) else None


def _sent(serving: list[Host]) -> str | None:
    """Why none of the servers isolates the page; None if one does, or if that is not known."""
    why = ""
    for host in serving:
        opener, embedder = host.header(PAGE, "cross-origin-opener-policy"), host.header(PAGE, "cross-origin-embedder-policy")
        if opener is None or embedder is None or opener.value is None or embedder.value is None:
            return None
        given = [(header.value or "").partition(";")[0].strip().lower() for header in (opener, embedder)]
        if given[0] == "same-origin" and given[1] in ("require-corp", "credentialless"):
            return None
        for header, value in zip((opener, embedder), given, strict=True):
            if value and value not in ("same-origin", "require-corp", "credentialless"):
                why = why or f"{host.path} sends {header.name}: {value}"
            elif any(host.all(header.name)) and not value:
                why = f"{host.path} sends {header.name} with other paths than that of the page"
    return why or f"{serving[0].path} sends no {_BOTH}"
