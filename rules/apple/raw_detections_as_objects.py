"""Objects that Vision is asked for, of a YOLO model that was exported without its last step.

Ultralytics exports raw boxes to Core ML unless told ``nms=True``. Vision gives `VNRecognizedObjectObservation` only for a model that ends
in non-maximum suppression; of any other it gives `VNCoreMLFeatureValueObservation`, and the cast is nil: nothing is ever found.

```python bad path=export.py
from ultralytics import YOLO

model = YOLO("best.pt")
model.export(format="coreml", imgsz=640) # <-
```

```swift + path=App/Detector.swift
import Vision

let request = VNCoreMLRequest(model: net) { request, _ in
    guard let found = request.results as? [VNRecognizedObjectObservation] else { return }
    show(found)
}
```

With it, other tasks than detection, and an app that reads the boxes itself:

```python good path=export.py
from ultralytics import YOLO

YOLO("best.pt").export(format="coreml", nms=True)
YOLO("best-cls.pt").export(format="coreml")
YOLO("best.pt").export(format="onnx")
YOLO("best.pt").export(format="coreml", **options)
```

```swift + path=App/Detector.swift
import Vision

let request = VNCoreMLRequest(model: net) { request, _ in
    guard let found = request.results as? [VNRecognizedObjectObservation] else { return }
    show(found)
}
```

Itself:

```python good path=export.py
from ultralytics import YOLO

YOLO("best.pt").export(format="coreml")
```

```swift + path=App/Detector.swift
import Vision

let request = VNCoreMLRequest(model: net) { request, _ in
    if let found = request.results as? [VNRecognizedObjectObservation] { show(found) }
    if let raw = request.results as? [VNCoreMLFeatureValueObservation] { decode(raw) }
}
```

References: Ultralytics 8.4.190, `engine/exporter.py` (`pipeline_coreml` with ``nms`` only) and ``cfg/default.yaml`` (off); Apple,
`VNCoreMLRequest` (what is neither classifier nor image gives `VNCoreMLFeatureValueObservation`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.source import SourceFile


@rule(
    "DPL323",
    severity="error",
    leaves=["M.6.4", "M.2.4"],
    see=[
        "https://docs.ultralytics.com/reference/utils/export/coreml",
        "https://github.com/ultralytics/yolov5/pull/7263",
        "https://developer.apple.com/documentation/vision/vncoremlrequest",
        "https://developer.apple.com/documentation/vision/vncoremlfeaturevalueobservation",
    ],
)
def raw_detections_as_objects(file: PythonFile, project: Project) -> Iterator[Finding]:
    exports = file.calls("ultralytics.YOLO().export")
    if not exports:
        return
    area = project.area(file)
    apps = [each for each in project.all(SourceFile) if each.apple and project.area(each) == area]
    asks = any(each.mentions(r"\bVNRecognizedObjectObservation\b") for each in apps)
    if not asks or any(each.mentions(r"\bVNCoreMLFeatureValueObservation\b|\bnonMaximumSuppression\b") for each in apps):
        return
    for call in exports:
        kind, nms = call.argument("format"), call.argument("nms")
        weights = call.receiver.origin.argument("model", 0) if call.receiver.origin is not None else None
        named = weights.text or "" if weights is not None else ""
        other = any(word in named for word in ("-cls", "-seg", "-pose", "-obb", "v10", "yolo26"))
        if kind.text in ("coreml", "mlmodel", "mlpackage") and not other and nms.missing:
            yield Finding(
                call,
                "exported without nms=True this model gives raw boxes, and the app asks for VNRecognizedObjectObservation: always nil",
                help="model.export(format='coreml', nms=True)",
            )
