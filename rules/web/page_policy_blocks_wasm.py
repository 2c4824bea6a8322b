"""A page whose content security policy does not let WebAssembly be compiled.

A policy with `script-src` (or `default-src` without it) allows WebAssembly only with ``'wasm-unsafe-eval'`` or ``'unsafe-eval'``. Without,
the model never starts: ``CompileError: WebAssembly.instantiate(): Refused to compile or instantiate WebAssembly module because neither
'wasm-eval' nor 'unsafe-eval' is an allowed source of script``.

```html bad path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self'; connect-src 'self'"> <!-- <- -->
<script src="vendor/ort.min.js"></script>
<script>
const loading = ort.InferenceSession.create('net.onnx', { executionProviders: ['wasm'] });
</script>
```

Where `default-src` speaks for it, and with the backend of TensorFlow.js:

```html bad path=index.html
<!doctype html>
<meta content="default-src 'self' https://cdn.jsdelivr.net" http-equiv="content-security-policy"> <!-- <- -->
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-backend-wasm@4.22.0/dist/tf-backend-wasm.js"></script>
<script src="app.js"></script>
```

```js + path=app.js
tf.setBackend('wasm').then(() => tf.loadGraphModel('model.json'));
```

In a header of the server, for the page itself:

```nginx bad path=nginx.conf
server {
    root /usr/share/nginx/html;
    add_header Content-Security-Policy "default-src 'self'; script-src 'self'" always; # <-
    location / { try_files $uri /index.html; }
    location /api/ { proxy_pass http://api:8000; }
}
```

```js + path=src/run.js
import * as ort from 'onnxruntime-web';
const loading = ort.InferenceSession.create('/net.onnx');
```

`helmet()` of Express sends ``script-src 'self'``:

```js bad path=server.js
const express = require('express');
const helmet = require('helmet');
const app = express();
app.use(helmet()); // <-
app.use(express.static('public'));
```

```html + path=public/index.html
<script src="ort.min.js"></script>
<script>
const loading = ort.InferenceSession.create('net.onnx', { executionProviders: ['wasm'] });
</script>
```

For another path only:

```json good path=vercel.json
{"headers": [{"source": "/api/(.*)", "headers": [{"key": "Content-Security-Policy", "value": "default-src 'self'"}]}]}
```

```js + path=src/run.js
import * as ort from 'onnxruntime-web';
const loading = ort.InferenceSession.create('/net.onnx');
```

Allowed:

```html good path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self' 'wasm-unsafe-eval'">
<script src="vendor/ort.min.js"></script>
<script>
const loading = ort.InferenceSession.create('net.onnx', { executionProviders: ['wasm'] });
</script>
```

A policy about something else:

```html good path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="upgrade-insecure-requests; img-src 'self'">
<script src="vendor/ort.min.js"></script>
<script>
const loading = ort.InferenceSession.create('net.onnx', { executionProviders: ['wasm'] });
</script>
```

WebGL needs none of it:

```html good path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="script-src 'self' https://cdn.jsdelivr.net">
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script>
tf.loadGraphModel('model.json');
</script>
```

References: https://www.w3.org/TR/CSP3/#can-compile-wasm-bytes; the tests of content-security-policy/wasm-unsafe-eval of web-platform-tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deplint import Finding, Project, rule
from deplint.apps.policy import policies
from deplint.code.source import SourceFile
from deplint.settings.hosting import Hosting
from deplint.settings.nginx import NginxConfig

_RUNS = (
    "{onnxruntime-web,ort}.InferenceSession.create",
    "@mediapipe/tasks-*.FilesetResolver.for*Tasks",
    "@tensorflow/tfjs-tflite.loadTFLiteModel",
    "tflite.loadTFLiteModel",
    "{@huggingface,@xenova}/transformers.pipeline",
)
"""Calls of libraries that compile WebAssembly whatever they are told."""

_BACKEND = "{@tensorflow/tfjs,@tensorflow/tfjs-core,tf}.setBackend"


@rule(
    "DPL871",
    severity="error",
    leaves=["B.3.1"],
    see=[
        "https://www.w3.org/TR/CSP3/#can-compile-wasm-bytes",
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/script-src",
    ],
)
def page_policy_blocks_wasm(facts: SourceFile | Hosting | NginxConfig, project: Project) -> Iterator[Finding]:
    for policy in policies(facts, project):
        sources = policy.sources("script-src", "default-src")
        if sources is None or re.search(r"unsafe-eval'|[{%<$]", sources.lower()):
            continue
        what = _compiles(policy.files)
        if what:
            yield Finding(
                policy.place,
                f"this policy does not let {what} compile WebAssembly: Refused to compile or instantiate WebAssembly module",
                help="add 'wasm-unsafe-eval' to script-src",
            )


def _compiles(files: Sequence[SourceFile]) -> str:
    """What compiles WebAssembly under a policy; empty if nothing certainly does."""
    for file in files:
        if not file.mentions(r"InferenceSession|FilesetResolver|loadTFLiteModel|setBackend|transformers"):
            continue
        for call in file.calls(*_RUNS):
            if not file.mentions(r"['\"]webgl['\"]"):  # that provider alone compiles nothing
                return call.name.rpartition(".")[0].rpartition(".")[0] or call.method
        for call in file.calls(_BACKEND):
            name = call.argument(None, 0)
            if name is not None and name.value == "wasm":
                return "the wasm backend of TensorFlow.js"
    return ""
