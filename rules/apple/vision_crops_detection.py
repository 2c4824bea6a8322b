"""A detector that Vision gives only the middle of each picture.

`VNCoreMLRequest` cuts the largest square out of the middle and scales that, unless `imageCropAndScaleOption` says otherwise. What
lies at the sides of a 16:9 frame, nearly half of it, a detector or segmenter never sees.

```swift bad path=App/Detector.swift
import Vision

func request(_ model: VNCoreMLModel) -> VNCoreMLRequest {
    VNCoreMLRequest(model: model) { request, _ in  // <-
        guard let found = request.results as? [VNRecognizedObjectObservation] else { return }
        show(found)
    }
}
```

```swift good path=App/Detector.swift
import Vision

func request(_ model: VNCoreMLModel) -> VNCoreMLRequest {
    let request = VNCoreMLRequest(model: model) { request, _ in
        guard let found = request.results as? [VNRecognizedObjectObservation] else { return }
        show(found)
    }
    request.imageCropAndScaleOption = .scaleFill
    return request
}
```

References: https://developer.apple.com/documentation/vision/vncoremlrequest/imagecropandscaleoption (the default is center crop).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile


@rule(
    "DPL769",
    severity="info",
    leaves=["M.6.2", "M.6.1"],
    see=["https://developer.apple.com/documentation/vision/vncoremlrequest/imagecropandscaleoption"],
)
def vision_crops_detection(file: SourceFile) -> Iterator[Finding]:
    if not file.apple or not file.mentions(r"\bVNRecognizedObjectObservation\b") or file.mentions("imageCropAndScaleOption"):
        return
    for call in file.calls("VNCoreMLRequest"):
        yield Finding(
            call,
            "Vision gives this detector the middle square of each picture only (center crop)",
            help="set imageCropAndScaleOption to .scaleFill or .scaleFit, as the detector was trained",
        )
