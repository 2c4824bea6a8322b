"""A model loaded from something that is neither an address nor a handler.

`tf.loadLayersModel` and `tf.loadGraphModel` take an address, or an object that knows how to load (`tf.io.browserFiles`,
`tf.io.fromMemory`, ...). The parsed `model.json` is neither: ``the IOHandler provided does not have the `load` method implemented``,
``url.match is not a function``. `tf.io.browserFiles` takes an array of files, `model.json` first and then the weights; without the
weights the model keeps the random numbers it begins with, and nobody says so.

```js bad path=src/load.js
import * as tf from '@tensorflow/tfjs';
import topology from './model/model.json';

export async function load(input) {
  const response = await fetch('/model/model.json');
  const one = await tf.loadLayersModel(await response.json()); // <-
  const two = await tf.loadGraphModel(topology); // <-
  const three = await tf.loadLayersModel(tf.io.browserFiles([input.files[0]])); // <-
  const four = await tf.loadLayersModel(tf.io.browserFiles(input.files[0], input.files[1])); // <-
}
```

```js good path=src/load.js
import * as tf from '@tensorflow/tfjs';
import address from './model/model.json?url';

export async function load(input, files) {
  const one = await tf.loadLayersModel('/model/model.json');
  const two = await tf.loadGraphModel(address);
  const three = await tf.loadLayersModel(tf.io.browserFiles([input.files[0], input.files[1]]));
  const four = await tf.loadLayersModel(tf.io.browserFiles([...files]));
  const five = await tf.loadLayersModel(tf.io.browserFiles(files));
  const six = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
}
```

References: run with TensorFlow.js 4.22; `browser_files.ts` in tfjs-core/src/io.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import home
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Importing, Index, Member, Module, Name, Node
from deplint.project import File

LOADERS = "@tensorflow/tfjs*.{loadGraphModel,loadLayersModel}"


@rule(
    "DPL835",
    severity="error",
    leaves=["B.4.1", "B.4.3"],
    see=[
        "https://stackoverflow.com/questions/52221290",
        "https://stackoverflow.com/questions/59118225",
        "https://www.tensorflow.org/js/guide/save_load",
    ],
)
def no_address_of_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bload(?:Graph|Layers)Model\s*\(|\bbrowserFiles\s*\("):
        return
    for call in file.calls(LOADERS):
        address = call.argument(None, 0)
        if address is not None and _parsed(address, file, project):
            yield Finding(
                address,
                f"{call.method} takes an address or a handler, this is the parsed JSON",
                help="give the address of model.json, or tf.io.fromMemory({modelTopology, weightSpecs, weightData})",
            )
    for call in file.calls("@tensorflow/tfjs*.io.browserFiles"):
        files = call.argument(None, 0)
        if isinstance(files, Array) and files.exact and len(files.children) == 1 and _one(files.children[0]):
            yield Finding(
                files,
                "model.json alone: without the files of its weights the model keeps random numbers",
                help="let the user choose model.json and its weights: tf.io.browserFiles([json, ...weights])",
            )
        elif len(call.arguments) > 1 or (files is not None and _one(files)):
            yield Finding(
                call, "browserFiles takes one array of files: files.slice is not a function", help="tf.io.browserFiles([json, ...weights])"
            )


def _one(node: Node) -> bool:
    """Whether it is one file of an input: ``input.files[0]``."""
    return isinstance(node, Index) and isinstance(node.children[0], Member) and node.children[0].attribute == "files"


def _parsed(node: Node, file: SourceFile, project: Project) -> bool:
    """Whether a value is what was parsed from JSON."""
    made = node.origin
    if made is not None:
        if made.name == "JSON.parse":
            return True
        receiver = made.receiver.origin if made.receiver is not None else None
        return made.method == "json" and not made.arguments and isinstance(receiver, Call) and receiver.name in ("fetch", "window.fetch")
    if isinstance(node, Module):
        return node.kind == "require" and node.module.endswith(".json") and _plain(file, project)
    if not isinstance(node, Name):
        return False
    variable = file.meaning.variable(node)
    declared = variable.node if variable is not None else None
    if isinstance(declared, Importing):
        bound = {local: imported for imported, local in declared.bound}
        return declared.module.endswith(".json") and bound.get(node.id) in ("default", "*") and _plain(file, project)
    source = variable.writes[0].source if variable is not None and len(variable.writes) == 1 and not variable.writes[0].path else None
    return isinstance(source, Module) and source.module.endswith(".json") and source.kind == "require" and _plain(file, project)


def _plain(file: SourceFile, project: Project) -> bool:
    """Whether JSON is imported as JSON: settings may make addresses of it, and React Native's bundler has ways of its own."""
    folder = home(project, file.place)
    beside = (found for found in project.files if found.path.parent == folder)
    settings = [found for found in beside if re.match(r"(?:webpack|vite|metro|rollup|vue|next)\.", found.name)]
    return not file.mentions(r"react-native|bundleResourceIO") and not any(_odd(found) for found in settings)


def _odd(file: File) -> bool:
    return bool(re.search(r"json|assetsInclude|asset/resource", file.text))
