"""A server that takes pictures behind one that refuses large bodies.

nginx takes bodies of 1 MB unless it is told more, so does its ingress controller of Kubernetes, and `express.json()` takes 100 kB: a photo
never reaches the model. ``413 Request Entity Too Large``, ``client intended to send too large body``, ``PayloadTooLargeError: request
entity too large``.

```nginx bad path=nginx/default.conf
server {
    listen 80;
    location / {
        proxy_pass http://api:8000; # <-
    }
}
```

```python + path=api/main.py
import io
import torch
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()

@app.post("/predict")
async def predict(file: UploadFile):
    image = Image.open(io.BytesIO(await file.read()))
    return {"label": classify(image)}
```

Of several, the one that leads to the service:

```nginx bad path=nginx/default.conf
server {
    location /api/ {
        proxy_pass http://backend:8000/; # <-
    }
    location /tfs/ {
        proxy_pass http://serving:8501/;
    }
}
```

```yaml + path=docker-compose.yml
services:
  backend: {build: ./api}
  serving: {image: "tensorflow/serving:2.19.0"}
```

```python + path=api/main.py
import io
import torch
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()

@app.post("/predict")
async def predict(file: UploadFile):
    return {"label": classify(Image.open(io.BytesIO(await file.read())))}
```

In Kubernetes:

```yaml bad path=k8s/ingress.yaml
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
spec:
  ingressClassName: nginx # <-
  rules:
    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
```

```python + path=api/app.py
import numpy as np
import cv2
import onnxruntime
from flask import Flask, request

app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    image = cv2.imdecode(np.frombuffer(request.files["image"].read(), np.uint8), cv2.IMREAD_COLOR)
    return {"label": classify(image)}
```

Pictures in JSON:

```js bad path=server.js
const express = require('express');
const tf = require('@tensorflow/tfjs-node');
const app = express();

app.use(express.json()); // <-
app.post('/classify', async (req, res) => {
  const picture = tf.node.decodeImage(Buffer.from(req.body.image, 'base64'));
  res.json(await model.predict(picture.expandDims()).data());
});
```

By `body-parser`:

```js bad path=router.mjs
import express from 'express';
import bodyParser from 'body-parser';
import * as tf from '@tensorflow/tfjs-node';

const router = express.Router();
router.use(bodyParser.json()); // <-
router.post('/', async (req, res) => {
  const picture = tf.node.decodeImage(toBytes(req.body.payload.image.base64));
});
```

Told more, in whatever place:

```nginx good path=nginx/default.conf
server {
    client_max_body_size 20m;
    location / { proxy_pass http://api:8000; }
}
```

```python + path=api/main.py
import io
import torch
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()

@app.post("/predict")
async def predict(file: UploadFile):
    return {"label": classify(Image.open(io.BytesIO(await file.read())))}
```

Text only:

```nginx good path=nginx/default.conf
server {
    location / { proxy_pass http://api:8000; }
}
```

```python + path=api/main.py
import torch
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()

class Text(BaseModel):
    text: str

@app.post("/predict")
async def predict(text: Text):
    return {"label": classify(text.text)}
```

A page that makes its pictures small:

```nginx good path=web/nginx.conf
server {
    location /api/ { proxy_pass http://api:8000; }
}
```

```js + path=web/src/upload.js
import imageCompression from 'browser-image-compression';
const small = await imageCompression(file, { maxSizeMB: 0.5 });
```

```python + path=api/main.py
import io
import torch
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()

@app.post("/predict")
async def predict(file: UploadFile):
    return {"label": classify(Image.open(io.BytesIO(await file.read())))}
```

In Node:

```js good path=server.js
const express = require('express');
const tf = require('@tensorflow/tfjs-node');
const app = express();

app.use(express.json({ limit: '10mb' }));
app.post('/classify', async (req, res) => {
  const picture = tf.node.decodeImage(Buffer.from(req.body.image, 'base64'));
});
```

References: https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size;
https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/; https://expressjs.com/en/api.html#express.json
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.proxies import around, named
from deplint.code.python import PythonFile
from deplint.code.source import SourceFile
from deplint.model import Unreadable
from deplint.settings.containers import Deployment
from deplint.settings.nginx import Directive, NginxConfig, modifier, nearest, proxied, unseen

_TAKES = re.compile(r"\bUploadFile\b|\brequest\.files\b|\bFileStorage\b|\bb64decode\(|\bgr\.(?:Image|Audio|Video|File)\b|\bfile_uploader\(")
_PICTURES = re.compile(
    r"\bImage\.open\(|\bimdecode\(|\bdecode_(?:image|jpeg|png)\(|\bload_img\(|\bimread\(|\blibrosa\.load|\bsoundfile\b|\btorchaudio\.load"
    r"|\bgr\.(?:Image|Audio|Video)\b|\bread_image\("
)
_LIMITS = r"client_max_body_size|proxy-body-size|proxyBodySize"
_SMALLER = re.compile(
    r"imageCompression|browser-image-compression|image-resizer|[cC]ompress\w*\(|react-image-file-resizer|pica\(|thumbnail\("
)
_BASE64 = r"Buffer\.from\([^\n]*req(?:uest)?\.body|req(?:uest)?\.body\.[\w.]*(?:image|img|photo|picture|frame|base64)|data:image"
_SMALL = re.compile(r"MAX_CONTENT_LENGTH\W+(?:\d{1,3}\s*\*\s*1024\b(?!\s*\*)|1\s*\*\s*1024\s*\*\s*1024|\d{1,6}\b(?!\s*\*))")


@rule(
    "DPL661",
    severity="warning",
    leaves=["S.5.2", "S.6.3"],
    see=[
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size",
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/",
        "https://expressjs.com/en/api.html#express.json",
    ],
)
def upload_too_large(facts: NginxConfig | Deployment | SourceFile, project: Project) -> Iterator[Finding]:
    if isinstance(facts, NginxConfig):
        yield from _nginx(facts, project)
    elif isinstance(facts, Deployment):
        yield from _ingress(facts, project)
    elif facts.web and facts.mentions(r"\b(?:express|bodyParser)\.json\s*\(") and facts.mentions(_BASE64):
        yield from _express(facts, project)


def _near(facts: NginxConfig | Deployment, project: Project) -> tuple[PythonFile, ...]:
    """The services deployed together with a file that are sent pictures or sound."""
    return _taking(project, around(project, facts))


@lru_cache(maxsize=32)
def _taking(project: Project, folder: Path) -> tuple[PythonFile, ...]:
    """The services in a folder that are sent pictures or sound, where nothing there makes these small first or limits them itself."""

    def inside(path: str) -> bool:
        return Path(os.path.abspath(path)).is_relative_to(folder)

    if _mentioned(project, folder) or any(f.web and _SMALLER.search(f.text) for f in project.all(SourceFile) if inside(f.path)):
        return ()
    found = tuple(f for f in project.all(PythonFile) if _TAKES.search(f.text) and _PICTURES.search(f.text) and inside(f.path))
    return () if any(_SMALL.search(file.text) for file in found) else found


def _mentioned(project: Project, folder: Path) -> bool:
    """Whether a limit is written anywhere in a folder: in a file that is included, a manifest, a script."""
    for file in project.files:
        if file.suffix in _TEXTS and file.size < 1 << 18 and file.path.is_relative_to(folder):
            try:
                if re.search(_LIMITS, file.text):
                    return True
            except (Unreadable, OSError):
                continue
    return False


_TEXTS = frozenset({"", ".conf", ".template", ".yaml", ".yml", ".sh", ".j2", ".tpl", ".config", ".ini", ".tf", ".py"})


def _nginx(config: NginxConfig, project: Project) -> Iterator[Finding]:
    takers = _near(config, project)
    limited = (each for each in proxied(config) if not nearest(each.location, "client_max_body_size") and not unseen(each.location))
    handed = list(limited) if takers else []
    handed = [each for each in handed if not _frontend(each.host, project) and not _streams(each.location)]
    several = len({each.location for each in handed}) > 1
    seen = set()
    for each in handed:
        if each.directive in seen or (several and not _meant(each.location, takers) and not _built(each.host, takers, project)):
            continue
        seen.add(each.directive)
        yield Finding(
            each.directive,
            f"{takers[0].path} takes pictures or sound, and nginx refuses bodies of more than 1 MB: 413 Request Entity Too Large",
            help="client_max_body_size 20m; in the server or the location",
        )


def _streams(location: Directive) -> bool:
    """Whether a location is for something else than uploads."""
    return bool(re.search(r"static|assets|favicon|metrics|health|/ws|socket|docs|grafana|prometheus|minio|admin", modifier(location)[1]))


def _meant(location: Directive, takers: tuple[PythonFile, ...]) -> bool:
    """Whether one of the paths in the code of a service begins as the location does."""
    path = modifier(location)[1].strip("^/ ").partition("/")[0]
    return bool(path) and any(re.search(rf"[\"']/{re.escape(path)}\b", file.text) for file in takers)


def _built(host: str, takers: tuple[PythonFile, ...], project: Project) -> bool:
    """Whether a name leads to a container whose image is built from the folder that one of the services is in."""
    for deployment in project.all(Deployment):
        found = named(deployment, host, project) if deployment.kind == "compose" else None
        if found is not None and found[0].build:
            folder = (Path(os.path.abspath(found[1].path)).parent / found[0].build).parent
            return folder != project.root and any(Path(os.path.abspath(file.path)).is_relative_to(folder) for file in takers)
    return False


def _frontend(host: str, project: Project) -> bool:
    """Whether what is behind a name is no service in Python."""
    if re.search(r"front|client|web|ui\b|react|vue|next|node|grafana|minio|flower|adminer|jupyter", host):
        return True
    for deployment in project.all(Deployment):
        found = named(deployment, host, project) if deployment.kind == "compose" else None
        if found is not None:
            return bool(found[0].image is not None and not found[0].build)
    return False


def _ingress(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for document in deployment.documents:
        if document.string("kind") != "Ingress":
            continue
        notes = document.map("metadata", "annotations")
        named_class = document.get("spec", "ingressClassName") or notes.get("kubernetes.io/ingress.class")
        if named_class is None or named_class.text != "nginx" or any(name.startswith("nginx.org/") for name in notes):
            continue
        takers = _near(deployment, project)
        if takers:
            yield Finding(
                named_class.place,
                f"{takers[0].path} takes pictures or sound, and this ingress refuses bodies of more than 1 MB: 413 Request Entity"
                " Too Large",
                help='annotations: {nginx.ingress.kubernetes.io/proxy-body-size: "20m"}',
            )
            return


def _express(file: SourceFile, project: Project) -> Iterator[Finding]:
    folder = project.area(file)
    near = (other for other in project.all(SourceFile) if Path(os.path.abspath(other.path)).is_relative_to(folder))
    if any(other.web and _SMALLER.search(other.text) for other in near):
        return
    for call in file.calls("express{,.default}.json", "body-parser{,.default}.json", "{bodyParser,**.bodyParser}.json"):
        if not call.arguments and not file.mentions(r"\blimit\s*:"):
            yield Finding(
                call,
                f"pictures come in as base64, and {call.text} takes 100 kB: PayloadTooLargeError: request entity too large",
                help="json({ limit: '10mb' })",
            )
            return
