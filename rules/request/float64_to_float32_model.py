"""A float64 array fed to a model that takes float32.

NumPy computes in float64: ``np.array([0.5])``, ``image / 255.0`` of 8-bit pixels, a scaler's output. ONNX Runtime and
the TFLite interpreter do not convert: ``Unexpected input data type. Actual: (tensor(double)), expected:
(tensor(float))``, ``Cannot set tensor: Got value of type FLOAT64 but expected type FLOAT32``.

```python bad
import numpy as np
import onnxruntime as ort
from PIL import Image

session = ort.InferenceSession("net.onnx")
pixels = np.array(Image.open("cat.png")) / 255.0
session.run(None, {"input": pixels[np.newaxis]})  # <-
```

```python good
import numpy as np
import onnxruntime as ort
from PIL import Image

session = ort.InferenceSession("net.onnx")
pixels = (np.array(Image.open("cat.png")) / 255.0).astype(np.float32)
session.run(None, {"input": pixels[np.newaxis]})
session.run(None, {"input": np.asarray(Image.open("cat.png"), dtype=np.float32) / 255.0})
session.run(None, {"input": [[0.5, 0.25]]})
```

```python bad
import numpy as np
import tensorflow as tf

interpreter = tf.lite.Interpreter("net.tflite")
interpreter.allocate_tensors()
details = interpreter.get_input_details()
interpreter.set_tensor(details[0]["index"], np.random.rand(1, 28, 28))  # <-
```

Where the dtype is the model's own or is not known, nothing is said. Keras converts what it is given.

```python good
import numpy as np
import tensorflow as tf

interpreter = tf.lite.Interpreter("net.tflite")
details = interpreter.get_input_details()
image = np.random.rand(1, 28, 28).astype(details[0]["dtype"])
interpreter.set_tensor(details[0]["index"], image)
interpreter.set_tensor(details[0]["index"], load_image())

model = tf.keras.models.load_model("net.keras")
model.predict(np.random.rand(1, 28, 28))
```

A model that does take float64 is fine, as this one does.

```python good path=serve.py
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("scores.onnx")
session.run(None, {"x": np.array([[0.5, 1.5]])})
```

```graph + path=scores.onnx
model onnx ir=8 opset=17
graph main
  input x float64[n,2]
  op Identity (x) -> (y)
  output y float64[n,2]
```

References: checked with onnxruntime 1.32 and ai-edge-litert 2.3 (`tests/claims/test_requests.py`, `test_tflite_runtime.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.loaded import model_of
from deplint.code.python import PythonFile
from deplint.code.values import Truth

SESSION = "onnxruntime.InferenceSession()"
INTERPRETER = "{tensorflow.lite,tflite_runtime.interpreter,ai_edge_litert.interpreter}.Interpreter()"
IMAGE = "{PIL.Image.**,cv2.imread}()"
FLOATS = "numpy.random.{rand,randn,random,random_sample,uniform,normal,standard_normal}()"
BLANK = "numpy.{zeros,ones,empty,linspace}()"
WRAPPERS = "numpy.{expand_dims,squeeze,transpose,reshape,stack,concatenate,ascontiguousarray,moveaxis,flip,swapaxes,repeat,tile}()"
SAME = "cv2.{resize,cvtColor,flip,rotate}()"
"""Functions that keep the dtype of the image they are given first."""
COMPUTED = "<operation>."
"""Before the methods of what arithmetic gave."""
KEEPS = ("reshape", "transpose", "squeeze", "copy", "flatten", "ravel")
DEPTH = 8


@rule(
    "DPL602",
    severity="error",
    leaves=["S.6.3", "M.6.3"],
    see=["https://onnxruntime.ai/docs/api/python/api_summary.html#data-inputs-and-outputs"],
)
def float64_to_float32_model(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(SESSION + ".run"):
        for name, value in call.argument("input_feed", 1).entries or ():
            if dtype(value) == "float64" and _takes(project, call, name.text) in ("float32", ""):
                yield _finding(call, "session.run raises InvalidArgument: Unexpected input data type", project)
                break
    for call in file.calls(INTERPRETER + ".set_tensor"):
        if dtype(call.argument("value", 1)) == "float64" and _takes(project, call, None) in ("float32", ""):
            yield _finding(call, "set_tensor raises ValueError: Got value of type FLOAT64", project)


def _finding(call: Call, consequence: str, project: Project) -> Finding:
    return Finding(
        call,
        f"a float64 array is fed where the model takes float32: {consequence}",
        help="convert it: array.astype(np.float32)",
    )


def _takes(project: Project, call: Call, name: str | None) -> str:
    """The dtype of the model's input of that name (or its only input) where the model is in the project; else empty."""
    model = model_of(call.receiver, project)
    if model is None:
        return ""
    inputs = [t for t in model.inputs if t.name == name] or (model.inputs if len(model.inputs) == 1 else [])
    return inputs[0].dtype if len(inputs) == 1 else "?"


