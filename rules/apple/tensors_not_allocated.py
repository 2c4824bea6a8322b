"""A TensorFlow Lite interpreter in Swift whose tensors are never allocated.

An interpreter has no memory for its tensors until `allocateTensors()`; copying an input and invoking it throw
``allocateTensorsRequired``: Failed to create the interpreter's tensors.

```swift bad path=App/Judge.swift
import TensorFlowLite

func judge(_ path: String, _ data: Data) throws -> Tensor {
    let interpreter = try Interpreter(modelPath: path)  // <-
    try interpreter.copy(data, toInputAt: 0)
    try interpreter.invoke()
    return try interpreter.output(at: 0)
}
```

```swift good path=App/Judge.swift
import TensorFlowLite

final class Judge {
    private let interpreter: Interpreter

    init(_ path: String) throws {
        interpreter = try Interpreter(modelPath: path)
        try interpreter.allocateTensors()
    }

    func judge(_ data: Data) throws -> Tensor {
        try interpreter.copy(data, toInputAt: 0)
        try interpreter.invoke()
        return try interpreter.output(at: 0)
    }

    static func prepare(_ path: String) throws -> Interpreter {
        let other = try Interpreter(modelPath: path)
        warmUp(other)
        try other.invoke()
        return other
    }
}
```

References: `Interpreter.swift` of TensorFlow Lite (https://github.com/tensorflow/tensorflow/tree/v2.16.1/tensorflow/lite/swift/Sources).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile


@rule(
    "DPL762",
    severity="error",
    leaves=["M.4.4"],
    see=["https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/swift/Sources/Interpreter.swift"],
)
def tensors_not_allocated(file: SourceFile) -> Iterator[Finding]:
    if file.language != "swift" or not file.mentions(r"\bimport TensorFlowLite\b") or file.mentions(r"\ballocateTensors\s*\("):
        return
    for call in file.calls("Interpreter", "TensorFlowLite.Interpreter"):
        used = {use.method for use in call.uses}
        if used & {"invoke", "copy"} and not call.escapes:
            yield Finding(
                call,
                "nothing allocates this interpreter's tensors: copy and invoke throw allocateTensorsRequired",
                help="call try interpreter.allocateTensors() first",
            )
