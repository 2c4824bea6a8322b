"""Vision given a Core ML model that takes no image.

Converted without `ct.ImageType`, a model takes a multi-dimensional array. Vision feeds models through their image input, and
refuses one that has none when the request is made or performed; a camera's `CVPixelBuffer` does not fit it either.

```swift bad path=App/Judge.swift
import Vision

func judge() throws -> VNCoreMLRequest {
    let model = try VNCoreMLModel(for: Leaves(configuration: .init()).model)  // <-
    return VNCoreMLRequest(model: model)
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetwork]
signature main (image float32[1,3,224,224]) -> (y float32[1,4])
graph main
  input image float32[1,3,224,224]
  op softmaxND (image) -> (y)
  output y
```

```swift good path=App/Judge.swift
import Vision

func judge() throws -> VNCoreMLRequest {
    let model = try VNCoreMLModel(for: Leaves(configuration: .init()).model)
    return VNCoreMLRequest(model: model)
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetwork]
signature main (image image[224,224] traits(color=RGB)) -> (y float32[1,4])
graph main
  input image image[224,224]
  op softmaxND (image) -> (y)
  output y
```

Where the model is not in the repository, what converts it tells.

```swift bad path=App/Judge.swift
import Vision

let request = VNCoreMLRequest(model: try VNCoreMLModel(for: Leaves(configuration: .init()).model))  // <-
```

```python + path=tools/convert.py
import coremltools as ct

ct.convert(traced, inputs=[ct.TensorType(name="image", shape=(1, 3, 224, 224))]).save("App/Leaves.mlpackage")
```

```swift good path=App/Judge.swift
import Vision

let request = VNCoreMLRequest(model: try VNCoreMLModel(for: Leaves(configuration: .init()).model))
let other = VNCoreMLRequest(model: try VNCoreMLModel(for: Pets(configuration: .init()).model))
```

```python + path=tools/convert.py
import coremltools as ct

ct.convert(traced, inputs=[ct.ImageType(name="image", shape=(1, 3, 224, 224))]).save("App/Leaves.mlpackage")
ct.convert(other, inputs=inputs).save("App/Pets.mlpackage")
```

References: https://stackoverflow.com/questions/44529869; Apple's documentation of `VNCoreMLModel`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import Conversion, converted, models_of
from deplint.code.source import SourceFile
from deplint.code.values import Truth


@rule(
    "DPL464",
    severity="error",
    leaves=["M.6.3"],
    see=["https://developer.apple.com/documentation/vision/vncoremlmodel", "https://stackoverflow.com/questions/44529869"],
)
def vision_model_without_image(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not file.mentions(r"\bVNCoreMLModel\b"):
        return
    models = models_of(file, project)
    if not models:
        yield from _converted(file, project)
        return
    signatures = [signature for model in models for signature in model.signatures.values() if signature.inputs]
    if not signatures or any(tensor.dtype == "image" for signature in signatures for tensor in signature.inputs.values()):
        return
    takes = ", ".join(f"{tensor.name} ({tensor.dtype})" for tensor in signatures[0].inputs.values())
    for call in file.calls("VNCoreMLModel"):
        yield Finding(
            call,
            f"{models[0].path} takes no image, only {takes}: Vision cannot feed it",
            help="convert it with inputs=[ct.ImageType(...)], with the scale and bias the network was trained with",
        )


def _converted(file: SourceFile, project: Project) -> Iterator[Finding]:
    """The same of models that are converted by a script."""
    made = converted(file, project)
    if not made or any(_may_take_images(each) for each in made):
        return
    line = made[0].call.place.span.line if made[0].call.place.span else "?"
    for call in file.calls("VNCoreMLModel"):
        yield Finding(
            call,
            f"{made[0].call.place.path}:{line} converts {made[0].name} to take arrays alone, no image: Vision cannot feed it",
            help="convert it with inputs=[ct.ImageType(...)], with the scale and bias the network was trained with",
        )


def _may_take_images(made: Conversion) -> bool:
    items = made.call.argument("inputs", 2).items
    return not items or any(item.is_("coremltools.TensorType()") is not Truth.yes for item in items) or "mageType" in made.saved.file.text
