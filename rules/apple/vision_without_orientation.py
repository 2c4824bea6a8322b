"""Frames of the camera judged lying on their side.

The camera's sensor lies across: unless the connection is told to rotate them, frames of a phone held upright come turned by 90
degrees. Vision takes a pixel buffer as it is where no orientation is given, and networks trained on upright pictures find little.

```swift bad path=App/Camera.swift
import AVFoundation
import Vision

class Camera: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        try? VNImageRequestHandler(cvPixelBuffer: frame, options: [:]).perform([request])  // <-
    }
}
```

```swift good path=App/Camera.swift
import AVFoundation
import Vision

class Camera: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        try? VNImageRequestHandler(cvPixelBuffer: frame, orientation: .right, options: [:]).perform([request])
    }
}
```

The connection may turn them.

```swift good path=App/Camera.swift
import AVFoundation
import Vision

class Camera: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    func start(_ output: AVCaptureVideoDataOutput) {
        output.connection(with: .video)?.videoOrientation = .portrait
    }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        try? VNImageRequestHandler(cvPixelBuffer: frame, options: [:]).perform([request])
    }
}
```

References: https://developer.apple.com/documentation/vision/recognizing-objects-in-live-capture ("Specify the orientation of the device").
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import takes_frames
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Function

from ..operators import mentioned

ROTATED = r"\b(?:videoOrientation|videoRotationAngle|isLandscape|UIInterfaceOrientationMaskLandscape|UIInterfaceOrientationLandscape\w*)\b"
"""What says that frames are turned, or that the app is held across."""


@rule(
    "DPL768",
    severity="warning",
    leaves=["M.5", "M.6.1"],
    see=["https://developer.apple.com/documentation/vision/recognizing-objects-in-live-capture"],
)
def vision_without_orientation(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not file.mentions(r"\bVNImageRequestHandler\b") or not file.mentions(r"\bcaptureOutput\b"):
        return
    for call in file.calls("VNImageRequestHandler"):
        frame = call.argument("cvPixelBuffer")
        made = frame.origin if frame is not None else None
        camera = made is not None and made.name == "CMSampleBufferGetImageBuffer" and any(
            isinstance(around, Function) and takes_frames(around) for around in made.ancestors
        )  # fmt: skip
        if (
            camera
            and call.argument("orientation") is None
            and mentioned(project, project.area(file), ROTATED, ".swift", ".m", ".mm") is None
        ):
            yield Finding(
                call,
                "the camera's frame is given without its orientation, turned by 90 degrees where the phone is held upright",
                help="pass orientation: (.right for the back camera held upright), or rotate the connection's video",
            )
