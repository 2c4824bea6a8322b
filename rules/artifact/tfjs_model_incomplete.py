"""A TensorFlow.js model whose weights are not all there.

`model.json` only describes the model; the weights are in the files it lists, `group1-shard1of2.bin` and so on, which have to lie
beside it. The loader takes whatever the server answers: with the page of a 404 error in place of a file, the model loads and computes with
its letters, or stops with a message about lengths, shapes or axes.

```graph bad path=public/model.json
model tfjs-graph
file group1-shard2of2.bin
graph main
  input image float32[?,8]
  weight w float32[8,4] external="group1-shard2of2.bin" problem="file is missing"  <-
  op MatMul (image, w) -> (y)
  output y
```

```graph good path=public/model.json
model tfjs-graph
graph main
  input image float32[?,8]
  weight w float32[8,4]
  op MatMul (image, w) -> (y)
  output y
```

Several missing files are one finding, and a file that is there by another name is named.

```graph bad path=public/model.json
model tfjs-layers
graph main
  input image float32[?,8]
  weight v float32[8,8] external="group1-shard1of2.bin" problem="file is missing"  <-
  weight w float32[8,4] external="group1-shard2of2.bin" problem="file is missing"
  op Dense (image, v, w) -> (y)
  output y
```

A description that is kept without its weights, while the code opens other models, is no model of the app.

```graph good path=notes/mobilenet_layers.json
model tfjs-layers
graph main
  input image float32[?,8]
  weight w float32[8,4] external="group1-shard1of1" problem="file is missing"
  op Dense (image, w) -> (y)
  output y
```

```js + path=src/main.js
import * as tf from '@tensorflow/tfjs';

export const model = tf.loadLayersModel('https://models.example.org/mobilenet/model.json');
```

References: checked with TensorFlow.js 4.22 and a web server; https://stackoverflow.com/questions/54253104
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule

from ..operators import mentioned

CODE = (".js", ".mjs", ".cjs", ".ts", ".mts", ".jsx", ".tsx", ".vue", ".svelte", ".html", ".htm", ".dart", ".py", ".ipynb")
OPENS = r"\bload(?:Layers|Graph)?Model\b|\bnsfwjs\b|\bml5\b|@teachablemachine|\btmImage\b"
"""What code that opens models of TensorFlow.js has in it."""


@rule("DPL410", severity="error", leaves=["B.1.1", "B.4.1"], see=["https://stackoverflow.com/questions/54253104"])
def tfjs_model_incomplete(model: Model, project: Project) -> Iterator[Finding]:
    if not model.format.startswith("tfjs-"):
        return
    weights = list(model.graph.weights)
    unread = [
        (tensor, tensor.stored)
        for tensor in weights
        if tensor.stored is not None
        and tensor.stored.problem
        and tensor.stored.path
        and "LFS" not in tensor.stored.problem  # the pointer itself is reported
    ]
    if not unread or ((len(unread) == len(weights) or _named(model)) and _unused(model, project)):
        return
    tensor, stored = unread[0]
    names = list(dict.fromkeys(stored.path.rpartition("/")[2] for _, stored in unread))
    folder = Path(os.path.abspath(model.place.path)).parent
    renamed = next((other for other in (f"{names[0]}.bin", names[0].removesuffix(".bin")) if _other(folder, other, names, project)), "")
    yield Finding(
        model.at_tensor(tensor),
        f"weights in {names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''} cannot be read: "
        f"{stored.problem.partition(':')[0]}{f' (there is {renamed})' if renamed else ''}",
        help="copy model.json together with all the files that its weightsManifest lists, byte for byte",
    )


def _named(model: Model) -> bool:
    """The file has a name of its own."""
    return Path(model.place.path).name != "model.json"


def _unused(model: Model, project: Project) -> bool:
    """The project's code opens models of TensorFlow.js, and never names this one: by its own name, or by its folder's."""
    path = Path(os.path.abspath(model.place.path))
    own = path.name if _named(model) or path.parent == project.root else path.parent.name
    opens = mentioned(project, project.root, OPENS, *CODE)
    return opens is not None and mentioned(project, project.root, rf"(?<![\w-]){re.escape(own)}(?![\w-])", *CODE) is None


def _other(folder: Path, name: str, names: list[str], project: Project) -> bool:
    return name not in names and project.file(folder / name) is not None
