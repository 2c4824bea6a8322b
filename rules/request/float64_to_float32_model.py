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

What is subtracted from a float64 array need not be known.

```python bad path=serve.py
import onnxruntime as ort
from features import Features

features = Features("scaler.json")
session = ort.InferenceSession("net.onnx")

def forecast(records):
    return session.run(None, {"window": features.window(records)})  # <-
```

```python + path=features.py
import json
import numpy as np
import pandas as pd

class Features:
    def __init__(self, path):
        with open(path) as file:
            scaler = json.load(file)
        self.mean = np.array([scaler["mean"][column] for column in ("load", "temperature")])
        self.scale = np.array([scaler["scale"][column] for column in ("load", "temperature")])

    def window(self, records):
        frame = pd.DataFrame.from_records(records)
        values = (frame[["load", "temperature"]].to_numpy(dtype=np.float64) - self.mean) / self.scale
        return values[np.newaxis, :, :]
```

```python good
import json
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("net.onnx")
mean = np.array(json.load(open("scaler.json"))["mean"])

def forecast(rows):
    window = np.array(rows, dtype="float64") - mean
    window = window.astype(np.float32)
    single = np.array(rows, dtype=np.float32)
    single -= mean
    return session.run(None, {"window": window}), session.run(None, {"window": single})
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

What a model takes that the code builds itself in memory is not known.

```python good
import numpy as np
import onnxruntime as ort

def outputs_of(model, inputs):
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)

def test_einsum(build):
    x = np.random.randn(3, 4)
    outputs_of(build(x), {"x": x})
```

```python good path=test_double.py
import numpy as np

from helpers import Session

def test_double(convert):
    Session(convert(np.float64).SerializeToString()).run(None, {"x": np.random.randn(3, 4)})
```

```python + path=helpers.py
import onnxruntime

def Session(model):
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
```

So it is with every other dtype, and where the model is not in the project, but the code that exports it.

```python bad path=serve.py
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("encoder.onnx")

def encode(tokens):
    return session.run(None, {"ids": np.array([tokens], dtype=np.int32)})  # <-

def right(tokens):
    return session.run(None, {"ids": np.array([tokens], dtype=np.int64)})
```

```python + path=export.py
import torch
from net import Encoder

ids = torch.randint(0, 100, (1, 16), dtype=torch.int64)
torch.onnx.export(Encoder().eval(), ids, "encoder.onnx", input_names=["ids"], output_names=["y"], dynamic_axes={"ids": {0: "b", 1: "t"}})
```

So it is of a model that the project's code converted to float16, inputs and outputs included, as the converter does unless it is told
to keep them.

```python bad path=serve.py
import numpy as np
import onnxruntime as ort
from settings import HALF

session = ort.InferenceSession(str(HALF))
name = session.get_inputs()[0].name

def depth(pixels):
    return session.run(None, {name: np.asarray(pixels, dtype=np.float32)})  # <-
```

```python + path=settings.py
from pathlib import Path

HALF = Path("models/depth_fp16.onnx")
```

```python + path=shrink.py
import onnx
from onnxconverter_common import float16
from settings import HALF

onnx.save(float16.convert_float_to_float16(onnx.load("models/depth.onnx")), str(HALF))
```

```python good path=serve.py
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("models/depth_fp16.onnx")

def depth(name, pixels):
    return session.run(None, {name: np.asarray(pixels, dtype=np.float32)})
```

```python + path=shrink.py
import onnx
from onnxconverter_common import float16

onnx.save(float16.convert_float_to_float16(onnx.load("models/depth.onnx"), keep_io_types=True), "models/depth_fp16.onnx")
```

A converter that is told to take integers, or to make float16 of all, changes what a model is fed with.

```python bad path=serve.py
import numpy as np
import onnxruntime as ort
import tensorflow as tf
from PIL import Image

interpreter = tf.lite.Interpreter(model_path="flowers_int8.tflite")
interpreter.allocate_tensors()
given = interpreter.get_input_details()[0]
picture = Image.open("rose.jpg").convert("RGB").resize((224, 224))
interpreter.set_tensor(given["index"], np.asarray(picture, dtype=np.float32)[None] / 255.0)  # <-
interpreter.set_tensor(given["index"], np.asarray(picture, dtype=np.uint8)[None])

small = ort.InferenceSession("net_fp16.onnx")
small.run(None, {"x": np.zeros((1, 3, 64, 64), dtype=np.float32)})  # <-
```

```python + path=convert.py
import onnx
import tensorflow as tf
import torch
from net import Net
from onnxconverter_common import float16

