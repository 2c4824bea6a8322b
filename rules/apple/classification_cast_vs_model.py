"""Results of a Core ML request cast to labels that the model does not give.

What `VNCoreMLRequest` gives follows the model: `VNClassificationObservation` if it names a predicted feature, that is if it was
converted with class labels; `VNPixelBufferObservation` if it gives an image; else `VNCoreMLFeatureValueObservation`. The cast to
another kind gives nil, and nothing is ever recognized.

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

References: https://developer.apple.com/documentation/vision/vncoremlrequest; https://stackoverflow.com/questions/48583328
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import models_of, places
from deplint.code.source import SourceFile

CAST = r"\bas[?!]?\s*\[?\s*VNClassificationObservation\b"
OTHERS = r"\bVN(?:ClassifyImage|RecognizeAnimals)Request\b"
"""Requests of Vision itself that give such observations."""


@rule(
    "DPL465",
    severity="error",
    leaves=["M.6.4"],
    see=["https://developer.apple.com/documentation/vision/vncoremlrequest", "https://stackoverflow.com/questions/48583328"],
)
def classification_cast_vs_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language != "swift" or not (file.mentions(CAST) and file.mentions(r"\bVNCoreMLRequest\b")) or file.mentions(OTHERS):
        return
    signatures = [(model, signature) for model in models_of(file, project) for signature in model.signatures.values() if signature.outputs]
    if not signatures or any(tensor.traits.get("predicted") for _, signature in signatures for tensor in signature.outputs.values()):
        return
    image = any(tensor.dtype == "image" for tensor in signatures[0][1].outputs.values())
    given = "VNPixelBufferObservation" if image else "VNCoreMLFeatureValueObservation"
    for place in places(file, CAST):
        yield Finding(
            place,
            f"{signatures[0][0].path} is no classifier: the request gives {given}, and the cast gives nothing",
            help=f"read {given}, or convert the model with classifier_config=ct.ClassifierConfig(labels)",
        )
