r"""nginx that sends modules, or whole pages, with a type that browsers do not take.

The `mime.types` that comes with nginx has no `.mjs`, and is not going to get it: what onnxruntime-web and MediaPipe load as
`ort-wasm-simd-threaded.mjs` and its like is sent as application/octet-stream. ``Failed to load module script: Expected a JavaScript module
script but the server responded with a MIME type of "application/octet-stream"``, ``Failed to fetch dynamically imported module``. And a
`types` block replaces all types that were set outside of it: the page itself is then downloaded in place of being shown.

```nginx bad path=nginx.conf
server { # <-
    listen 80;
    root /usr/share/nginx/html;
    location / { try_files $uri /index.html; }
}
```

```js + path=src/run.js
import * as ort from 'onnxruntime-web';
ort.env.wasm.wasmPaths = '/ort/';
```

```js + path=public/ort/ort-wasm-simd-threaded.mjs
export default function () {}
```

Types that replace the others:

```nginx bad path=nginx.conf
http {
    include mime.types;
    server {
        root /usr/share/nginx/html;
        types { # <-
            application/wasm wasm;
            text/javascript mjs;
        }
    }
}
```

Added beside the others, for a location of its own, or by the image:

```nginx good path=nginx.conf
http {
    include mime.types;
    types { text/javascript mjs; application/octet-stream onnx; }
    server { root /usr/share/nginx/html; }
}
```

```js + path=src/run.js
import * as ort from 'onnxruntime-web';
ort.env.wasm.wasmPaths = '/ort/';
```

```js + path=public/ort/ort-wasm-simd-threaded.mjs
export default function () {}
```

By location:

```nginx good path=nginx.conf
server {
    root /usr/share/nginx/html;
    location ~ \.mjs$ { types { text/javascript mjs; } }
    location ~ \.wasm$ { types {} default_type application/wasm; }
}
```

```js + path=src/run.js
import * as ort from 'onnxruntime-web';
ort.env.wasm.wasmPaths = '/ort/';
```

```js + path=public/ort/ort-wasm-simd-threaded.mjs
export default function () {}
```

Without modules of one's own:

```nginx good path=nginx.conf
server { root /usr/share/nginx/html; location / { try_files $uri /index.html; } }
```

```js + path=src/run.js
import * as ort from 'onnxruntime-web';
ort.env.wasm.wasmPaths = 'https://cdn.jsdelivr.net/npm/onnxruntime-web@1.20.1/dist/';
```

References: https://nginx.org/en/docs/http/ngx_http_core_module.html#types; https://github.com/nginx/nginx/issues/432
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import File, Finding, Project, rule
from deplint.apps.hosting import PAGE, hosts, sites
from deplint.code.source import SourceFile
from deplint.settings.nginx import Directive, NginxConfig, locate, nearest
from deplint.settings.serving import mentioned

_RUNTIME = re.compile(r"ort[\w.-]*\.mjs|vision_bundle\.mjs|\w+_bundle\.mjs|transformers[\w.]*\.mjs|\w+_wasm\w*\.mjs")
"""Modules of libraries that run models."""

_SERVED = re.compile(r"(?:^|/)(?:public|static|dist|build|www|html)/")
_COPIED = re.compile(r"onnxruntime-web/dist/\*(?:\.\{[^}]*mjs[^}]*\})?[\"'`]|onnxruntime-web/dist/[\w*.-]*\.mjs")
_PATHS = r"\bwasmPaths\s*=\s*[\"'`]\.{0,2}/"


@rule(
    "DPL666",
    severity="error",
    leaves=["B.3.1", "B.4.1"],
    see=["https://nginx.org/en/docs/http/ngx_http_core_module.html#types", "https://github.com/nginx/nginx/issues/432"],
)
def nginx_media_types(config: NginxConfig, project: Project) -> Iterator[Finding]:
    for server in sites(config):
        replaced = _replaced(server)
        if replaced is not None:
            default = next((d.texts[0] for d in nearest(replaced.above or server, "default_type") if d.texts), "text/plain")
            if default != "text/html":
                yield Finding(
                    replaced,
                    f"these types replace all others: {PAGE} is sent as {default}, which browsers do not show as a page",
                    help="include mime.types; in the same block",
                )
            continue
        module = _module(config, project)
        if module and _unknown(server, "/x.mjs") and not _told(config, project):
            yield Finding(
                server,
                f"{module} is sent as application/octet-stream, there is no .mjs in mime.types of nginx: Failed to load module script",
                help="types { text/javascript mjs; } beside include mime.types; in http, or in location ~ \\.mjs$",
            )


def _told(config: NginxConfig, project: Project) -> bool:
    """Whether a type for modules is set elsewhere: by the image, in another file."""
    area = project.area(config)
    near = [c for c in project.all(NginxConfig) if Path(os.path.abspath(c.path)).is_relative_to(area)]
    named = {word for c in near for types in c.all("types") for each in types.body for word in each.texts}
    own = (f for f in project.files if (f.name == "mime.types" or f.name.lower().startswith("dockerfile")) and f.path.is_relative_to(area))
    says = any(re.search(r"\bmjs\b", file.text) for file in own)
    return "mjs" in named or says or mentioned(project, r"\bmjs\b[^\n]*mime\.types", inside=area)


def _replaced(server: Directive) -> Directive | None:
    """The types that a page is left with, where they replace those of the blocks around."""
    location = locate(server, PAGE)
    if location is None:
        return None
    own = nearest(location, "types")
    block = own[0].above if own else None
    if block is None or block.name not in ("server", "location") or any("mime" in t for d in block.all("include") for t in d.texts):
        return None
    known = {word for types in own for each in types.body for word in each.texts}
    return own[0] if not known & {"html", "htm"} and not any(d.name == "include" for types in own for d in types.body) else None


def _unknown(server: Directive, path: str) -> bool:
    """Whether nginx certainly finds no type for a file."""
    location = locate(server, path)
    if location is None or any(each.name.endswith("_pass") or each.name in ("return", "more_set_headers") for each in location.body):
        return False
    if any(d.texts[:1] and d.texts[0].lower() == "content-type" for d in nearest(location, "add_header")):
        return False
    named = {word for types in nearest(location, "types") for each in types.body for word in each.texts}
    default = [d.texts[0] for d in nearest(location, "default_type") if d.texts]
    includes = [t for block in location.around for d in block.all("include") for t in d.texts if block.name in ("location", "server")]
    return "mjs" not in named and not any("javascript" in text for text in default) and all(_plain(text) for text in includes)


def _plain(name: str) -> bool:
    return name.endswith(("mime.types", "_params"))


def _module(config: NginxConfig, project: Project) -> str:
    """A module of a library that the pages behind a configuration load from it; empty if none certainly is."""
    ours = [f for f in project.all(SourceFile) if f.web and any(host.path == config.path for host in hosts(project, f.place))]
    if not any(file.mentions(_PATHS) for file in ours):
        return ""
    area = project.area(config)
    files = [file for file in project.files if file.path.is_relative_to(area)]
    for file in files:
        if file.suffix == ".mjs" and _RUNTIME.fullmatch(file.name) and _SERVED.search(file.shown):
            return file.shown
    return next((match[0].strip("\"'`") for file in files if _builds(file) and (match := _COPIED.search(file.text))), "")


def _builds(file: File) -> bool:
    return (
        bool(re.fullmatch(r"(?:vite|webpack|vue|next|rollup|craco|rspack)[\w.-]*\.config\.[cm]?[jt]s|package\.json", file.name))
        and file.size < 1 << 18
    )
