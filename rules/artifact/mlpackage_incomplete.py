"""A Core ML package that is not all there.

An `.mlpackage` is a folder: a manifest, the model, and its weights in a file of their own. Copied, zipped or checked out
in part, it stops working: coremltools and Xcode refuse a package whose manifest lists what is not there (``Item does not
exist for identifier``), and a model whose weights are missing or cut short. Git drops empty folders, and the large file is
often ignored, or left to Git LFS.

```json bad path=Net.mlpackage/Manifest.json line=1
{
    "fileFormatVersion": "1.0.0",
    "itemInfoEntries": {
        "A": {"author": "com.apple.CoreML", "description": "", "name": "model.mlmodel", "path": "com.apple.CoreML/model.mlmodel"}
    },
    "rootModelIdentifier": "A"
}
```

Without its weights the model is no use, either.

```graph bad path=Net.mlpackage/Data/com.apple.CoreML/model.mlmodel
model coreml ir=6 tags=[mlProgram]
graph main
  input x float32[1,4]
  weight w float16[4,4] external=weights/weight.bin problem="file is missing"  <-
  weight v float16[4,4] external=weights/weight.bin problem="file is missing"
  op linear (x, w, v) -> (y)
  output y
```

```graph good path=Net.mlpackage/Data/com.apple.CoreML/model.mlmodel
model coreml ir=6 tags=[mlProgram]
graph main
  input x float32[1,4]
  weight w float16[4,4] external=weights/weight.bin
  op linear (x, w) -> (y)
  output y
```

References: run with coremltools 9 (`tests/claims/test_coreml.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.formats.coreml_package import Package

HELP = "copy or commit the whole folder; git keeps no empty folders, and files in Git LFS have to be pulled"


@rule(
    "DPL460",
    severity="error",
    leaves=["M.4.3"],
    see=["https://apple.github.io/coremltools/docs-guides/source/convert-to-ml-program.html"],
)
def mlpackage_incomplete(facts: Package | Model, project: Project) -> Iterator[Finding]:
    if isinstance(facts, Model):
        if not any(item.place.problem for package in _packages(facts, project) for item in package.items):  # said of the package
            yield from _weights(facts)
        return
    for item in facts.items:
        if item.place.problem and "LFS" not in item.place.problem:  # the pointer itself is reported
            yield Finding(facts, f"the package lists {item.place.shown}: {item.place.problem}; it cannot be loaded", help=HELP)
    if facts.model is None:
        yield Finding(facts, "the package does not say which of its items is the model (rootModelIdentifier): it cannot be loaded")


def _packages(model: Model, project: Project) -> list[Package]:
    """The package that a model lies in, if its manifest can be read."""
    manifest = project.file(Path(os.path.normpath(os.path.abspath(f"{model.place.path}/../../../Manifest.json"))))
    return project.facts(manifest, Package) if manifest is not None else []


def _weights(model: Model) -> Iterator[Finding]:
    if model.format != "coreml":
        return
    unread = [(t, t.stored) for graph in model.graphs for t in graph.weights if t.stored and t.stored.external and t.stored.problem]
    if unread:
        tensor, stored = unread[0]
        count = f"{len(unread)} weights" if len(unread) > 1 else "a weight"
        yield Finding(
            model.at_tensor(tensor),
            f"{count} cannot be read from {stored.path}: {stored.problem.partition(':')[0]}; the model cannot be loaded",
            help=HELP,
            count=len(unread),
        )
