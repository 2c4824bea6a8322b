"""A server that gives out `model.json` and not the weights beside it.

The page asks for `model.json` and then for each file that is listed in it, at the same address but for the name. A route for the first
alone answers the others with an error page: ``Based on the provided shape, [4,2], the tensor should have 8 values but has 35``.

```js bad path=server.js
const express = require('express');
const path = require('path');
const app = express();

app.get('/model', (request, response) => {
  response.sendFile(path.join(__dirname, 'model/model.json')); // <-
});
app.listen(3000);
```

```js good path=server.js
const express = require('express');
const path = require('path');
const app = express();

app.use('/model', express.static('model'));
app.get('/about', (request, response) => response.sendFile(path.join(__dirname, 'model/model.json')));
```

Each file of its own:

```js good path=server.js
const express = require('express');
const path = require('path');
const app = express();

app.get('/model/:name', (request, response) => {
  response.sendFile(path.join(__dirname, 'model', request.params.name));
});
app.get('/model.json', (request, response) => response.sendFile(path.join(__dirname, 'model/model.json')));
```

References: `getWeightsManifest` in tfjs-core/src/io/http.ts; https://stackoverflow.com/questions/54253104
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Text

_OTHERS = re.compile(
    r"\.static\s*\(|koa-static|serve-static|fastify/static|params\b|\.bin\b|shard|weights?|\*['\"]|sendfile\([^)]*\+|readdir",
    re.IGNORECASE,
)


@rule("DPL834", severity="error", leaves=["B.4.1", "B.4.4"], see=["https://stackoverflow.com/questions/54253104"])
def weights_not_served(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bsendFile\s*\(") or not file.mentions(r"model\.json") or file.mentions(_OTHERS.pattern):
        return
    for call in file.calls("**.sendFile"):
        for part in (argument.value for argument in call.arguments[:1]):
            pieces = [part, *(a.value for a in part.origin.arguments)] if part.origin is not None else [part]
            values = [piece.value.suffix if isinstance(piece.value, Text) else piece.value for piece in pieces]
            if any(isinstance(value, str) and re.search(r"(?:^|/)model\.json$", value) for value in values):
                yield Finding(
                    call,
                    "model.json is given out, the weights it lists are not: the page asks for them beside it",
                    help="serve the folder: app.use('/model', express.static('model'))",
                )
