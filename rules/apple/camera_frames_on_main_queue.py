"""Frames of the camera delivered, and judged, on the main queue.

With ``setSampleBufferDelegate(self, queue: .main)`` each frame's inference runs where touches are handled and the screen is drawn: the
app stutters, and frames are dropped.

```swift bad path=App/Camera.swift
import AVFoundation
import Vision

class Camera: UIViewController, AVCaptureVideoDataOutputSampleBufferDelegate {
    let request = VNCoreMLRequest(model: model)

    override func viewDidLoad() {
        let output = AVCaptureVideoDataOutput()
        output.setSampleBufferDelegate(self, queue: DispatchQueue.main)  // <-
    }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        try? VNImageRequestHandler(cvPixelBuffer: frame, orientation: .right).perform([request])
    }
}
```

Frames that are only passed on may come on the main queue.

```swift good path=App/Camera.swift
import AVFoundation
import Vision

class Camera: UIViewController, AVCaptureVideoDataOutputSampleBufferDelegate {
    let request = VNCoreMLRequest(model: model)
    let queue = DispatchQueue(label: "frames")

    override func viewDidLoad() {
        let output = AVCaptureVideoDataOutput()
        output.setSampleBufferDelegate(self, queue: .main)
    }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        queue.async {
            try? VNImageRequestHandler(cvPixelBuffer: frame, orientation: .right).perform([self.request])
        }
    }
}
```

References: https://developer.apple.com/documentation/avfoundation/avcapturevideodataoutput/setsamplebufferdelegate(_:queue:).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.apple import camera_queue, takes_frames
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function

INFERENCES = ("**.perform", "**.prediction", "**.invoke")


@rule(
    "DPL766",
    severity="warning",
    leaves=["M.4.5", "M.7"],
    see=["https://developer.apple.com/documentation/avfoundation/avcapturevideodataoutput/setsamplebufferdelegate(_:queue:)"],
)
def camera_frames_on_main_queue(file: SourceFile) -> Iterator[Finding]:
    if not file.apple or not file.mentions(r"\bsetSampleBufferDelegate\b") or camera_queue(file) != "main":
        return
    judged = [call for call in file.calls(*INFERENCES) if _with_frame(call, 0)]
    for call in file.calls("**.setSampleBufferDelegate") if judged else ():
        line = judged[0].place.span.line if judged[0].place.span else "?"
        yield Finding(
            call,
            f"every frame's inference (line {line}) runs on the main queue: the app stutters and frames are dropped",
            help='give the delegate a queue of its own, DispatchQueue(label: "frames")',
        )


def _with_frame(call: Call, depth: int) -> bool:
    """Whether the code around `call` certainly runs where the frame arrives."""
    if call.method == "perform" and (not call.arguments or call.arguments[0].label):
        return False
    for around in call.ancestors:
        if isinstance(around, Function):
            if takes_frames(around):
                return True
            if not around.id or depth > 3:
                return False
            return any(_with_call(each, depth) for each in call.file.calls() if each.method == around.id)
    return False


def _with_call(call: Call, depth: int) -> bool:
    around = call.function
    if around is None:
        return False
    if takes_frames(around):
        return True
    return bool(around.id) and depth < 3 and any(_with_call(e, depth + 1) for e in call.file.calls() if e.method == around.id)
