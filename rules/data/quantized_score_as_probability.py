"""A score in integers, compared with a threshold between 0 and 1.

The output of a model with integer outputs counts steps of its `scale` from its `zero_point`: 0.6 is 26 where they are 1/256 and -128.
`get_tensor` gives the integers, and ``score > 0.6`` is then true from 1 on: a threshold of one half for int8, none at all for uint8.

```python bad
from tflite_runtime.interpreter import Interpreter

interpreter = Interpreter("smoke.tflite")
interpreter.allocate_tensors()
output = interpreter.get_output_details()[0]

def alarm():
    interpreter.invoke()
    score = interpreter.get_tensor(output["index"])[0][1]
    return score > 0.6  # <-
```

```graph + path=smoke.tflite
model tflite
graph main
  input x int8[1,96,96,3] quant(0.00392, -128)
  op SOFTMAX (x) -> (y)
  output y int8[1,2] quant(0.00390625, -128)
```

The threshold and the score may be in other places.

```python bad path=detector.py
from tflite_runtime.interpreter import Interpreter

class Detector:
    def __init__(self, threshold=0.6):
        self.threshold = threshold
        self.interpreter = Interpreter(model_path="smoke.tflite")
        self.interpreter.allocate_tensors()
        self.output = self.interpreter.get_output_details()[0]

    def probability(self):
        self.interpreter.invoke()
        scores = self.interpreter.get_tensor(self.output["index"])[0]
        return scores[1]

    def alarm(self):
        return bool(self.probability() > self.threshold)  # <-
```

```python + path=convert.py
import tensorflow as tf
from data import pictures

converter = tf.lite.TFLiteConverter.from_saved_model("smoke")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = pictures
converter.inference_output_type = tf.int8
open("smoke.tflite", "wb").write(converter.convert())
```

```python good
from tflite_runtime.interpreter import Interpreter

interpreter = Interpreter("smoke.tflite")
interpreter.allocate_tensors()
output = interpreter.get_output_details()[0]

def alarm():
    interpreter.invoke()
    raw = interpreter.get_tensor(output["index"])[0]
    scale, zero = output["quantization"]
    score = (float(raw[1]) - zero) * scale
    return score > 0.6 or raw[1] > 26
```

```graph + path=smoke.tflite
model tflite
graph main
  input x int8[1,96,96,3] quant(0.00392, -128)
  op SOFTMAX (x) -> (y)
  output y int8[1,2] quant(0.00390625, -128)
```

References: https://ai.google.dev/edge/litert/models/quantization_spec
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.classes import last_name
from deplint.code.facts import Call
from deplint.code.flow import follow
from deplint.code.library import LITE
from deplint.code.loaded import model_of
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile

KEEPS = frozenset({"item", "squeeze", "flatten", "ravel", "tolist", "max", "min", "copy", "reshape"})
WRAPS = frozenset({"float", "int", "squeeze", "array", "asarray", "max", "amax", "min"})
CONVERTER = "tensorflow.lite.TFLiteConverter.*()"
INTEGERS = ("int8", "uint8")


@rule(
    "DPL917",
    severity="error",
    leaves=["M.6.4", "S.6.4"],
    see=[
        "https://ai.google.dev/edge/litert/models/post_training_integer_quant",
    ],
)
def quantized_score_as_probability(file: PythonFile, project: Project) -> Iterator[Finding]:
    seen: set[int] = set()
    for call in file.calls(LITE + "().get_tensor"):
        if call.file is not file or id(call.node) in seen or call.guarded:
            continue
        seen.add(id(call.node))
        kind = _integers(call, project)
        for compared, threshold in _compared(call, file) if kind else ():
            yield Finding(
                file.place_of(compared),
                f"the model's output is {kind}, and its integers are compared with {threshold} as if they were probabilities",
                help='scale, zero = interpreter.get_output_details()[0]["quantization"]; score = (float(raw) - zero) * scale',
            )


def _integers(call: Call, project: Project) -> str:
    """The dtype of all outputs of the interpreter's model, if it is certainly one of integers that are scaled."""
    model = model_of(call.receiver, project)
    if model is not None:
        kinds = {tensor.dtype if tensor.quant is not None else "" for tensor in model.outputs}
        kind = kinds.pop() if len(kinds) == 1 else ""
        return kind if kind in INTEGERS else ""
    made = call.receiver.origin
    path = made.argument("model_path", 0).python(default=True) if made is not None else None
    if made is None or not isinstance(path, str) or project.resolve(path, made) is not None:
        return ""
    name = re.compile(rf"(?<![\w.-]){re.escape(posixpath.basename(path))}\b")
    kinds = set()
    for file in files_with(project, name, project.area(call)):
        for convert in file.calls(CONVERTER + ".convert"):
            sure = convert.receiver.certainly("inference_output_type")
            kinds.add(convert.receiver.value("inference_output_type").name.removeprefix("tensorflow.") if sure else "")
    kind = kinds.pop() if len(kinds) == 1 else ""
    return kind if kind in INTEGERS else ""


def _compared(call: Call, file: PythonFile) -> Iterator[tuple[ast.Compare, str]]:
    """Where what the call gives, as it is, is compared with a number between 0 and 1: in the function, or where that returns it to."""
    scope = call.functions[-1].node if call.functions else file.shape.tree
    returned = False
    for outer, _ in follow(call.node, scope, _same):
        if isinstance(outer, ast.Compare) and (threshold := _threshold(outer, file)):
            yield outer, threshold
        returned = returned or isinstance(outer, ast.Return)
    if returned and isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for node in ast.walk(file.shape.tree):
            if isinstance(node, ast.Call) and last_name(node.func) == scope.name:
                around = next((f for f in ast.walk(file.shape.tree) if isinstance(f, ast.FunctionDef) and _holds(f, node)), file.shape.tree)
                for outer, _ in follow(node, around, _same):
                    if isinstance(outer, ast.Compare) and (threshold := _threshold(outer, file)):
                        yield outer, threshold


def _holds(function: ast.FunctionDef, node: ast.AST) -> bool:
    return any(inner is node for inner in ast.walk(function))


def _same(outer: ast.AST, inner: ast.AST) -> bool:
    """The outer expression has the inner one's numbers."""
    if isinstance(outer, ast.Subscript):
        return outer.value is inner
    if isinstance(outer, ast.Attribute):
        return outer.attr in KEEPS
    if isinstance(outer, ast.Call):
        return inner is outer.func or last_name(outer.func) in WRAPS
    return False


def _threshold(compared: ast.Compare, file: PythonFile) -> str:
    """The number between 0 and 1, or the name that certainly stands for one, on a side of a comparison of two."""
    sides = [compared.left, *compared.comparators]
    if len(sides) != 2 or not isinstance(compared.ops[0], (ast.Gt, ast.GtE, ast.Lt, ast.LtE)):
        return ""
    for side in sides:
        if isinstance(side, ast.Constant) and isinstance(side.value, float) and 0 < side.value < 1:
            return str(side.value)
        name = last_name(side)
        values = re.findall(rf"\b{re.escape(name)}\s*(?::\s*float\s*)?=\s*([\d.]+)\b", file.text) if name else []
        if values and all(re.fullmatch(r"0?\.\d*[1-9]\d*", value) for value in values):
            return name
    return ""
