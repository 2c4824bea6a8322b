"""`await` in a function that is not `async`, or at the top of a script that is no module.

Loading a model is asynchronous, and the first attempt is often ``const model = await load()`` at the top of a file. That works in modules;
in CommonJS files, in plain scripts of a page and in plain functions nothing of the file runs: ``SyntaxError: await is only valid in async
functions and the top level bodies of modules``.

```js bad path=server.js
require('@tensorflow/tfjs-node');
const mobilenet = require('@tensorflow-models/mobilenet');

const model = await mobilenet.load(); // <-
```

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
const model = await tf.loadLayersModel('model.json'); // <-
</script>
```

```js bad
import * as tf from '@tensorflow/tfjs';

export function load() {
  return await tf.loadGraphModel('/model.json'); // <-
}
```

```js good
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadLayersModel('/model.json');
export const load = async () => await tf.loadGraphModel('/model.json');
```

```html good
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script type="module">
const model = await tf.loadLayersModel('model.json');
</script>
<script>
(async () => { const model = await tf.loadLayersModel('model.json'); })();
</script>
```

References: https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Operators/await; run in Node 20.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Edit, Finding, Fix, Project, rule
from deplint.apps.site import LIBRARIES, loading, modular, package_of
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Await, Call, Function, Module
from deplint.finding import Span

_OURS = re.compile(r"@tensorflow|onnxruntime|@huggingface/transformers|@xenova/transformers|@mediapipe|ml5|face-?api")


@rule(
    "DPL820",
    severity="error",
    leaves=["B.4.5"],
    see=[
        "https://stackoverflow.com/questions/56566455",
        "https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Operators/await",
    ],
)
def await_outside_async(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bawait\b") or not file.mentions(LIBRARIES):
        return
    for node in file.meaning.nodes:
        if not isinstance(node, Await):
            continue
        call = node.operand
        if not isinstance(call, Call) or not _OURS.search(call.name):
            continue
        function = node.function
        if function is not None and not function.asynchronous:
            yield Finding(
                node,
                f"await in a function that is not async: a SyntaxError, nothing of {file.path} runs",
                fix=_made_async(function),
                help="make the function async",
            )
        elif function is None and _plain(file, node, project):
            yield Finding(
                node,
                f"await at the top of a script that is no module: a SyntaxError, nothing of {file.path} runs",
                help="put it into an async function and call that, or make the file a module",
            )


def _made_async(function: Function) -> Fix | None:
    text = function.text
    if not re.match(r"function\b|\(|\w+\s*=>", text):
        return None
    line, column = function.span.line, function.span.column
    return Fix("Make it async", (Edit(function.file.path, Span(line, column, line, column), "async "),), safe=False)


def _plain(file: SourceFile, node: Await, project: Project) -> bool:
    """Whether the code around is certainly no module."""
    if file.language == "html":
        line = node.span.line
        return any(not script.address and not script.module and script.code.line <= line <= script.code.end_line for script in file.scripts)
    if file.language != "javascript" or file.path.endswith((".mjs", ".jsx")) or modular(file) is not None:
        return False
    pages = loading(project, file)
    if pages:
        return not any(script.module for _, script in pages)
    package = package_of(project, file.place)
    if package is not None and package.data.get("type") == "module":
        return False
    return any(isinstance(other, Module) and other.kind == "require" for other in file.meaning.nodes) and not file.mentions(
        r"createRequire"
    )
