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

References: https://developer.apple.com/documentation/vision/vncoremlrequest; https://stackoverflow.com/questions/48583328
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.apps.apple import features, models_of, places
from deplint.code.source import SourceFile

LABELS, OBJECTS = "VNClassificationObservation", "VNRecognizedObjectObservation"
IMAGE, ARRAYS = "VNPixelBufferObservation", "VNCoreMLFeatureValueObservation"
CAST = re.compile(rf"\bas[?!]?\s*\[?\s*({LABELS}|{OBJECTS}|{IMAGE}|{ARRAYS})\b")
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
    given = {_gives(model) for model in models}
    casts = set(CAST.findall("\n".join(line.partition("//")[0] for line in file.lines)))
    if not models or "" in given or given & casts or (given == {OBJECTS} and ARRAYS in casts):
        return
    for cast in sorted(casts):
        for place in places(file, rf"\bas[?!]?\s*\[?\s*{cast}\b"):
            kind = _gives(models[0])
            yield Finding(
                place,
                f"for {models[0].path} the request gives {kind}: the cast to {cast} gives nothing",
                help=f"read {kind}" + (f", or {REMEDIES[cast]}" if cast in REMEDIES else ""),
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
