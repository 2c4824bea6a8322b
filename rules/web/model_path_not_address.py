"""A path on a disk where an address is fetched, or an address where a path is read.

A page cannot read files of the disk it is shown on: ``Fetch API cannot load file:///...``, ``Not allowed to load local resource``. In
Node, TensorFlow.js alone fetches as well, and a relative path is no address there: ``Only absolute URLs are supported``, ``Failed to
parse URL from ./model.json``. `@tensorflow/tfjs-node` adds `file://`; ``onnxruntime-node`` takes paths and no addresses.

```js bad path=src/model.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadLayersModel('file://' + path); // <-
```

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
const loading = tf.loadLayersModel('file:///C:/models/model.json'); // <-
</script>
```

```js bad path=server.js
const tf = require('@tensorflow/tfjs');
const express = require('express');

tf.loadLayersModel('file://./model/model.json').then(serve); // <-
tf.loadLayersModel('./model/model.json').then(serve); // <-
```

With it, paths still begin with `file://`.

```js bad path=server.js
const tf = require('@tensorflow/tfjs-node');
const path = require('path');

tf.loadGraphModel('model/model.json').then(serve); // <-
```

```js fixed path=server.js
const tf = require('@tensorflow/tfjs-node');
const path = require('path');

tf.loadGraphModel('file://model/model.json').then(serve);
```

ONNX Runtime is the other way round.

```js bad path=server.js
const ort = require('onnxruntime-node');

ort.InferenceSession.create('https://example.org/words.onnx').then(serve); // <-
```

face-api.js reads folders with `loadFromDisk` in Node only.

```js bad path=src/faces.js
import * as faceapi from 'face-api.js';

const video = document.getElementById('video');
faceapi.nets.ssdMobilenetv1.loadFromDisk('/models').then(() => video.play()); // <-
```

Electron, React Native and code of which nobody knows where it runs are left alone; so is a `fetch` of one's own.

```js good path=src/load.js
import * as tf from '@tensorflow/tfjs';

export const loading = tf.loadLayersModel('./model/model.json');
```

In Electron:

```js good path=src/load.js
import * as tf from '@tensorflow/tfjs';
import { app } from 'electron';

export const other = tf.loadLayersModel('file://model/model.json');
```

In Node:

```js good path=server.js
const tf = require('@tensorflow/tfjs');
require('@tensorflow/tfjs-node');
const fs = require('fs');

tf.loadLayersModel('file://./model/model.json').then(serve);
tf.loadLayersModel(process.argv[2]).then(serve);
tf.loadLayersModel(tf.io.fileSystem('./model/model.json')).then(serve);
tf.loadLayersModel(`http://localhost:${port}/model.json`).then(serve);
```

With one's own:

```js good path=server.js
const tf = require('@tensorflow/tfjs');
const fs = require('fs');

global.fetch = (path) => new Response(fs.readFileSync(path));
tf.loadLayersModel('./model/model.json').then(serve);
```

```html good
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
const loading = tf.loadLayersModel('models/flowers/model.json');
const local = tf.loadLayersModel('localstorage://flowers');
</script>
```

References: run in Node 20 with TensorFlow.js 4.22 and onnxruntime-node 1.20; `tfjs-node/src/io/index.ts` registers what handles `file://`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Edit, Finding, Fix, Project, rule
from deplint.apps.follow import home
from deplint.apps.loads import Load, loads
from deplint.apps.site import depends, platform
from deplint.apps.web import handler
from deplint.code.source import SourceFile
from deplint.finding import Span

_DISK = re.compile(r"file:/|[A-Za-z]:[\\/](?!/)|/(?:home|Users|mnt|media/\w+|root|tmp|Volumes|content/drive)/|~/", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][\w+.-]+:|//")
_OWN_FETCH = r"(?:global|globalThis|window|self)\s*\.\s*fetch\s*=(?!=)|registerLoadRouter|fetchFunc|setPlatform"
_NATIVE = r"tfjs-node|react-native|\bexpo\b|electron|cordova|capacitor|ionic|nativescript"


@rule(
    "DPL812",
    severity="error",
    leaves=["B.4.3", "B.4.4"],
    see=[
        "https://stackoverflow.com/questions/56049893",
        "https://stackoverflow.com/questions/50224003",
        "https://stackoverflow.com/questions/55494344",
        "https://www.tensorflow.org/js/guide/save_load",
    ],
)
def model_path_not_address(file: SourceFile, project: Project) -> Iterator[Finding]:
    yield from _faces(file, project)
    for load in loads(file, project):
        start = load.start
        if not start and load.family == "tfjs" and not load.retried and not load.option("fetchFunc") and _joined(load):
            if platform(project, file) == "node" and not _mentioned(project, file, _OWN_FETCH):
                yield from _in_node(file, project, load)
            continue
        if not start or load.retried or load.handler == "fileSystem" or load.family == "savedmodel" or load.option("fetchFunc"):
            continue
        if load.family == "ort-node":
            if re.match(r"https?://|file://", start):
                yield Finding(
                    load.at,
                    "onnxruntime-node reads files: an address is a file that does not exist",
                    help="give it a path, or the bytes",
                )
            continue
        if not _DISK.match(start) and (_SCHEME.match(start) or not load.whole):
            continue
        where = platform(project, file)
        if where == "browser" and _DISK.match(start) and not _mentioned(project, file, _NATIVE + "|" + _OWN_FETCH):
            yield Finding(load.at, "a page cannot read this file of a disk: the model is fetched, from a server", help=_SERVE)
        elif not where and start.startswith("file://") and load.family == "tfjs" and not _reads_files(project, file):
            yield Finding(
                load.at,
                "neither a page nor TensorFlow.js alone in Node reads file://: it is fetched, and that fails",
                help=f"{_SERVE}; in Node, use @tensorflow/tfjs-node",
            )
        elif where == "node" and load.family == "tfjs" and not _mentioned(project, file, _OWN_FETCH):
            yield from _in_node(file, project, load)


def _faces(file: SourceFile, project: Project) -> Iterator[Finding]:
    """What face-api.js is to read from a disk that a page does not have."""
    if not file.web or not file.mentions(r"\bloadFromDisk\s*\("):
        return
    for call in file.calls("{faceapi,face-api.js,@vladmandic/face-api}{,/*}.**.loadFromDisk"):
        if platform(project, file) == "browser" and not _mentioned(project, file, _NATIVE) and handler(call) is None:
            yield Finding(
                call,
                "loadFromDisk reads files, which only Node can: in a page it throws",
                help="loadFromUri with the address of the folder that is served",
            )


def _joined(load: Load) -> bool:
    """Whether the address is a path that Node's `path` puts together."""
    made = load.address.origin
    return made is not None and re.fullmatch(r"(?:node:)?path\.(?:posix\.)?(?:join|resolve)", made.name) is not None


