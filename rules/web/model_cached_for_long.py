r"""A model that browsers are told to keep for months, at an address that never changes.

`immutable`, or a `max-age` of a year, is for files whose names change with their content, as builders give scripts. A model keeps its name:
who has been there stays with the old one, and where only the weights are kept so, a new `model.json` meets old weights: ``Based on the
provided shape, [4,2], the tensor should have 8 values but has 35``.

```nginx bad path=nginx.conf
server {
    root /usr/share/nginx/html;
    location / { try_files $uri /index.html; }
    location ~* \.(js|css|png|bin)$ {
        expires 1y; # <-
    }
}
```

```js + path=src/flowers.js
import * as tf from '@tensorflow/tfjs';
export const loading = tf.loadGraphModel('/models/flowers/model.json');
```

By a header:

```json bad path=vercel.json line=2
{"headers": [{"source": "/models/(.*)",
              "headers": [{"key": "Cache-Control", "value": "public, max-age=31536000, immutable"}]}]}
```

```js + path=src/flowers.js
import * as ort from 'onnxruntime-web';
export const loading = ort.InferenceSession.create('/models/flowers.onnx');
```

The configuration in a folder of its own:

```nginx bad path=nginx/default.conf
server {
    root /usr/share/nginx/html;
    location /models/ {
        add_header Cache-Control "public, max-age=31536000, immutable"; # <-
    }
}
```

```json + path=frontend/package.json
{"dependencies": {"react-dom": "18.2.0", "@tensorflow/tfjs": "^4.22.0"}}
```

```js + path=frontend/src/flowers.js
import * as tf from '@tensorflow/tfjs';
export const loading = tf.loadGraphModel('/models/flowers/model.json');
```

Shorter, asked again each time, or with a version in the address:

```text good path=public/_headers
/assets/*
  Cache-Control: public, max-age=31536000, immutable
/models/*
  Cache-Control: public, max-age=3600
/models/v2/*
  Cache-Control: public, max-age=31536000, immutable
```

```js + path=src/flowers.js
import * as tf from '@tensorflow/tfjs';
export const loading = tf.loadGraphModel('/models/flowers/model.json');
export const other = tf.loadGraphModel('/models/v2/model.json');
export const third = tf.loadGraphModel(`/assets/model.json?v=${VERSION}`);
```

References: https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Caching#cache_busting; https://nginx.org/en/docs/http/ngx_http_headers_module.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.hosting import Host, hosts, sites
from deplint.apps.loads import loads
from deplint.code.source import SourceFile
from deplint.finding import Place
from deplint.settings.hosting import Hosting
from deplint.settings.nginx import NginxConfig, locate, nearest

LONG = 30 * 86_400
"""Seconds from which on a file is kept for long."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000, "y": 31_536_000}
_MODEL = re.compile(r"/?(?:[A-Za-z_-]+/)*[A-Za-z_-]+\.(?:json|onnx|ort|tflite)")
"""Addresses of models in which nothing looks like a version or a hash."""


@rule(
    "DPL667",
    severity="warning",
    leaves=["B.8"],
    see=[
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Caching#cache_busting",
        "https://nginx.org/en/docs/http/ngx_http_headers_module.html",
    ],
)
def model_cached_for_long(facts: Hosting | NginxConfig, project: Project) -> Iterator[Finding]:
    serving = [Host(facts.path, facts)] if isinstance(facts, Hosting) else [Host(facts.path, site) for site in sites(facts)]
    if isinstance(facts, Hosting) and not any(True for host in serving for _ in host.all("cache-control")):
        return
    seen = set()
    for file in project.all(SourceFile):
        if not file.web or re.search(r"(?:^|/)(?:tests?|__tests__)/|\.(?:test|spec)\.", file.path):
            continue
        for load in loads(file, project):
            path = re.sub(r"^(?:\.{0,2}/)+", "/", load.written)
            if not load.whole or not _MODEL.fullmatch(path) or not any(host.path == facts.path for host in hosts(project, file.place)):
                continue
            path = "/" + path.lstrip("/")
            weights = posixpath.join(posixpath.dirname(path), "group1-shard1of1.bin") if path.endswith(".json") else path
            for host in serving:
                for asked in dict.fromkeys((path, weights)):
                    seconds, where = _kept(host, asked)
                    if seconds >= LONG and where is not None and where not in seen:
                        seen.add(where)
                        what = load.written if asked == path else f"the weights of {load.written}"
                        yield Finding(
                            where,
                            f"{what} ({file.path}) may be kept for {seconds // 86_400} days without asking: a new model does not get there",
                            help="Cache-Control: no-cache for models (they are asked for, not loaded, again), or a version in the address",
                        )


def _kept(host: Host, path: str) -> tuple[int, Place | None]:
    """For how many seconds a file is kept without asking, and where that is said; 0 where that is not certain."""
    header = host.header(path, "cache-control")
    if header is None or header.value is None:
        return 0, None
    value = header.value.lower()
    if value:
        age = re.search(r"max-age=(\d{1,12})", value)
        kept = int(age[1]) if age else 0
        return (0 if re.search("no-cache|no-store", value) else kept), header.place
    if isinstance(host.facts, Hosting):
        return 0, None
    location = locate(host.facts, path)
    expires = nearest(location, "expires") if location is not None else []
    match = re.fullmatch(r"\+?(\d{1,6})([smhdwMy]?)", expires[0].texts[-1]) if expires and expires[0].texts else None
    if expires and expires[0].texts == ["max"]:
        return 10 * 31_536_000, expires[0].place
    return (int(match[1]) * _UNITS[match[2] or "s"], expires[0].place) if match else (0, None)
