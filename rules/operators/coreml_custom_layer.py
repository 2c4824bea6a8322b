"""A Core ML model with a layer that only a class of the app can compute.

Converters write what Core ML cannot express as a custom layer (`add_custom_layers=True`, a custom operator of coremltools), and
an app may bring whole custom models. Core ML looks for a class of that name when it loads the model, and stops where the
app has none. Such a layer never runs on the Neural Engine, and no other program than that app can use the model.

```graph bad path=App/Net.mlmodel
model coreml ir=4 tags=[neuralNetwork]
graph main
  input x float32[3]
  op custom.Swirl swirl (x) -> (y)  <-
  output y float32[3]
```

A class of that name is all it needs.

```graph good path=App/Net.mlmodel
model coreml ir=4 tags=[neuralNetwork]
graph main
  input x float32[3]
  op custom.Swirl swirl (x) -> (y)
  output y float32[3]
```

```swift + path=App/Swirl.swift
import CoreML

@objc(Swirl) class TurningLayer: NSObject, MLCustomLayer {
}
```

References: Apple's documentation of `MLCustomLayer` and `MLCustomModel`; layers come from coremltools as this rule sees them
(`tests/claims/test_coreml.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule

from . import mentioned

SOURCES = (".swift", ".m", ".mm", ".h")


@rule(
    "DPL461",
    severity="warning",
    leaves=["M.2.5", "M.3.3"],
    see=[
        "https://developer.apple.com/documentation/coreml/mlcustomlayer",
        "https://developer.apple.com/documentation/coreml/mlcustommodel",
    ],
)
def coreml_custom_layer(model: Model, project: Project) -> Iterator[Finding]:
    if model.format != "coreml":
        return
    found = {op.type: (graph, op) for graph, op in reversed(list(model.ops())) if op.domain == "custom"}
    app = any(file.suffix in SOURCES for file in project.files) if found else False
    for name, (graph, op) in reversed(found.items()):
        word = re.escape(name)
        if not mentioned(
            project, project.root, rf"\bclass\s+{word}\b|@objc\(\s*{word}\s*\)|@(?:implementation|interface)\s+{word}\b", *SOURCES
        ):
            yield Finding(
                model.at(graph, op),
                f"Core ML cannot load this model without a class {name} in the app" + (", and this one has none" if app else ""),
                help="convert with built-in layers or composite operators; or write the class, with @objc(" + name + ") in Swift",
            )
