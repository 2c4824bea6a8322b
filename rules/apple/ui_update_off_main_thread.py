"""The user interface changed on another queue than the main one.

Frames of the camera arrive on the queue the app chose for them, and Vision calls the completion handler of a request where the
request is performed. UIKit belongs to the main queue: ``UILabel.text must be used from main thread only``. Labels stay as they were,
or change seconds later, or the app crashes.

```swift bad path=App/Camera.swift
import AVFoundation
import UIKit
import Vision

class CameraViewController: UIViewController, AVCaptureVideoDataOutputSampleBufferDelegate {
    @IBOutlet weak var label: UILabel!
    let model = try! VNCoreMLModel(for: Resnet50().model)

    override func viewDidLoad() {
        let output = AVCaptureVideoDataOutput()
        output.setSampleBufferDelegate(self, queue: DispatchQueue(label: "camera"))
    }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let buffer = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        let request = VNCoreMLRequest(model: model) { request, _ in
            guard let results = request.results as? [VNClassificationObservation] else { return }
            self.label.text = results.first?.identifier  // <-
        }
        try? VNImageRequestHandler(cvPixelBuffer: buffer, orientation: .right).perform([request])
    }
}
```

```swift good path=App/Camera.swift
import AVFoundation
import UIKit
import Vision

class CameraViewController: UIViewController, AVCaptureVideoDataOutputSampleBufferDelegate {
    @IBOutlet weak var label: UILabel!
    let model = try! VNCoreMLModel(for: Resnet50().model)
    var text = ""

    override func viewDidLoad() {
        let output = AVCaptureVideoDataOutput()
        output.setSampleBufferDelegate(self, queue: DispatchQueue(label: "camera"))
    }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let buffer = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        let request = VNCoreMLRequest(model: model) { request, _ in
            guard let results = request.results as? [VNClassificationObservation] else { return }
            self.text = results.first?.identifier ?? ""
            DispatchQueue.main.async {
                self.label.text = self.text
            }
            DispatchQueue.main.sync { self.label.isHidden = false }
            unknown { self.label.isHidden = true }
        }
        try? VNImageRequestHandler(cvPixelBuffer: buffer, orientation: .right).perform([request])
    }
}
```

A handler that is performed on the main queue stays there.

```swift good path=App/Photo.swift
import UIKit
import Vision

class PhotoViewController: UIViewController {
    @IBOutlet weak var label: UILabel!

    func judge(_ image: CGImage) {
        let request = VNCoreMLRequest(model: model) { request, _ in
            self.label.text = (request.results as? [VNClassificationObservation])?.first?.identifier
        }
        try? VNImageRequestHandler(cgImage: image).perform([request])
    }
}
```

On a worker's queue a handler, a method it calls, and what is published to SwiftUI are off the main queue too.

```swift bad path=App/Photo.swift
import SwiftUI
import Vision

class Classifier: ObservableObject {
    @Published var label = ""
    private let images = UIImageView()

    lazy var request = VNCoreMLRequest(model: model) { [weak self] request, error in
        self?.process(request)
    }

    func judge(_ image: CGImage) {
        DispatchQueue.global(qos: .userInitiated).async {
            self.images.image = nil  // <-
            try? VNImageRequestHandler(cgImage: image).perform([self.request])
        }
    }

    func process(_ request: VNRequest) {
        self.label = (request.results as? [VNClassificationObservation])?.first?.identifier ?? ""  // <-
    }
}
```

So is a delegate that a camera of another file tells of its frames.

```swift bad path=App/Judge.swift
import UIKit
import TensorFlowLite

class JudgeViewController: UIViewController, CameraDelegate {
    @IBOutlet weak var label: UILabel!
    var interpreter: Interpreter!

    func didOutput(pixelBuffer: CVPixelBuffer) {
        let name = judge(pixelBuffer)
        label.text = name  // <-
        DispatchQueue.main.async { self.label.isHidden = false }
    }
}
```

```swift + path=App/Camera.swift
import AVFoundation

class Camera: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    private let queue = DispatchQueue(label: "frames")
    weak var delegate: CameraDelegate?

    func start(_ output: AVCaptureVideoDataOutput) {
        output.setSampleBufferDelegate(self, queue: queue)
    }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        delegate?.didOutput(pixelBuffer: frame)
    }
}
```

References: https://stackoverflow.com/questions/46305582; https://developer.apple.com/documentation/xcode/diagnosing-memory-thread-and-crash-issues-early;
https://developer.apple.com/documentation/avfoundation/avcapturevideodataoutput/setsamplebufferdelegate(_:queue:).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import off_main
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Member, This

VIEW = re.compile(r"UI(?:\w*View|Label|Button|Slider|Switch|Control|TextField|BarButtonItem)\(\)\.\w+")
"""What an attribute of something that UIKit shows is called."""

INFERENCE = (
    r"\b(?:(?:TFL)?Interpreter|VN\w+Request|VNImageRequestHandler|ORTSession|captureOutput)\b|\.prediction\s*\(|\bpredictionFrom\w+:"
)
SHOWING = tuple(
    f"**.{method}"
    for method in ("setNeedsDisplay", "setNeedsLayout", "layoutIfNeeded", "reloadData", "addSubview", "removeFromSuperview", "setTitle",
                   "setImage", "startAnimating", "stopAnimating", "insertSubview", "bringSubviewToFront")
)  # fmt: skip
"""Methods of views that change what is shown."""

PUBLISHED = re.compile(r"@Published\s+(?:\w+(?:\(set\))?\s+)*var\s+(\w+)")


@rule(
    "DPL758",
    severity="error",
    leaves=["M.4.5"],
    see=["https://stackoverflow.com/questions/46305582"],
)
def ui_update_off_main_thread(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not file.mentions(INFERENCE) or not file.mentions(r"\bUI\w+|@Published"):
        return
    published = set() if file.mentions("@MainActor") else set(PUBLISHED.findall(file.text))
    changes: list[tuple[Assign | Call, str]] = [(assign, _shown(assign, published)) for assign in file.assignments()]
    changes += [(call, call.name.replace("()", "")) for call in file.calls(*SHOWING) if VIEW.fullmatch(call.name)]
    for change, name in changes:
        why = off_main(change, project) if name else ""
        if why:
            lost = "must be used from the main thread only" if name.startswith("UI") else "may only be published from the main thread"
            yield Finding(change, f"{why}: {name} {lost}", help="do it in DispatchQueue.main.async { ... }")


def _shown(assign: Assign, published: set[str]) -> str:
    """What the assignment changes of what is shown; empty if it changes nothing of that."""
    if VIEW.fullmatch(assign.name) and not assign.name.endswith(".tag"):
        return assign.name.replace("()", "")
    target = assign.target
    own = isinstance(target, Member) and isinstance(target.object, This) and target.attribute in published
    return target.attribute if own and isinstance(target, Member) else ""
