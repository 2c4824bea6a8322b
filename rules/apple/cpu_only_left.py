"""A Core ML model kept on the processor.

``computeUnits = .cpuOnly`` shuts the graphics chip and the Neural Engine out, on which most networks run many times faster and with less
power. It is set to find a fault, or because a converted model gives other numbers on them, and stays.

```swift bad path=App/Judge.swift
import CoreML

func open() throws -> Leaves {
    let configuration = MLModelConfiguration()
    configuration.computeUnits = .cpuOnly  // <-
    return try Leaves(configuration: configuration)
}
```

```objc bad path=App/Judge.m
#import <CoreML/CoreML.h>

@implementation Judge
- (Leaves *)open {
    MLModelConfiguration *configuration = [[MLModelConfiguration alloc] init];
    configuration.computeUnits = MLComputeUnitsCPUOnly;  // <-
    [configuration setComputeUnits:MLComputeUnitsCPUOnly];  // <-
    return [[Leaves alloc] initWithConfiguration:configuration error:nil];
}
@end
```

Where it is one of several choices, or somebody says why, it is meant.

```swift good path=App/Judge.swift
import CoreML

func open(_ inBackground: Bool) throws -> Leaves {
    let configuration = MLModelConfiguration()
    if inBackground {
        configuration.computeUnits = .cpuOnly
    }
    return try Leaves(configuration: configuration)
}
```

A reason may stand above it.

```swift good path=App/Judge.swift
import CoreML

func open() throws -> Leaves {
    let configuration = MLModelConfiguration()
    // The GPU gives NaN for this network.
    configuration.computeUnits = .cpuOnly
    return try Leaves(configuration: configuration)
}
```

References: https://developer.apple.com/documentation/coreml/mlcomputeunits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Block, Class, Function, Other

KEPT = (".cpuOnly", "MLComputeUnits.cpuOnly", "MLComputeUnitsCPUOnly")
SAID = re.compile(r"(?i)\b(?:cpu|gpu|ane|neural|background|nan|simulator|float16|fp16|accura\w*|precision|metal)\b")


@rule(
    "DPL767",
    severity="info",
    leaves=["M.7"],
    see=["https://developer.apple.com/documentation/coreml/mlcomputeunits"],
)
def cpu_only_left(file: SourceFile) -> Iterator[Finding]:
    if not file.apple or not file.mentions(r"\.cpuOnly\b|\bMLComputeUnitsCPUOnly\b") or re.search(r"(?i)test|benchmark", file.path):
        return
    chosen = list(file.assignments("**.computeUnits"))
    if any(assign.assigned is None or assign.assigned.text not in KEPT for assign in chosen):
        return
    for assign in chosen:
        line = assign.span.line
        said = any(SAID.search(c.text) and c.place.span and line - 4 <= c.place.span.line <= line for c in file.comments)
        if not said and not _conditional(assign) and "#if" not in "\n".join(file.lines[max(0, line - 6) : line]):
            yield Finding(
                assign,
                "this keeps the model on the processor: neither the GPU nor the Neural Engine runs it",
                help="leave computeUnits at .all, or say in a comment why not",
            )


def _conditional(assign: Assign) -> bool:
    for around in assign.ancestors:
        if isinstance(around, (Function, Class)):
            return False
        if (isinstance(around, Block) and around.text.startswith(("if", "case", "default"))) or (
            isinstance(around, Other) and around.kind.startswith("switch")
        ):
            return True
    return False
