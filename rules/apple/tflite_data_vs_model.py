"""Bytes of a TensorFlow Lite tensor that an app gives or reads as another type or number than it has.

`copy(_:toInputAt:)` wants exactly the input's bytes and throws `invalidTensorDataCount(provided:required:)`; what `output(at:)`
gives are bytes, and read as `Float32` where the model gives `UInt8`, a quarter of the numbers comes out, all of them senseless.

```swift bad path=App/Judge.swift
import TensorFlowLite

final class Judge {
    let interpreter: Interpreter
    let width = 299

    init() throws {
        let path = Bundle.main.path(forResource: "leaves", ofType: "tflite")!
        interpreter = try Interpreter(modelPath: path)
        try interpreter.allocateTensors()
    }

    func judge(_ buffer: CVPixelBuffer) throws -> [Float] {
        let data = rgbData(buffer, byteCount: 1 * width * width * 3, isModelQuantized: true)
        try interpreter.copy(data!, toInputAt: 0)  // <-
        try interpreter.invoke()
        let scores = try interpreter.output(at: 0)
        return [Float32](unsafeData: scores.data) ?? []  // <-
    }
}
```

```graph + path=App/leaves.tflite
model tflite
graph main
  input image uint8[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores uint8[1,5])
  output scores
```

```swift good path=App/Judge.swift
import TensorFlowLite

final class Judge {
    let interpreter: Interpreter

    init() throws {
        let path = Bundle.main.path(forResource: "leaves", ofType: "tflite")!
        interpreter = try Interpreter(modelPath: path)
        try interpreter.allocateTensors()
    }

    func judge(_ buffer: CVPixelBuffer) throws -> [Float] {
        let data = rgbData(buffer, byteCount: 1 * 224 * 224 * 3, isModelQuantized: true)
        try interpreter.copy(data!, toInputAt: 0)
        try interpreter.invoke()
        let scores = try interpreter.output(at: 0)
        return [UInt8](scores.data).map { Float($0) / 255 }
    }
}
```

```graph + path=App/leaves.tflite
model tflite
graph main
  input image uint8[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores uint8[1,5])
  output scores
```

Code that asks for the type serves several models.

```swift good path=App/Judge.swift
import TensorFlowLite

func scores(_ data: Data) throws -> [Float] {
    let path = Bundle.main.path(forResource: "leaves", ofType: "tflite")!
    let interpreter = try Interpreter(modelPath: path)
    try interpreter.allocateTensors()
    let tensor = try interpreter.output(at: 0)
    switch tensor.dataType {
    case .uInt8: return [UInt8](tensor.data).map { Float($0) }
    default: return tensor.data.toArray(type: Float32.self)
    }
}
```

```graph + path=App/leaves.tflite
model tflite
graph main
  input image uint8[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores uint8[1,5])
  output scores
```

Objective-C is told that an ``Input tensor at index (0) expects data size (602112), but got (150528)``.

```objc bad path=App/Judge.m
#import "TFLTensorFlowLite.h"

@implementation Judge
- (void)judge:(uint8_t *)pixels {
    NSString *path = [[NSBundle mainBundle] pathForResource:@"leaves" ofType:@"tflite"];
    TFLInterpreter *interpreter = [[TFLInterpreter alloc] initWithModelPath:path error:nil];
    [interpreter allocateTensorsWithError:nil];
    TFLTensor *input = [interpreter inputTensorAtIndex:0 error:nil];
    [input copyData:[NSData dataWithBytes:pixels length:224 * 224 * 3] error:nil];  // <-
    [interpreter invokeWithError:nil];
}
@end
```

```graph + path=App/leaves.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

```objc good path=App/Judge.m
#import "TFLTensorFlowLite.h"

@implementation Judge
- (void)judge:(float *)pixels {
    NSString *path = [[NSBundle mainBundle] pathForResource:@"leaves" ofType:@"tflite"];
    TFLInterpreter *interpreter = [[TFLInterpreter alloc] initWithModelPath:path error:nil];
    [interpreter allocateTensorsWithError:nil];
    TFLTensor *input = [interpreter inputTensorAtIndex:0 error:nil];
    [input copyData:[NSData dataWithBytes:pixels length:224 * 224 * 3 * sizeof(float)] error:nil];
    [input copyData:[NSData dataWithBytes:pixels length:224 * 224 * 3 * 4] error:nil];
    [interpreter invokeWithError:nil];
}
@end
```

```graph + path=App/leaves.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

References: `Interpreter.swift` and `Tensor.swift` of TensorFlow Lite; the image classification sample of tensorflow/examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import Linked, linked
from deplint.apps.apple import TFLITE, copied
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Declare, Member, Name, Node

TYPES = {
    "Float32": "float32", "Float": "float32", "UInt8": "uint8", "Int8": "int8", "Int32": "int32", "Int64": "int64",
    "Float16": "float16", "Double": "float64",
}  # fmt: skip
"""Types of Swift -> dtypes."""


@rule(
    "DPL763",
    severity="error",
    leaves=["M.4.4", "M.6.2", "M.6.4"],
    see=["https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/swift/Sources/Interpreter.swift"],
)
def tflite_data_vs_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not file.mentions(TFLITE):
        return
    link = linked(file, project)
    if link is None:
        return
    for call in file.calls("**.copy"):
        index, data = copied(call)
        if index is not None and data is not None:
            yield from _input(call, index.value, data, link)
    if not file.mentions(r"\b(?!input)\w+\.dataType\b"):
        for call in file.calls():
            yield from _output(call, link)


def _input(call: Call, index: object, data: Node, link: Linked) -> Iterator[Finding]:
    inputs = link.model.inputs
    tensor = inputs[index] if isinstance(index, int) and 0 <= index < len(inputs) else None
    made = data.origin
    if tensor is not None and made is not None and tensor.dtype == "float32" and _whole_bytes(made):
        yield Finding(
            call,
            f"input {tensor.name!r} of {link.model.path} is float32 {list(tensor.shape or ())}, {tensor.nbytes} bytes, and this gives "
            f"a byte a number: {_said(call)}",
            help="make the numbers Float32 (and scale them as in training) before they become Data",
        )
        return
    count = made.argument("byteCount") or made.argument("count") if made is not None else None
    if tensor is None or count is None or type(count.value) is not int or not tensor.nbytes or made is None:
        return
    # What is called byteCount counts a picture's bytes before they may become floats.
    fits = {tensor.nbytes, tensor.elements} if made.name != "Data" else {tensor.nbytes}
    if count.value not in fits:
        yield Finding(
            call,
            f"input {tensor.name!r} of {link.model.path} is {tensor.dtype} {list(tensor.shape or ())}, {tensor.elements} numbers in "
            f"{tensor.nbytes} bytes, and this gives {count.value}: {_said(call)}",
            help="take the sizes from the model, interpreter.input(at: 0).shape, or change the constants with the model",
        )


def _said(call: Call) -> str:
    return "invalidTensorDataCount" if call.file.language == "swift" else "'Input tensor at index (0) expects data size'"


def _whole_bytes(made: Call) -> bool:
    """Whether this is ``Data(array)`` of an array of UInt8 in a function that knows no floats, whose bytes those could be."""
    first = made.argument(None, 0)
    if made.name != "Data" or len(made.arguments) != 1 or not isinstance(first, Name) or made.function is None:
        return False
    variable = made.file.meaning.variable(first)
    if variable is None or variable.imported or re.search(r"Float|bitPattern|withUnsafe|Double|float", made.function.text):
        return False
    texts = [source.source.text.replace(" ", "") for source in variable.sources if source.source is not None]
    declared = variable.node.parent if variable.node is not None else None
    typed = isinstance(declared, Declare) and re.sub(r"\s", "", declared.written_type).strip(":") == "[UInt8]"
    return typed or (bool(texts) and all(text.startswith("[UInt8](") for text in texts))


def _output(call: Call, link: Linked) -> Iterator[Finding]:
    """``[Float32](unsafeData: t.data)``, ``t.data.toArray(type: Float32.self)``, where t is an output."""
    data = call.argument("unsafeData") or (call.receiver if call.method == "toArray" else None)
    kind = call.argument("type")
    written = re.fullmatch(r"\[(\w+)\]|(\w+)\.self", (kind.text if kind is not None else call.callee.text).replace(" ", ""))
    if data is None or written is None or not isinstance(data, Member) or data.attribute != "data":
        return
    made = data.object.origin
    index = made.argument("at") if made is not None and made.method == "output" else None
    outputs = link.model.outputs
    tensor = outputs[index.value] if index is not None and isinstance(index.value, int) and 0 <= index.value < len(outputs) else None
    name = written[1] or written[2]
    read = TYPES.get(name, "")
    if tensor is not None and read and tensor.dtype in TYPES.values() and {read, tensor.dtype} not in ({read}, {"int8", "uint8"}):
        yield Finding(
            call,
            f"output {tensor.name!r} of {link.model.path} is {tensor.dtype} {list(tensor.shape or ())}, and this reads {name}",
            help="read the output's own type, and make it real with its scale and zero point",
        )
