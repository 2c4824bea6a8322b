"""A tensor of TensorFlow Lite taken by its number in the graph where an input or output is meant.

`typed_tensor`, `tensor` and `ResizeInputTensor` of the C++ interpreter count all tensors of the graph, in the order the converter wrote
them. Tensor 0 is an input in some models only; in others it is a weight or something in between, and what is written into it changes
nothing, or the wrong thing.

```cpp bad path=src/main.cc
#include "tensorflow/lite/interpreter.h"

void judge(tflite::Interpreter* interpreter, float x) {
    interpreter->ResizeInputTensor(0, {1, 2});  // <-
    interpreter->AllocateTensors();
    interpreter->typed_tensor<float>(0)[0] = x;  // <-
    interpreter->Invoke();
}
```

```cpp good path=src/main.cc
#include "tensorflow/lite/interpreter.h"

void judge(tflite::Interpreter* interpreter, const Other& other, float x) {
    int input = interpreter->inputs()[0];
    interpreter->ResizeInputTensor(input, {1, 2});
    interpreter->AllocateTensors();
    interpreter->typed_tensor<float>(input)[0] = x;
    interpreter->typed_input_tensor<float>(0)[1] = x;
    other.tensor(0);
    for (int i = 0; i < interpreter->tensors_size(); i++) {
        print(interpreter->tensor(i));
    }
    interpreter->Invoke();
}
```

References: https://stackoverflow.com/questions/50150701; `interpreter.h` of TensorFlow 2.16.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Literal

MEANT = {
    "typed_tensor": "typed_input_tensor<T>(0)",
    "tensor": "input_tensor(0)",
    "ResizeInputTensor": "ResizeInputTensor(inputs()[0], ...)",
}

BUILT = r"\bAddTensors\s*\(|\bSetInputs\s*\("
"""Code that makes the graph itself knows its numbers."""

TESTS = re.compile(r"(?i)(?:^|[/_.-])(?:tests?|benchmark\w*)(?:[/_.-]|$)")


@rule(
    "DPL694",
    severity="warning",
    leaves=["M.4.4", "M.6.3"],
    see=[
        "https://stackoverflow.com/questions/50150701",
        "https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/core/interpreter.h",
    ],
)
def tensor_by_number(file: SourceFile) -> Iterator[Finding]:
    if file.language not in ("cpp", "objc") or not file.mentions(r"\btflite::") or file.mentions(BUILT) or TESTS.search(file.path):
        return
    for call in file.calls(*(f"**.{method}" for method in MEANT)):
        number = call.argument(None, 0)
        if isinstance(number, Literal) and type(number.constant) is int and _interpreter(call):
            yield Finding(
                call,
                f"{call.method} counts all tensors of the graph: {number.constant} need not be an input or output",
                help=f"interpreter->{MEANT[call.method]}, or the number that inputs() or outputs() gives",
            )


def _interpreter(call: Call) -> bool:
    """Whether this is called on an interpreter."""
    on = call.receiver
    return on is not None and re.search(r"(?i)interpreter", f"{on.text} {on.type}") is not None
