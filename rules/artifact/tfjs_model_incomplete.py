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

References: checked with TensorFlow.js 4.22 and a web server; https://stackoverflow.com/questions/54253104
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule("DPL410", severity="error", leaves=["B.1.1", "B.4.1"], see=["https://stackoverflow.com/questions/54253104"])
def tfjs_model_incomplete(model: Model) -> Iterator[Finding]:
    if not model.format.startswith("tfjs-"):
        return
    for tensor in model.graph.weights:
        stored = tensor.stored
        if stored is not None and stored.problem and stored.path and "LFS" not in stored.problem:  # the pointer itself is reported
            name = stored.path.rpartition("/")[2]
            yield Finding(
                model.at_tensor(tensor),
                f"weights in {name} cannot be read: {stored.problem.partition(':')[0]}",
                help="copy model.json together with all the files that its weightsManifest lists, byte for byte",
            )
