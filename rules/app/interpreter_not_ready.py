"""TensorFlow Lite's C++ interpreter run before its tensors have memory.

A new interpreter, and one whose input was resized, has to allocate its tensors. `Invoke` otherwise returns an error that is easily
missed (``Invoke called on model that is not ready.``), and pointers to the tensors are null or those of before.

```cpp bad path=src/main.cc
#include "tensorflow/lite/interpreter.h"

float judge(const tflite::FlatBufferModel& model, float x) {
    tflite::ops::builtin::BuiltinOpResolver resolver;
    std::unique_ptr<tflite::Interpreter> interpreter;
    tflite::InterpreterBuilder(model, resolver)(&interpreter);
    interpreter->typed_input_tensor<float>(0)[0] = x;
    interpreter->Invoke();  // <-
    return interpreter->typed_output_tensor<float>(0)[0];
}
```

A new shape is a new plan of the memory.

```cpp bad path=src/main.cc
#include "tensorflow/lite/interpreter.h"

void judge(tflite::Interpreter* interpreter, int batch) {
    interpreter->AllocateTensors();
    interpreter->ResizeInputTensor(interpreter->inputs()[0], {batch, 224, 224, 3});
    interpreter->Invoke();  // <-
}
```

```cpp good path=src/main.cc
#include "tensorflow/lite/interpreter.h"

void judge(tflite::Interpreter* interpreter, int batch) {
    interpreter->AllocateTensors();
    interpreter->ResizeInputTensor(interpreter->inputs()[0], {batch, 224, 224, 3});
    if (interpreter->AllocateTensors() != kTfLiteOk) {
        return;
    }
    interpreter->Invoke();
    interpreter->ResizeInputTensor(interpreter->inputs()[0], {1, 224, 224, 3});
    prepare(interpreter);
    interpreter->Invoke();
}

void run(tflite::Interpreter* given) {
    given->Invoke();
}
```

References: run with the interpreter of TensorFlow 2.21 (a resize to the size it has changes nothing); `Subgraph::Invoke` and
`ResizeInputTensor` in tensorflow/lite/core/subgraph.cc of TensorFlow 2.16.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

ALLOCATES = r"\bAllocateTensors\b|\bModifyGraphWithDelegate\b|\bPrepareForInference\b"

TESTS = re.compile(r"(?i)(?:^|[/_.-])(?:tests?|benchmark\w*)(?:[/_.-]|$)")


@rule(
    "DPL695",
    severity="error",
    leaves=["M.4.4"],
    see=["https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/core/subgraph.cc"],
)
def interpreter_not_ready(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in ("cpp", "objc") or not file.mentions(r"\btflite::") or not file.mentions(r"\bInvoke\s*\("):
        return
    if TESTS.search(file.path):
        return
    for run in file.calls("**.Invoke"):
        why = ""
        if file.mentions(r"\bInterpreterBuilder\b") and not _allocated(file, project):
            why = "nothing allocates the tensors"
        elif _resized(run):
            why = "the input was resized and nothing allocates the tensors after that; where its size changes"
        if why:
            yield Finding(
                run,
                f"{why}: 'Invoke called on model that is not ready'",
                help="call interpreter->AllocateTensors() first, and look at what it returns",
            )


def _allocated(file: SourceFile, project: Project) -> bool:
    """Whether code near the file allocates tensors, so that this interpreter's may be."""
    if file.mentions(ALLOCATES):
        return True
    area = project.area(file)
    near = (other for other in project.all(SourceFile) if other.language in ("cpp", "objc") and project.area(other) == area)
    return any(other.mentions(ALLOCATES) for other in near)


def _resized(run: Call) -> bool:
    """Whether an input is resized just before, and nothing that may allocate the tensors comes between."""
    if run.receiver is None or run.function is None:
        return False
    on = run.receiver.text

    def same(call: Call) -> bool:
        return call.receiver is not None and call.receiver.text == on

    before = [call for call in run.file.calls() if call.function is run.function and _line(call) < _line(run)]
    last = next((n for n in range(len(before) - 1, -1, -1) if before[n].method == "ResizeInputTensor" and same(before[n])), -1)
    after = [call for call in before if last >= 0 and _line(call) > _line(before[last])]
    helped = any(call.method == "AllocateTensors" or any(on in argument.value.text for argument in call.arguments) for call in after)
    return last >= 0 and not helped and not run.in_loop and not before[last].in_loop and run.file.mentions(r"\bAllocateTensors\b")


def _line(call: Call) -> int:
    return call.span.line
