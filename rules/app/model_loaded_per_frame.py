"""A model loaded again for every frame of the camera.

Loading a model reads, compiles and plans it, for tens of milliseconds to seconds; frames come every 33 ms. In `captureOutput`, and in
what an image stream of Flutter calls, frames are dropped and memory grows.

```swift bad path=App/Camera.swift
import AVFoundation
import Vision

class Camera: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let model = try? VNCoreMLModel(for: Resnet50().model) else { return }  // <-
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        try? VNImageRequestHandler(cvPixelBuffer: frame).perform([VNCoreMLRequest(model: model)])
    }
}
```

```swift good path=App/Camera.swift
import AVFoundation
import Vision

class Camera: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    let model = try! VNCoreMLModel(for: Resnet50().model)
    lazy var request = VNCoreMLRequest(model: model)
    var late: VNCoreMLModel?

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        if late == nil { late = try? VNCoreMLModel(for: Resnet50().model) }
        try? VNImageRequestHandler(cvPixelBuffer: frame).perform([request])
    }
}
```

```dart bad path=lib/camera.dart
import 'package:camera/camera.dart';
import 'package:tflite_flutter/tflite_flutter.dart';

void start(CameraController camera) {
  camera.startImageStream((CameraImage frame) async {
    final net = await Interpreter.fromAsset('assets/leaves.tflite');  // <-
    net.run(pixels(frame), scores);
  });
}
```

References: https://developer.apple.com/documentation/vision/recognizing-objects-in-live-capture;
https://pub.dev/documentation/tflite_flutter/latest/.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.apple import takes_frames
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Block, Call, Function, Node, Other

MAKING = {
    **dict.fromkeys(("swift", "objc"), ("VNCoreMLModel", "MLModel", "Interpreter", "ORTSession")),
    "dart": ("**.Interpreter.{fromAsset,fromFile,fromBuffer}", "**.Tflite.loadModel", "**.OrtSession.{fromBuffer,fromFile}"),
}
"""What loads a model, by language."""


@rule(
    "DPL765",
    severity="warning",
    leaves=["M.7"],
    see=["https://developer.apple.com/documentation/vision/recognizing-objects-in-live-capture"],
)
def model_loaded_per_frame(file: SourceFile) -> Iterator[Finding]:
    if file.language not in MAKING or not file.mentions(r"\bcaptureOutput\b|\bstartImageStream\b"):
        return
    for call in file.calls(*MAKING[file.language]):
        where = _per_frame(call)
        if where:
            yield Finding(
                call,
                f"this loads the model again for every frame ({where})",
                help="load it once, outside, and keep it in a field",
            )


def _per_frame(call: Call, depth: int = 0) -> str:
    """What calls the code around `call` with each frame, unless a condition or a field keeps it from that."""
    inner: Node = call
    for around in call.ancestors:
        if isinstance(around, Assign) or (around.text.startswith(("if", "switch")) and _body(inner)):
            return ""
        if isinstance(around, Function):
            if takes_frames(around):
                return "captureOutput"
            caller = around.parent
            if isinstance(caller, Call) and caller.method == "startImageStream":
                return "startImageStream"
            if around.id:
                calls = [each for each in call.file.calls() if each.method == around.id]
                return _per_frame(calls[0], depth + 1) if len(calls) == 1 and depth < 4 else ""
        inner = around
    return ""


def _body(node: Node) -> bool:
    """What a condition guards, rather than the condition."""
    return isinstance(node, Block) or (isinstance(node, Other) and node.kind == "statements")
