"""Memory that goes while a runtime still reads it.

A `tflite::Interpreter` keeps pointers into its `FlatBufferModel`, a `FlatBufferModel` that is made of a buffer keeps the buffer's
address, and ``torch::from_blob`` makes a tensor of memory it does not own. When the function ends or the asset is closed, what they point
to is gone: crashes now and then, or wrong numbers.

```cpp bad path=src/engine.cc
#include "tensorflow/lite/model.h"

bool Engine::Init(const char* path) {
  auto model = tflite::FlatBufferModel::BuildFromFile(path); // <-
  tflite::ops::builtin::BuiltinOpResolver resolver;
  tflite::InterpreterBuilder(*model, resolver)(&interpreter_);
  return interpreter_->AllocateTensors() == kTfLiteOk;
}
```

Handed out:

```cpp bad path=src/engine.cc
#include "tensorflow/lite/model.h"

std::unique_ptr<tflite::Interpreter> make(const std::string& path) {
  std::unique_ptr<tflite::FlatBufferModel> model = tflite::FlatBufferModel::BuildFromFile(path.c_str()); // <-
  tflite::ops::builtin::BuiltinOpResolver resolver;
  std::unique_ptr<tflite::Interpreter> interpreter;
  tflite::InterpreterBuilder builder(*model, resolver);
  builder(&interpreter);
  return interpreter;
}
```

```cpp bad path=jni/engine.cpp
#include "tensorflow/lite/model.h"

static std::unique_ptr<tflite::FlatBufferModel> model;

void load(AAssetManager* mgr) {
  AAsset* asset = AAssetManager_open(mgr, "m.tflite", AASSET_MODE_BUFFER);
  const void* data = AAsset_getBuffer(asset);
  model = tflite::FlatBufferModel::BuildFromBuffer((const char*) data, AAsset_getLength(asset));
  AAsset_close(asset); // <-
}
```

```cpp bad path=src/tensor.cpp
#include <torch/script.h>

torch::Tensor tensor(const uint8_t* rgba, int w, int h) {
  std::vector<float> chw(3 * w * h);
  fill(chw, rgba);
  return torch::from_blob(chw.data(), {1, 3, h, w}, torch::kFloat); // <-
}
```

A model that lives as long, a copy, and what is used only here are right.

```cpp good path=src/engine.cc
#include "tensorflow/lite/model.h"

bool Engine::Init(const char* path) {
  model_ = tflite::FlatBufferModel::BuildFromFile(path);
  tflite::InterpreterBuilder(*model_, resolver_)(&interpreter_);
  return true;
}

bool Engine::Later(const char* path) {
  auto model = tflite::FlatBufferModel::BuildFromFile(path);
  tflite::InterpreterBuilder(*model, resolver_)(&interpreter_);
  model_ = std::move(model);
  return true;
}

bool Engine::Once(const char* path) {
  auto model = tflite::FlatBufferModel::BuildFromFile(path);
  tflite::InterpreterBuilder(*model, resolver_)(&interpreter_);
  interpreter_->Invoke();
  interpreter_.reset();
  return true;
}

int main(int argc, char** argv) {
  auto model = tflite::FlatBufferModel::BuildFromFile(argv[1]);
  std::unique_ptr<tflite::Interpreter> interpreter;
  tflite::InterpreterBuilder(*model, resolver)(&interpreter);
  return interpreter->Invoke();
}

torch::Tensor tensor(const uint8_t* rgba, float* given, int w, int h) {
  std::vector<float> chw(3 * w * h);
  static std::vector<float> kept(3 * w * h);
  auto now = net.forward({torch::from_blob(chw.data(), {1, 3, h, w})}).toTensor();
  if (w > h) return torch::from_blob(given, {1, 3, h, w});
  if (w < h) return torch::from_blob(kept.data(), {1, 3, h, w});
  return torch::from_blob(chw.data(), {1, 3, h, w}, torch::kFloat).clone();
}

void load(AAssetManager* mgr) {
  AAsset* asset = AAssetManager_open(mgr, "m.tflite", AASSET_MODE_BUFFER);
  std::vector<char> copy(AAsset_getLength(asset));
  memcpy(copy.data(), AAsset_getBuffer(asset), copy.size());
  AAsset_close(asset);
}
```

References: `interpreter_builder.h` (the model lives at least as long as the interpreter) and `model_builder_base.h` of TensorFlow Lite; the
NDK on `AAsset_close`; PyTorch's `variable_factories.h` on `from_blob` ("without taking ownership").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Declare, Function, Member, Name, Node, Return
from deplint.code.source_scopes import Variable

_VIEWS = {"permute", "unsqueeze", "squeeze", "view", "transpose"}


@rule(
    "DPL319",
    severity="error",
    leaves=["M.4.3", "M.4.5"],
    see=[
        "https://github.com/google-ai-edge/LiteRT/blob/f67457790c9c2ab67347d6fe53270e8d3df20868/tflite/core/interpreter_builder.h",
        "https://github.com/google-ai-edge/LiteRT/blob/f67457790c9c2ab67347d6fe53270e8d3df20868/tflite/converter/core/model_builder_base.h",
        "https://developer.android.com/ndk/reference/group/asset",
    ],
)
def model_memory_gone(file: SourceFile) -> Iterator[Finding]:
    if file.language not in ("cpp", "objc"):
        return
    if file.mentions(r"\bInterpreterBuilder\b"):
        yield from _models(file)
    if file.mentions(r"\bAAsset_getBuffer\b") and file.mentions(r"\bBuildFromBuffer\b"):
        yield from _assets(file)
    if file.mentions(r"\bfrom_blob\b"):
        yield from _blobs(file)


def _models(file: SourceFile) -> Iterator[Finding]:
    """Interpreters that outlive the model they are made of."""
    for made in file.calls("**.FlatBufferModel.{BuildFromFile,BuildFromBuffer,VerifyAndBuildFromFile,VerifyAndBuildFromBuffer}"):
        function = made.function
        model = made.parent.target if isinstance(made.parent, Declare) else None
        if function is None or not isinstance(model, Name) or function.id == "main" or _static(made):
            continue
        name, body = re.escape(model.id), function.text
        if re.search(rf"\bmove\(\s*{name}\b|\b{name}\s*\.\s*(?:release|swap)\b|=\s*{name}\s*;|\breturn\b[^;]*\b{name}\b(?!\s*->)", body):
            continue
        filled = re.search(rf"InterpreterBuilder\b[^;(]*\(\s*\*\s*{name}\b[^;]*?\)\s*\(\s*&\s*([\w.>-]+)", body)
        builder = re.search(rf"InterpreterBuilder\s+(\w+)\s*[({{]\s*\*\s*{name}\b", body)
        if filled is None and builder is not None:
            filled = re.search(rf"\b{builder[1]}\s*\(\s*&\s*([\w.>-]+)", body)
        if filled is not None and _outlives(filled[1], function):
            yield Finding(
                made,
                f"{model.id} ends with {function.id or 'this function'}, and {filled[1]} that is made of it does not: it points into freed "
                "memory",
                help="keep the FlatBufferModel as long as the interpreter, as a member declared before it",
            )


def _outlives(interpreter: str, function: Function) -> bool:
    """Whether an interpreter is there when the function is over: a field or global, a parameter, or what it returns."""
    local = [v for v in function.file.variables if v.name == interpreter and v.function is function]
    if local:
        return re.search(rf"\breturn\s+(?:std::move\(\s*)?{re.escape(interpreter)}\s*\)?\s*;", function.text) is not None
    ended = rf"\b{re.escape(interpreter)}\s*(?:\.\s*reset\(\s*\)|=\s*nullptr)"
    return re.search(ended, function.text.rpartition("InterpreterBuilder")[2]) is None


def _static(node: Node) -> bool:
    return re.search(r"\bstatic\b", node.file.lines[node.span.line - 1]) is not None


def _assets(file: SourceFile) -> Iterator[Finding]:
    """Assets that are closed while a model reads their buffer."""
    for buffer in file.calls("AAsset_getBuffer"):
        asset = buffer.argument(None, 0)
        built = next(
            (c for c in file.calls("**.BuildFromBuffer") if c.function is buffer.function and _of(c.argument(None, 0), buffer)), None
        )
        if built is None or asset is None or (isinstance(built.parent, Declare) and not _static(built)):
            continue
        for close in file.calls("AAsset_close"):
            closed = close.argument(None, 0)
            if close.function is buffer.function and closed is not None and closed.text == asset.text and close.span.line > built.span.line:
                yield Finding(
                    close,
                    "this frees the buffer that the model is made of, and the model does not copy it: what it reads later is gone",
                    help="copy the asset into memory that lives as long as the model, or close the asset with it",
                )
                break


def _of(node: Node | None, buffer: Call) -> bool:
    """Whether an expression is what a call gives, perhaps cast and kept in a variable."""
    for _ in range(4):
        if node is None:
            return False
        if node is buffer or (buffer in _within(node)):
            return True
        variable = node.file.meaning.variable(node) if isinstance(node, Name) else None
        inner = [child for child in _within(node) if isinstance(child, Name)] if variable is None else []
        sources = variable.sources if variable is not None else []
        node = sources[0].source if len(sources) == 1 else inner[-1] if inner else None
    return False


def _within(node: Node) -> list[Node]:
    found: list[Node] = []
    todo = list(node.children)
    while todo and len(found) < 40:
        each = todo.pop()
        found.append(each)
        todo += each.children
    return found


def _blobs(file: SourceFile) -> Iterator[Finding]:
    """Tensors that are returned and point into a local container."""
    for call in file.calls("**.from_blob"):
        data = call.argument(None, 0)
        pointer = data.receiver if isinstance(data, Call) and data.method == "data" else None
        variable = file.meaning.variable(pointer) if isinstance(pointer, Name) else None
        if variable is None or not isinstance(pointer, Name) or not _vector(variable, call):
            continue
        outer: Node = call
        while isinstance(outer.parent, Member) and outer.parent.attribute in _VIEWS and isinstance(outer.parent.parent, Call):
            outer = outer.parent.parent
        if isinstance(outer.parent, Return):
            yield Finding(
                call,
                f"from_blob copies nothing, and {pointer.id} ends with this function: the tensor points into freed memory",
                help="return a copy: torch::from_blob(...).clone()",
            )


def _vector(variable: Variable, call: Call) -> bool:
    """Whether a variable is a vector that ends with the function of a call."""
    if variable.function is not call.function or variable.node is None:
        return False
    line = variable.node.file.lines[variable.node.span.line - 1]
    return re.search(rf"\b(?:std::)?vector\s*<[^;&*]*>\s+{re.escape(variable.name)}\b", line) is not None and "static" not in line