converter = tf.lite.TFLiteConverter.from_saved_model("saved/flowers")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
converter.inference_input_type = tf.uint8
with open("flowers_int8.tflite", "wb") as file:
    file.write(converter.convert())

torch.onnx.export(Net().eval(), torch.randn(1, 3, 64, 64), "net.onnx", input_names=["x"], output_names=["y"])
onnx.save(float16.convert_float_to_float16(onnx.load("net.onnx")), "net_fp16.onnx")
```

References: checked with onnxruntime 1.32 and ai-edge-litert 2.3 (`tests/claims/test_requests.py`, `test_tflite_runtime.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.arrays import dtype
from deplint.code.exported import halved
from deplint.code.facts import Call
from deplint.code.library import LITE
from deplint.code.loaded import model_of
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile

COMPARED = frozenset(("float32", "float64", "float16", "int64", "int32", "uint8", "int8", "bool"))
SESSION = "onnxruntime.InferenceSession()"
INTERPRETER = LITE + "()"
MAKE = "tensorflow.{make_tensor_proto,compat.v1.make_tensor_proto}"
EXPORTS = re.compile(r"\.export\(|saved_model\.save\(|save_format=")
EXPORTED = ("{tensorflow.keras,keras,tf_keras}.**().export", "tensorflow.saved_model.save")
DOUBLE = re.compile(r"float64|double|set_floatx|TensorSpec|input_signature")


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
    for call in file.calls(SESSION + ".run"):
        for name, value in call.argument("input_feed", 1).entries or ():
            given, taken = dtype(value), _takes(project, call, name.text)
            if given in COMPARED and taken in COMPARED and given != taken and given != "float64":
                yield Finding(
                    call,
                    f"the array is {given}, and the model takes {taken}: session.run raises InvalidArgument, Unexpected input data type",
                    help=f"convert it: array.astype(np.{taken})",
                )
                break
            made = call.receiver.origin if given == "float32" and taken == "" else None
            half = halved(project, made.argument("path_or_bytes", 0).text, made) if made is not None else None
            if half is not None:
                yield Finding(
                    call,
                    f"the array is float32, and convert_float_to_float16 ({half.place.path}) made the model's inputs float16: "
                    "session.run raises InvalidArgument, Unexpected input data type",
                    help="convert with keep_io_types=True, or give it array.astype(np.float16)",
                )
                break
    for call in file.calls(INTERPRETER + ".set_tensor"):
        given, taken = dtype(call.argument("value", 1)), _takes(project, call, None)
        if given == "float64" and taken in ("float32", ""):
            yield _finding(call, "set_tensor raises ValueError: Got value of type FLOAT64", project)
        elif given in COMPARED and taken in COMPARED and given != taken and not call.guarded:
            yield Finding(
                call,
                f"the array is {given}, and the model takes {taken}: set_tensor raises ValueError, Got value of type {given.upper()}",
                help="quantize it as the input's scale and zero point say, and give it as " + f"np.{taken}",
            )

    for call in file.calls(MAKE):
        sent, plain = call.argument("values", 0), call.argument("dtype", 1).missing and not call.guarded and not call.open
        if plain and dtype(sent) == "float64" and _float32_served(call, project):
            yield _finding(call, "it goes out as DT_DOUBLE, which TensorFlow Serving refuses with INVALID_ARGUMENT", project)


def _float32_served(call: Call, project: Project) -> bool:
    """The project exports Keras models, whose inputs are float32 unless somebody says otherwise, and nobody does."""
    exporting = files_with(project, EXPORTS, project.area(call))
    return any(file.calls(*EXPORTED) for file in exporting) and not any(DOUBLE.search(file.text) for file in exporting)


def _finding(call: Call, consequence: str, project: Project) -> Finding:
    return Finding(
        call,
        f"a float64 array is fed where the model takes float32: {consequence}",
        help="convert it: array.astype(np.float32)",
    )


def _takes(project: Project, call: Call, name: str | None) -> str:
    """The dtype of the model's input of that name (or its only input) where the model is in the project; else empty."""
    model = model_of(call.receiver, project, written=True)
    if model is None:
        return "?" if _in_memory(call) else ""
    inputs = [t for t in model.inputs if t.name == name] or (model.inputs if len(model.inputs) == 1 else [])
    return inputs[0].dtype if len(inputs) == 1 else "?"


def _in_memory(call: Call) -> bool:
    """The session was made of bytes that other code wrote just before, or in another module of what only its callers know."""
    made = call.receiver.origin
    if made is not None and made.file is not call.file and made.argument("path_or_bytes", 0).text is None:
        return True
    given = made.node.args[0] if made is not None and made.node.args else None
    return isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr in ("SerializeToString", "getvalue")
