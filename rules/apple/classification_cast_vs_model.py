"""Results of a Core ML request cast to what the model does not give.

What `VNCoreMLRequest` gives follows the model: `VNClassificationObservation` if it names a predicted feature, that is if it was
converted with class labels; `VNRecognizedObjectObservation` if it gives boxes as ``coordinates`` and ``confidence``, that is if a
detector ends in non-maximum suppression (``nms=True`` of YOLO's export); `VNPixelBufferObservation` if it gives an image; else
`VNCoreMLFeatureValueObservation`. The cast to another kind gives nil, and nothing is ever recognized.

```swift bad path=App/Judge.swift
import Vision

func judge(_ leaves: VNCoreMLModel) -> VNCoreMLRequest {
    VNCoreMLRequest(model: leaves) { request, _ in  // Leaves.mlmodel
        guard let results = request.results as? [VNClassificationObservation] else { return }  // <-
        print(results[0].identifier)
    }
}
let net = try? VNCoreMLModel(for: Leaves().model)
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetwork]
signature main (image image[224,224]) -> (y float32[1,4])
graph main
  input image image[224,224]
  op softmaxND (image) -> (y)
  output y
```

```swift good path=App/Judge.swift
import Vision

let net = try? VNCoreMLModel(for: Leaves().model)
let request = VNCoreMLRequest(model: net!) { request, _ in
    guard let results = request.results as? [VNClassificationObservation] else { return }
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetworkClassifier]
signature main (image image[224,224]) -> (label string[] traits(predicted=true, classes=[a,b]), odds map traits(probabilities=true))
graph main
  input image image[224,224]
  op softmaxND (image) -> (odds)
  output odds
```

A detector without non-maximum suppression gives arrays.

```swift bad path=App/Detector.swift
import Vision

let net = try? VNCoreMLModel(for: Yolo(configuration: .init()).model)
let request = VNCoreMLRequest(model: net!) { request, _ in
    let objects = request.results as? [VNRecognizedObjectObservation]  // <-
}
```

```graph + path=App/Yolo.mlmodel
model coreml ir=6 tags=[mlProgram]
signature main (image image[640,640]) -> (var_914 float32[1,84,8400])
graph main
  input image image[640,640]
  op relu (image) -> (var_914)
  output var_914
```

Code that looks for both kinds serves several models.

```swift good path=App/Detector.swift
import Vision

let net = try? VNCoreMLModel(for: Yolo(configuration: .init()).model)
let request = VNCoreMLRequest(model: net!) { request, _ in
    let objects = request.results as? [VNRecognizedObjectObservation]
    let arrays = request.results as? [VNCoreMLFeatureValueObservation]
}
```

```graph + path=App/Yolo.mlmodel
model coreml ir=6 tags=[mlProgram]
signature main (image image[640,640]) -> (var_914 float32[1,84,8400])
graph main
  input image image[640,640]
  op relu (image) -> (var_914)
  output var_914
```

Where the model is not in the repository, what converts it tells.

```swift bad path=App/Judge.swift
import Vision

let net = try? VNCoreMLModel(for: Leaves(configuration: .init()).model)
let request = VNCoreMLRequest(model: net!) { request, _ in
    let best = (request.results as? [VNClassificationObservation])?.first  // <-
}
```

```python + path=tools/convert.py
from pathlib import Path
import coremltools as ct

APP = Path(__file__).parent.parent / "App"
model = ct.convert(traced, inputs=[ct.ImageType(name="image", shape=(1, 3, 224, 224), scale=1 / 255)])
model.author = "gardeners"
model.save(str(APP / "Leaves.mlpackage"))
```

Objective-C takes them for what it is told: ``unrecognized selector sent to instance``.

```objc bad path=App/Judge.m
#import <Vision/Vision.h>
#import "Leaves.h"

@implementation Judge
- (void)judge:(VNRequest *)request {
    VNCoreMLModel *net = [VNCoreMLModel modelForMLModel:[[Leaves alloc] init].model error:nil];
    VNCoreMLRequest *made = [[VNCoreMLRequest alloc] initWithModel:net];
    NSArray<VNClassificationObservation *> *found = request.results;  // <-
}
@end
```

```python + path=tools/convert.py
import coremltools as ct

def main(out="App/Leaves.mlmodel"):
    ct.convert(net, source="tensorflow", convert_to="neuralnetwork").save(out)
main()
```

With labels, labels that may be given, or that are put in later, nothing is said.

```swift good path=App/Judge.swift
import Vision

let net = try? VNCoreMLModel(for: Leaves(configuration: .init()).model)
let other = try? VNCoreMLModel(for: Pets(configuration: .init()).model)
let request = VNCoreMLRequest(model: net!) { request, _ in
    let best = (request.results as? [VNClassificationObservation])?.first
}
```

```python + path=tools/convert.py
import coremltools as ct

model = ct.convert(traced, inputs=inputs, classifier_config=ct.ClassifierConfig(labels))
model.save("App/Leaves.mlpackage")
ct.convert(other, inputs=inputs, **options).save("App/Pets.mlpackage")
```

References: https://developer.apple.com/documentation/vision/vncoremlrequest; https://stackoverflow.com/questions/48583328
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.apps.apple import converted, features, models_of, places
from deplint.code.source import SourceFile

LABELS, OBJECTS = "VNClassificationObservation", "VNRecognizedObjectObservation"
IMAGE, ARRAYS = "VNPixelBufferObservation", "VNCoreMLFeatureValueObservation"
CASTS = r"(?:\bas[?!]?\s*\[?|\bNSArray\s*<|\()\s*"
CAST = re.compile(rf"{CASTS}({LABELS}|{OBJECTS}|{IMAGE}|{ARRAYS})\b(?!\()")
LATER = r"predictedFeatureName|neuralNetworkClassifier|models\.pipeline|\bPipeline\b|class_labels|update_.*classifier"
"""What makes a classifier of a model that is converted."""

OTHERS = r"\bVN(?!CoreML|ImageRequest|SequenceRequest)\w+Request\b"
"""Requests of Vision itself, which give such observations too."""

REMEDIES = {
    LABELS: "convert the model with classifier_config=ct.ClassifierConfig(labels)",
    OBJECTS: "export the detector with non-maximum suppression (nms=True)",
    IMAGE: "convert the model with an image output (outputs=[ct.ImageType(...)])",
}


@rule(
    "DPL465",
    severity="error",
    leaves=["M.6.4"],
    see=["https://developer.apple.com/documentation/vision/vncoremlrequest", "https://stackoverflow.com/questions/48583328"],
)
def classification_cast_vs_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not (file.mentions(CAST.pattern) and file.mentions(r"\bVNCoreMLRequest\b")) or file.mentions(OTHERS):
        return
    models = models_of(file, project)
    casts = set(CAST.findall("\n".join(line.partition("//")[0] for line in file.lines)))
    if not models:
        yield from _unlabelled(file, project, casts)
        return
    given = {_gives(model) for model in models}
    if "" in given or given & casts or (given == {OBJECTS} and ARRAYS in casts):
        return
    for cast in sorted(casts):
        for place in places(file, _cast(cast)):
            kind = _gives(models[0])
            yield Finding(
                place,
                f"for {models[0].path} the request gives {kind}: {_then(file, cast)}",
                help=f"read {kind}" + (f", or {REMEDIES[cast]}" if cast in REMEDIES else ""),
            )


def _cast(kind: str) -> str:
    return rf"{CASTS}{kind}\b(?!\()"


def _then(file: SourceFile, kind: str) -> str:
    """What comes of the cast."""
    return f"the cast to {kind} gives nothing" if file.language == "swift" else f"taken for {kind}, unrecognized selector sent to instance"


def _unlabelled(file: SourceFile, project: Project, casts: set[str]) -> Iterator[Finding]:
    """Casts to labels where all conversions of the models that the file names certainly have none."""
    made = converted(file, project) if casts == {LABELS} else []
    for each in made:
        config = each.call.argument("classifier_config", 4)
        if not config.missing or each.call.open or re.search(LATER, each.saved.file.text):
            return
    for place in places(file, _cast(LABELS)) if made else ():
        line = made[0].call.place.span.line if made[0].call.place.span else "?"
        yield Finding(
            place,
            f"{made[0].call.place.path}:{line} converts {made[0].name} without classifier_config, and the request gives {ARRAYS}: "
            f"{_then(file, LABELS)}",
            help=REMEDIES[LABELS],
        )


def _gives(model: Model) -> str:
    """What Vision makes of a model's outputs; empty if it describes none."""
    outputs = features(model, outputs=True)
    if any(tensor.traits.get("predicted") for tensor in outputs.values()):
        return LABELS
    if {"coordinates", "confidence"} <= set(outputs):
        return OBJECTS
    if any(tensor.dtype == "image" for tensor in outputs.values()):
        return IMAGE
    return ARRAYS if outputs else ""
