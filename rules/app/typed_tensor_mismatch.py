"""C++ that takes a tensor of a TensorFlow Lite model for another type than it has.

`typed_tensor<T>`, `typed_input_tensor<T>` and `typed_output_tensor<T>` give a null pointer where the tensor is not of type T: the first
value that is written or read there ends the app.

```cpp bad path=src/main.cc
#include "tensorflow/lite/interpreter.h"

int main() {
  auto model = tflite::FlatBufferModel::BuildFromFile("net.tflite");
  int input = interpreter->inputs()[0];
  uint8_t* in = interpreter->typed_tensor<uint8_t>(input);  // <-
  interpreter->Invoke();
  float* out = interpreter->typed_output_tensor<float>(0);
}
```

```graph + path=net.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

Code for both kinds of models asks the tensor first.

```cpp good path=src/main.cc
#include "tensorflow/lite/interpreter.h"

int main() {
  auto model = tflite::FlatBufferModel::BuildFromFile("net.tflite");
  int input = interpreter->inputs()[0];
  if (interpreter->tensor(input)->type == kTfLiteUInt8) {
    fill(interpreter->typed_tensor<uint8_t>(input));
  } else {
    fill(interpreter->typed_tensor<float>(input));
  }
}
```

```graph + path=net.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

References: TensorFlow, `interpreter.h`; https://stackoverflow.com/questions/50328346
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.settings.native import NativeCode


@rule(
    "DPL741",
    severity="error",
    leaves=["M.4.4", "M.6.3"],
    see=[
        "https://stackoverflow.com/questions/50328346",
        "https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/core/interpreter.h",
    ],
)
def typed_tensor_mismatch(code: NativeCode, project: Project) -> Iterator[Finding]:
    names = {word.text for word in code.models if word.text}
    if len(names) != 1 or code.checks:
        return
    file = project.resolve(names.pop(), near=code)
    models = project.facts(file, Model) if file is not None else []
    for each in code.tensors if len(models) == 1 else ():
        tensors = models[0].inputs if each.side == "input" else models[0].outputs
        dtype = tensors[each.position].dtype if each.position < len(tensors) else ""
        if dtype and dtype != each.dtype:
            yield Finding(
                each.place,
                f"{each.side} {each.position} of {models[0].path} is {dtype}, and taken for {each.written}: the pointer is null",
                help=f"take it for what it is, or convert the model with {each.dtype} inputs and outputs",
            )
