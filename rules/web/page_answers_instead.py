r"""A server that answers with the page where the app asks for its model or its service.

What a single-page app needs, every unknown path answered with `index.html`, swallows models where it comes before the files: `routes` of
Vercel without ``{"handle": "filesystem"}``, ``200!`` or `force` at Netlify, a `RewriteRule` without its ``RewriteCond
%{REQUEST_FILENAME} !-f``, a route for everything before the folder in Express. ``Unexpected token '<', "<!DOCTYPE "... is not valid JSON``.
And what the server of development hands on to the service, nginx has to be told as well: a POST to a path of files is answered
``405 Not Allowed``.

```json bad path=vercel.json
{
  "builds": [{ "src": "package.json", "use": "@vercel/static-build" }],
  "routes": [
    { "src": "/static/(.*)", "dest": "/static/$1" },
    { "src": "/(.*)", "dest": "/index.html" } // <-
  ]
}
```

```js + path=src/flowers.js
import * as tf from '@tensorflow/tfjs';
export const loading = tf.loadGraphModel('/models/flowers/model.json');
```

At Netlify:

```text bad path=public/_redirects
/*  /index.html  200! # <-
```

```js + path=src/flowers.js
import * as tf from '@tensorflow/tfjs';
export const loading = tf.loadGraphModel('/models/flowers/model.json');
```

Apache:

```text bad path=.htaccess
RewriteEngine On
RewriteRule ^index\.html$ - [L]
RewriteRule . /index.html [L] # <-
```

```js + path=flowers.js
import * as tf from '@tensorflow/tfjs';
export const loading = tf.loadGraphModel('/models/flowers/model.json');
```

Express:

```js bad path=server.js
const express = require('express');
const path = require('path');
const app = express();

app.use(express.static('build'));
app.get('*', (req, res) => res.sendFile(path.join(__dirname, 'build/index.html')));
app.use('/models', express.static('models')); // <-
```

nginx, of which Vite's proxy makes nobody think:

```nginx bad path=web/nginx.conf
server {
    listen 80;
    root /usr/share/nginx/html;
    location / { try_files $uri /index.html; } # <-
}
```

```json + path=web/package.json
{"dependencies": {"react-dom": "18.2.0", "vite": "5.4.0"}}
```

```js + path=web/src/App.jsx
const response = await fetch('/api/predict', { method: 'POST', body: form });
```

```python + path=api/main.py
import torch
from fastapi import FastAPI, UploadFile

app = FastAPI()

@app.post("/api/predict")
async def predict(file: UploadFile):
    return {"label": classify(await file.read())}
```

After the files:

```json good path=vercel.json
{
  "routes": [{ "handle": "filesystem" }, { "src": "/(.*)", "dest": "/index.html" }]
}
```

```text + path=public/_redirects
/*  /index.html  200
```

```text + path=.htaccess
RewriteEngine On
RewriteCond %{REQUEST_FILENAME} !-f
RewriteRule ^(.*)$ /index.html [L]
```

```js + path=src/flowers.js
import * as tf from '@tensorflow/tfjs';
export const loading = tf.loadGraphModel('/models/flowers/model.json');
```

Handed on:

```nginx good path=web/nginx.conf
server {
    root /usr/share/nginx/html;
    location / { try_files $uri /index.html; }
    location /api/ { proxy_pass http://api:8000; }
}
```

```json + path=web/package.json
{"dependencies": {"react-dom": "18.2.0", "vite": "5.4.0"}}
```

```js + path=web/src/App.jsx
const response = await fetch('/api/predict', { method: 'POST', body: form });
```

```python + path=api/main.py
import torch
from fastapi import FastAPI, UploadFile

app = FastAPI()

@app.post("/api/predict")
async def predict(file: UploadFile):
    return {"label": classify(await file.read())}
```

References: https://vercel.com/docs/project-configuration#legacy/routes; https://docs.netlify.com/manage/routing/redirects/rewrites-proxies/#shadowing;
https://httpd.apache.org/docs/2.4/rewrite/; https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.hosting import hosts, sites
from deplint.apps.loads import loads
from deplint.code.services import routes
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Object
from deplint.settings.hosting import Hosting
from deplint.settings.nginx import Directive, NginxConfig, locate
from deplint.settings.serving import mentioned

_HANDS_ON = ("proxy_pass", "grpc_pass", "uwsgi_pass", "fastcgi_pass", "return", "rewrite", "if", "include", "error_page")
_EVERYTHING = re.compile(r"/?\*|/\{?\*\w+\}?|/\(\.\*\)|\(\.\*\)")
_OTHER_FRONT = r"(?m)^kind:\s*(?:Ingress|Gateway|VirtualService|HTTPRoute)\b|\btraefik\b|\bhaproxy\b|\bcaddy\b|\benvoy\b"


@rule(
    "DPL665",
    severity="error",
    leaves=["B.4.1", "B.4.3", "S.5.2"],
    see=[
        "https://vercel.com/docs/project-configuration#legacy/routes",
        "https://docs.netlify.com/manage/routing/redirects/rewrites-proxies/#shadowing",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files",
    ],
)
def page_answers_instead(facts: Hosting | NginxConfig | SourceFile, project: Project) -> Iterator[Finding]:
    if isinstance(facts, SourceFile):
        yield from _express(facts)
    elif isinstance(facts, Hosting):
        yield from _models(facts, project)
    else:
        yield from _requests(facts, project)


def _clients(facts: Hosting | NginxConfig, project: Project) -> Iterator[SourceFile]:
    """The scripts of the packages that a server serves."""
    for file in project.all(SourceFile):
        shipped = file.web and not re.search(r"(?:^|/)(?:tests?|__tests__)/|\.(?:test|spec)\.", file.path)
        if shipped and any(host.path == facts.path for host in hosts(project, file.place)):
            yield file


def _models(hosting: Hosting, project: Project) -> Iterator[Finding]:
    """Models at addresses that a route answers before the files."""
    if not any(route.first for route in hosting.routes):
        return
    seen = set()
    for file in _clients(hosting, project):
        for load in loads(file, project):
            path = re.sub(r"[?#].*", "", load.written)
            if not load.whole or load.handler == "fileSystem" or load.family == "ort-node" or not re.match(r"\.{0,2}/(?!/)", path):
                continue
            route = hosting.answer("/" + re.sub(r"^(?:\.{0,2}/)+", "", path))
            looping = hosting.kind == "apache" and route is not None and hosting.answer(route.target) is route  # which answers 500 to all
            if route is not None and re.search(r"\.html?$|^/$", route.target) and route.place not in seen and not looping:
                seen.add(route.place)
                yield Finding(
                    route.place,
                    f"{load.written}, which {file.path} loads, is answered with {route.target}: this comes before the files",
                    help=_REMEDY[hosting.kind],
                )


_REMEDY = {
    "vercel": 'put { "handle": "filesystem" } before it, or use rewrites in place of routes',
    "netlify": "leave out the ! (force = true)",
    "firebase": "leave the path of the models out of redirects",
    "azure": "use navigationFallback",
    "apache": "RewriteCond %{REQUEST_FILENAME} !-f in the line before it",
}


def _express(file: SourceFile) -> Iterator[Finding]:
    """A folder that is served only after a route for everything."""
    if not file.web or not file.mentions(r"\.static\s*\(") or not file.mentions(r"sendFile\s*\(") or not file.mentions(r"express"):
        return
    line = 0
    for call in sorted(file.calls("**.get", "**.use"), key=_line):
        first, second = call.argument(None, 0), call.argument(None, 1)
        if first is None or second is None or not isinstance(first.value, str):
            continue
        if call.method == "get" and _EVERYTHING.fullmatch(first.value) and len(call.arguments) == 2:
            line = line or (_line(call) if re.search(r"\.sendFile\s*\(", second.text) and "next" not in second.text else 0)
        elif call.method == "use" and line and isinstance(second, Call) and second.method == "static":
            yield Finding(
                call,
                f"nothing gets here: the route for everything in line {line} answers with the page, models included",
                help="move this line above it",
            )


def _line(call: Call) -> int:
    return call.place.span.line if call.place.span is not None else 0


def _requests(config: NginxConfig, project: Project) -> Iterator[Finding]:
    """Requests to the project's own service that nginx does not hand on."""
    servers = sites(config)
    area = project.area(config)
    others = [c for c in project.all(NginxConfig) if c is not config and Path(os.path.abspath(c.path)).is_relative_to(area)]
    if len(servers) != 1 or others or config.all("include") != [i for i in config.all("include") if _types(i.texts)]:
        return
    paths = {route.path for route in routes(project) if Path(os.path.abspath(route.file.path)).is_relative_to(area)}
    if not paths or mentioned(project, _OTHER_FRONT, inside=area):
        return
    for file in _clients(config, project):
        for call in file.calls("fetch", "window.fetch", "axios.post", "axios.default.post"):
            path, posts = _asked(call)
            known = next((p for p in paths if p != "/" and (path == p or path.endswith(p))), "")
            location = locate(servers[0], path) if known else None
            if location is None or any(_hands_on(each) for block in (location, servers[0]) for each in block.body):
                continue
            what = "405 Not Allowed" if posts else "the page (Unexpected token '<')"
            yield Finding(
                location,
                f"{path}, which {file.path} asks for, is not handed on to the service: nginx answers {what}",
                help=f"location {path.rpartition('/')[0] or path}/ {{ proxy_pass http://...; }}",
            )
            return


def _hands_on(directive: Directive) -> bool:
    return directive.name in _HANDS_ON or (directive.name == "try_files" and any(text.startswith(("@", "=")) for text in directive.texts))


def _types(texts: list[str]) -> bool:
    return bool(texts) and texts[0].rpartition("/")[2] == "mime.types"


def _asked(call: Call) -> tuple[str, bool]:
    """The path at the page's own origin that a call asks for, and whether it posts; empty if that is not certain."""
    address, options = call.argument(None, 0), call.argument(None, 1)
    path = address.value if address is not None else None
    if not isinstance(path, str) or not re.match(r"/(?!/)", path):
        return "", False
    if call.method == "post":
        return re.sub(r"[?#].*", "", path), True
    given = dict(options.entries) if isinstance(options, Object) else {}
    method = given["method"].value if "method" in given else "GET" if options is None else None
    return (re.sub(r"[?#].*", "", path), str(method).upper() == "POST") if isinstance(method, str) else ("", False)