def dtype(value: Value, depth: int = 0) -> str:
    """The NumPy dtype an array certainly has, as NumPy's promotion rules give it (NumPy 2, also 1 for these); else empty."""
    if depth > DEPTH:
        return ""
    known = value.python()
    if isinstance(known, bool):
        return ""
    if isinstance(known, float):
        return "python-float"
    if isinstance(known, int):
        return "python-int"
    if (operation := value.operation) is not None:
        if operation[0] == "[]":
            return dtype(operation[1], depth + 1)
        return _arithmetic(operation[0], dtype(operation[1], depth + 1), dtype(operation[2], depth + 1))
    made = value.origin
    if made is None or not (value.certain or made.name.startswith(COMPUTED)):
        return ""
    method = made.name.rpartition(".")[2]
    given = made.argument("dtype", 1 if method in ("array", "asarray", "zeros", "ones", "empty", "asanyarray") else None)
    if method == "astype":
        return _named(made.argument("dtype", 0))
    if not given.missing and given.python() is not None:
        return _named(given)
    if value.is_("numpy.{array,asarray,asanyarray}()") is Truth.yes:
        return _of_elements(made.argument("object", 0), depth)
    if value.is_(IMAGE) is Truth.yes:
        # Other flags read pictures of other depths as they are.
        flags = made.argument("flags", 1)
        plain = flags.missing or flags.python() in (0, 1, "cv2.IMREAD_COLOR", "cv2.IMREAD_GRAYSCALE")
        return "uint8" if plain and value.is_("cv2.imread()") is Truth.yes else ""
    if value.is_(FLOATS, BLANK) is Truth.yes:
        return "float64" if not made.open else ""
    if value.is_(WRAPPERS) is Truth.yes:
        first = made.argument("a", 0)
        kinds = {dtype(item, depth + 1) for item in first.items} if first.items else {dtype(first, depth + 1)}
        return kinds.pop() if len(kinds) == 1 else ""
    if value.is_(SAME) is Truth.yes:
        return dtype(made.argument("src", 0), depth + 1)
    if method in KEEPS:
        return dtype(made.receiver, depth + 1)
    return ""


def _of_elements(source: Value, depth: int) -> str:
    if source.is_(IMAGE, "{PIL.Image.**,**.load_img}()") is Truth.yes:
        return "uint8"
    if (inner := dtype(source, depth + 1)) and not inner.startswith("python"):
        return inner
    known = source.python()
    if isinstance(known, (list, tuple)):
        flat = list(known)
        while flat and isinstance(flat[0], (list, tuple)):
            flat = [item for row in flat if isinstance(row, (list, tuple)) for item in row]
        if flat and all(isinstance(item, (int, float)) for item in flat) and any(isinstance(item, float) for item in flat):
            return "float64"
    return ""


def _named(value: Value) -> str:
    text = value.text or value.name
    if text in ("float", "numpy.float64", "numpy.double", "float64", "d", "f8"):
        return "float64"
    return text.rpartition(".")[2] if text and value.certain else ""


def _arithmetic(operator: str, left: str, right: str) -> str:
    if "float64" in (left, right):
        other = left if right == "float64" else right
        return "float64" if other else ""
    kinds = {left, right}
    if kinds == {"uint8", "python-float"} or (kinds == {"uint8", "python-int"} and operator == "/"):
        return "float64"
    if kinds <= {"float32", "python-float", "python-int"} and "float32" in kinds:
        return "float32"
    return ""
