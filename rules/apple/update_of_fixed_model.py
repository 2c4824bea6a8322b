"""An update on the device of a Core ML model that cannot be updated.

`MLUpdateTask` trains a model with what the user gave, and takes only models that say which of their layers may change: a
neural network or a nearest-neighbour classifier made updatable with coremltools before it was shipped. For any other the task
fails.

```swift bad path=App/Learner.swift
import CoreML

func learn(_ samples: MLBatchProvider, done: @escaping (MLUpdateContext) -> Void) throws {
    let url = Bundle.main.url(forResource: "Habits", withExtension: "mlmodelc")!
    let task = try MLUpdateTask(forModelAt: url, trainingData: samples, configuration: nil, completionHandler: done)  // <-
    task.resume()
}
```

```graph + path=App/Habits.mlmodel
model coreml ir=4 tags=[neuralNetwork]
signature main (x float32[4]) -> (y float32[2])
graph main
  input x float32[4]
  op softmax (x) -> (y)
  output y
```

```swift good path=App/Learner.swift
import CoreML

func learn(_ samples: MLBatchProvider, done: @escaping (MLUpdateContext) -> Void) throws {
    let url = Bundle.main.url(forResource: "Habits", withExtension: "mlmodelc")!
    try MLUpdateTask(forModelAt: url, trainingData: samples, configuration: nil, completionHandler: done).resume()
}
```

```graph + path=App/Habits.mlmodel
model coreml ir=4 tags=[neuralNetwork,updatable]
signature main (x float32[4]) -> (y float32[2])
graph main
  input x float32[4]
  op softmax (x) -> (y)
  output y
```

References: https://stackoverflow.com/questions/57176725; the documentation of updatable models in coremltools.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import models_of, places
from deplint.code.source import SourceFile

TASK = r"\bMLUpdateTask\s*\(|\bupdateTaskForModelAtURL\b"


@rule(
    "DPL466",
    severity="error",
    leaves=["M.8"],
    see=["https://developer.apple.com/documentation/coreml/mlupdatetask", "https://stackoverflow.com/questions/57176725"],
)
def update_of_fixed_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not file.mentions(TASK):
        return
    models = models_of(file, project)
    if models and not any("updatable" in model.tags for model in models):
        for place in places(file, TASK):
            yield Finding(
                place,
                f"{models[0].path} is not updatable: the task fails",
                help="make the layers updatable with coremltools (NeuralNetworkBuilder.make_updatable) before shipping the model",
            )
