"""A delegate of TensorFlow Lite whose part of the pod is not installed.

`MetalDelegate` and `CoreMLDelegate` are subspecs of `TensorFlowLiteSwift`, and not in its default part: without them the app does not
compile (``Cannot find 'MetalDelegate' in scope``).

```swift bad path=App/Judge.swift
import TensorFlowLite

func open(_ path: String) throws -> Interpreter {
    try Interpreter(modelPath: path, delegates: [MetalDelegate()])  // <-
}
```

```ruby + path=Podfile
platform :ios, '13.0'
target 'App' do
  pod 'TensorFlowLiteSwift', '~> 2.14.0'
end
```

```swift good path=App/Judge.swift
import TensorFlowLite

func open(_ path: String) throws -> Interpreter {
    try Interpreter(modelPath: path, delegates: [MetalDelegate(), CoreMLDelegate()!])
}
```

```ruby + path=Podfile
platform :ios, '13.0'
target 'App' do
  pod 'TensorFlowLiteSwift', '~> 2.14.0', :subspecs => ['Metal', 'CoreML']
end
```

References: `TensorFlowLiteSwift.podspec` 2.14.0 (subspecs Core, CoreML, Metal; the default is Core);
https://ai.google.dev/edge/litert/ios/gpu.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import TFLITE
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call
from deplint.settings.packages import Podfile

from ..operators import mentioned

PODS = {"swift": "TensorFlowLiteSwift", "objc": "TensorFlowLiteObjC"}
PARTS = {"MetalDelegate": "Metal", "CoreMLDelegate": "CoreML"}


@rule(
    "DPL772",
    severity="error",
    leaves=["M.4.2", "M.3.4"],
    see=["https://ai.google.dev/edge/litert/ios/gpu"],
)
def delegate_pod_missing(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not file.mentions(TFLITE) or not file.mentions("|".join(PARTS)):
        return
    area, wanted = project.area(file), PODS[file.language]
    pods = [podfile for podfile in project.all(Podfile) if project.area(podfile) == area]
    pins = [pin for podfile in pods for pin in podfile.packages if pin.name == wanted]
    if not pins or any(pin.url for pin in pins) or mentioned(project, area, r"TensorFlowLite\w*", ".resolved"):
        return
    installed = {part for pin in pins for part in pin.extras}
    for call in file.calls(*PARTS):
        part = PARTS[call.name]
        if part not in installed:
            yield Finding(
                call,
                f"{pins[0].place.path} installs {wanted} without {part}: {_lost(call)}",
                help=f"pod '{wanted}', :subspecs => ['{part}']",
            )


def _lost(call: Call) -> str:
    return f"'Cannot find {call.name!r} in scope'" if call.file.language == "swift" else f"'TFL{call.name}.h' file not found"
