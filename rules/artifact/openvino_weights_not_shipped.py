"""An OpenVINO model whose `.bin` is missing or cut short.

OpenVINO stores the graph in `net.xml` and all constants beside it in `net.bin`. `read_model("net.xml")` looks for a file of
that name, and without it, or with only a part of it (a Git LFS pointer, an interrupted download), stops: ``Empty weights
data in bin file or bin file cannot be found!``, ``Incorrect weights in bin file!``.

```graph bad path=models/net.xml line=1
model openvino ir=11
graph main
  input x float32[1,4]
  weight w float32[4,4] external="models/net.bin" problem="file is missing"
  op MatMul@1 mm (x, w) -> (y)
  output y float32[1,4]
```

```graph good path=models/net.xml
model openvino ir=11
graph main
  input x float32[1,4]
  weight w float32[4,4] external="models/net.bin"
  op MatMul@1 mm (x, w) -> (y)
  output y float32[1,4]
```

References: run with OpenVINO 2023.3 and 2026.4 (`tests/claims/test_openvino.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule


@rule(
    "DPL468",
    severity="error",
    leaves=["S.4.2", "M.4.3"],
    see=["https://docs.openvino.ai/2026/documentation/openvino-ir-format.html"],
)
def openvino_weights_not_shipped(model: Model, project: Project) -> Iterator[Finding]:
    if model.format != "openvino":
        return
    graphs = {id(graph): graph for graph in [*model.graphs, *(graph for graph, _ in model.ops())]}
    stored = [tensor.stored for graph in graphs.values() for tensor in graph.weights if tensor.stored]
    wanting = [each for each in stored if each.problem]
    if wanting and not (wanting[0].problem == "file is missing" and _others(model, project)):
        yield Finding(
            model,
            f"constants in {wanting[0].path} cannot be read: {wanting[0].problem}; the model cannot be loaded",
            help="ship the .bin beside the .xml, both from the same conversion; in Git LFS it has to be pulled",
            count=len(wanting),
        )


def _others(model: Model, project: Project) -> bool:
    """Whether a `.bin` lies beside the model that belongs to no other: `read_model` takes one of any name as its second argument."""
    folder = Path(model.path).resolve().parent
    beside = [file for file in project.files if file.path.parent == folder]
    owned = {file.path.stem for file in beside if file.suffix == ".xml"}
    return any(file.suffix == ".bin" and file.path.stem not in owned for file in beside)
