"""The memory of an `MLMultiArray` read as numbers of another type.

`dataPointer` is a pointer to whatever the model gives: Float32 for most networks, Float16 for what was converted so, Double for few. Bound
to another type it gives nonsense, and reads beyond the end: ``EXC_BAD_ACCESS``, or scores that mean nothing.

```swift bad path=App/Reader.swift
import CoreML

final class Reader {
    private let model = try! Gesture(configuration: MLModelConfiguration())

    func best(_ window: MLMultiArray) throws -> Double {
        let scores = try model.prediction(window: window).scores
        let p = scores.dataPointer.bindMemory(to: Double.self, capacity: scores.count) // <-
        return p[0]
    }
}
```

```graph + path=App/Gesture.mlmodel
model coreml
signature main (window float32[1,60]) -> (scores float32[1,4])
graph main
  input window float32[1,60]
  op softmax (window) -> (scores float32[1,4])
  output scores
```

In the old way:

```swift bad path=App/Reader.swift
import CoreML

func best(_ window: MLMultiArray) throws -> Double {
    let model = try Gesture(configuration: MLModelConfiguration())
    let output = try model.prediction(window: window)
    let p = UnsafeMutablePointer<Double>(OpaquePointer(output.scores.dataPointer)) // <-
    return p[0]
}
```

```graph + path=App/Gesture.mlmodel
model coreml
signature main (window float32[1,60]) -> (scores float32[1,4])
graph main
  input window float32[1,60]
  op softmax (window) -> (scores float32[1,4])
  output scores
```

The type it has, and arrays that are not the model's:

```swift good path=App/Reader.swift
import CoreML

func best(_ window: MLMultiArray) throws -> Float {
    let model = try Gesture(configuration: MLModelConfiguration())
    let output = try model.prediction(window: window)
    let p = output.scores.dataPointer.assumingMemoryBound(to: Float32.self)
    let w = window.dataPointer.assumingMemoryBound(to: Double.self)
    return p[0] + Float(w[0])
}
```

```graph + path=App/Gesture.mlmodel
model coreml
signature main (window float32[1,60]) -> (scores float32[1,4])
graph main
  input window float32[1,60]
  op softmax (window) -> (scores float32[1,4])
  output scores
```

References: the documentation of `MLMultiArray`, its `dataPointer` and `withUnsafeBufferPointer(ofType:)` (the type is that of `dataType`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import features, identifier, predictions
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Member, Name, Node
from deplint.model import Model, Tensor

TYPES = {"Double": "float64", "Float": "float32", "Float32": "float32", "Float16": "float16", "Int32": "int32"}
_OLD = re.compile(r"Unsafe(?:Mutable)?Pointer<(\w+)>\(\s*$")


@rule(
    "DPL321",
    severity="error",
    leaves=["M.6.4", "M.6.3"],
    see=[
        "https://developer.apple.com/documentation/coreml/mlmultiarray",
        "https://developer.apple.com/documentation/coreml/mlmultiarray/withunsafebufferpointer(oftype:_:)",
        "https://developer.apple.com/documentation/coreml/mlmultiarray/datapointer",
    ],
)
def multiarray_read_as_other_type(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language != "swift" or not file.mentions(r"\.dataPointer\b"):
        return
    known = dict(predictions(file, project))
    for call, kind, array in _read(file) if known else ():
        found = _feature(array, known)
        wanted = TYPES.get(kind)
        if found is None or wanted is None:
            continue
        tensor, model = found
        if tensor.dtype in TYPES.values() and tensor.dtype != wanted:
            yield Finding(
                call,
                f"output {tensor.name} of {model.path} is {tensor.dtype}, and its memory is read as {kind}: the numbers mean nothing",
                help="bind the memory to the type of the output, or read elements as array[i].floatValue",
            )


def _read(file: SourceFile) -> Iterator[tuple[Call, str, Node]]:
    """The calls that give the memory of an array a type: the call, the type, and the array."""
    for call in file.calls("**.{bindMemory,assumingMemoryBound}"):
        to, pointer = call.argument("to"), call.receiver
        if to is not None and isinstance(pointer, Member) and pointer.attribute == "dataPointer":
            yield call, to.text.removesuffix(".self"), pointer.object
    for call in file.calls("OpaquePointer"):
        old, pointer = _OLD.search(file.lines[call.span.line - 1][: call.span.column - 1]), call.argument(None, 0)
        if old and isinstance(pointer, Member) and pointer.attribute == "dataPointer":
            yield call, old[1], pointer.object


def _feature(node: Node | None, known: dict[Call, Model]) -> tuple[Tensor, Model] | None:
    """The output that an expression certainly is, of a prediction of a model that is there."""
    for _ in range(4):
        if isinstance(node, Name):
            variable = node.file.meaning.variable(node)
            sources = variable.sources if variable is not None and not variable.open else []
            node = sources[0].source if len(sources) == 1 and sources[0].path == () else None
        elif isinstance(node, Member):
            model = known.get(node.object.origin) if node.object.origin is not None else None
            if model is not None:
                named = {identifier(name): tensor for name, tensor in features(model, outputs=True).items()}
                tensor = named.get(node.attribute)
                return (tensor, model) if tensor is not None else None
            return None
        else:
            return None
    return None
