"""A content security policy that does not let the page fetch its model, or load its library.

What `connect-src` does not list is not fetched, what `script-src` does not list is not run, and `default-src` speaks for both where they
are not written: ``Refused to connect to 'https://storage.googleapis.com/...' because it violates the following Content Security Policy
directive: "default-src 'self'"``, then ``TypeError: Failed to fetch``.

```html bad path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self' 'unsafe-eval'"> <!-- <- -->
<script src="tf.min.js"></script>
<script>
tf.loadGraphModel('https://storage.googleapis.com/flowers/model.json');
</script>
```

In a header, for a library and for transformers.js, which asks huggingface.co:

```text bad path=public/_headers line=2
/*
  Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'
```

```js + path=src/run.js
import { pipeline } from '@huggingface/transformers';
const classify = await pipeline('text-classification');
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
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
tf.loadGraphModel('model.json');
</script>
```

Listed, by host, by wildcard or by scheme; models of the same origin; a page with a nonce:

```html good path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; connect-src 'self' *.googleapis.com; script-src https: 'self'">
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
tf.loadGraphModel('https://storage.googleapis.com/flowers/model.json');
tf.loadGraphModel('/models/model.json');
</script>
```

Without what would speak for addresses:

```html good path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="script-src 'nonce-4711'; img-src 'self'">
<script nonce="4711" src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script nonce="4711">
tf.loadGraphModel('https://storage.googleapis.com/flowers/model.json');
</script>
```

Models that are served along:

```text good path=public/_headers
/*
  Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'
```

```js + path=src/run.js
import { env, pipeline } from '@huggingface/transformers';
env.allowRemoteModels = false;
const classify = await pipeline('text-classification');
```

References: https://www.w3.org/TR/CSP3/#match-url-to-source-list; the README of helmet 8; https://huggingface.co/docs/transformers.js/custom_usage
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.loads import loads
from deplint.apps.policy import policies
from deplint.apps.site import LIBRARIES
from deplint.code.source import SourceFile
from deplint.finding import Placed
from deplint.settings.hosting import Hosting
from deplint.settings.nginx import NginxConfig

_HUB = "https://huggingface.co/"
_LOCAL = r"allowRemoteModels|localModelPath|remoteHost|customCache|local_files_only"


@rule(
    "DPL664",
    severity="error",
    leaves=["B.4.4", "B.3.1"],
    see=[
        "https://www.w3.org/TR/CSP3/#match-url-to-source-list",
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/connect-src",
        "https://github.com/helmetjs/helmet",
    ],
)
def policy_refuses_address(facts: SourceFile | Hosting | NginxConfig, project: Project) -> Iterator[Finding]:
    for policy in policies(facts, project):
        refused = (found for file in policy.files for found in _asked(file, project) if policy.refuses(found[0], found[1]))
        name, address, where = next(refused, ("", "", None))
        if where is not None and where.place.span is not None:
            host = "/".join(address.split("/")[:3])
            verb = "connect to" if name == "connect-src" else "load the script"
            said = "default-src" if policy.sources(name) is None else name
            line = f"{where.place.path}:{where.place.span.line}"
            yield Finding(
                policy.place,
                f"{said} of this policy does not list {address}, which {line} asks for: Refused to {verb}",
                help=f"add {host} to {name}",
            )


def _asked(file: SourceFile, project: Project) -> Iterator[tuple[str, str, Placed]]:
    """The addresses at other hosts that a file certainly asks for: the directive they fall under, the address, and where."""
    for script in file.scripts if file.language == "html" else ():
        if re.match(r"https?://|//", script.address) and re.search(LIBRARIES, script.address):
            yield "script-src", script.address, script
    for load in loads(file, project):
        if load.whole and re.match(r"https?://", load.written) and load.handler != "fileSystem":
            yield "connect-src", load.written, load.call
    if not file.mentions(_LOCAL):
        for call in file.calls("{@huggingface,@xenova}/transformers.pipeline", "{@huggingface,@xenova}/transformers.*.from_pretrained"):
            yield "connect-src", _HUB, call