def _reads_files(project: Project, file: SourceFile) -> bool:
    """Whether anything of the package may read files by address."""
    names = " ".join(depends(project, file.place))
    return bool(re.search(_NATIVE, names)) or _mentioned(project, file, f"{_NATIVE}|{_OWN_FETCH}")


def _in_node(file: SourceFile, project: Project, load: Load) -> Iterator[Finding]:
    native = _mentioned(project, file, r"tfjs-node")
    if load.start.startswith("file://"):
        if not native:
            yield Finding(
                load.at,
                "without @tensorflow/tfjs-node nothing reads file:// in Node: it is fetched, and that fails",
                help="install @tensorflow/tfjs-node and require it, or load with a handler of your own (tf.io.fromMemory)",
            )
    else:
        yield Finding(
            load.at,
            "in Node this is neither an address nor, without file://, a path: it is fetched, and that fails",
            fix=_prefixed(load) if native else None,
            help="write file:// before the path" + ("" if native else ", with @tensorflow/tfjs-node"),
        )


_SERVE = "put model.json and its weights among the files the page's server serves, and give their address"


def _prefixed(load: Load) -> Fix | None:
    text = load.address.text
    if load.address is not load.at or not load.whole or text[:1] not in "'\"" or text[1:-1] != load.written:
        return None
    line, column = load.address.span.line, load.address.span.column + 1
    return Fix("Write file:// before it", (Edit(load.call.file.path, Span(line, column, line, column), "file://"),))


def _mentioned(project: Project, file: SourceFile, pattern: str) -> bool:
    """Whether any code of the package says this."""
    folder = home(project, file.place)
    return file.mentions(pattern) or any(
        other.web and other.mentions(pattern) and Path(os.path.abspath(other.path)).is_relative_to(folder)
        for other in project.all(SourceFile)
    )
