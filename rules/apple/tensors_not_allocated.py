"""A TensorFlow Lite interpreter in Swift or Objective-C whose tensors are never allocated.

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

Objective-C says the same in its own words.

```objc bad path=App/Judge.m
#import <TFLTensorFlowLite/TFLTensorFlowLite.h>

@implementation Judge
- (NSData *)judge:(NSData *)data at:(NSString *)path {
    NSError *error;
    TFLInterpreter *interpreter = [[TFLInterpreter alloc] initWithModelPath:path error:&error];  // <-
    [[interpreter inputTensorAtIndex:0 error:&error] copyData:data error:&error];
    [interpreter invokeWithError:&error];
    return [[interpreter outputTensorAtIndex:0 error:&error] dataWithError:&error];
}
@end
```

A property that a header declares, others may prepare.

```objc good path=App/Judge.m
#import "TFLTensorFlowLite.h"

@implementation Judge
- (instancetype)initWithPath:(NSString *)path {
    self = [super init];
    _interpreter = [[TFLInterpreter alloc] initWithModelPath:path error:nil];
    return self;
}
- (void)run {
    [self.interpreter invokeWithError:nil];
}
@end
```

```objc good path=App/Judge.mm
@import TFLTensorFlowLite;

@interface Judge ()
@property(nonatomic, strong) TFLInterpreter *interpreter;
@end

@implementation Judge
- (void)open:(NSString *)path {
    self.interpreter = [[TFLInterpreter alloc] initWithModelPath:path error:nil];
    [self.interpreter allocateTensorsWithError:nil];
}
- (void)run {
    [_interpreter invokeWithError:nil];
}
@end
```

References: `Interpreter.swift` of TensorFlow Lite (https://github.com/tensorflow/tensorflow/tree/v2.16.1/tensorflow/lite/swift/Sources).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.apple import TFLITE
from deplint.code.source import SourceFile


@rule(
    "DPL762",
    severity="error",
    leaves=["M.4.4"],
    see=["https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/swift/Sources/Interpreter.swift"],
)
def tensors_not_allocated(file: SourceFile) -> Iterator[Finding]:
    if not file.apple or not file.mentions(TFLITE) or file.mentions(r"\ballocateTensors(?:\s*\(|WithError\b)"):
        return
    thrown = "throw allocateTensorsRequired" if file.language == "swift" else "fail ('Failed to invoke the interpreter.')"
    for call in file.calls("Interpreter", "TensorFlowLite.Interpreter"):
        used = {use.method for use in call.uses}
        if used & {"invoke", "copy"} and not call.escapes:
            yield Finding(
                call,
                f"nothing allocates this interpreter's tensors: copy and invoke {thrown}",
                help="call allocateTensors() (allocateTensorsWithError:) first",
            )
