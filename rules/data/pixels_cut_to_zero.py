"""Pixels that are scaled to 0 to 1 and then made integers.

`astype(np.uint8)` cuts off what is behind the point: of pixels divided by 255 all but the brightest become 0. A quantized model that takes
uint8 wants them as they are in the file, one that takes int8 wants ``pixels / scale + zero_point``.

```python bad path=run.py
import numpy as np
import tflite_runtime.interpreter as tflite
from prep import load

interpreter = tflite.Interpreter("pose_quant.tflite")
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], load("a.jpg").astype(np.uint8))  # <-
interpreter.invoke()
```

```python + path=prep.py
import cv2
import numpy as np

def load(path):
    image = cv2.resize(cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB), (192, 192))
    image = image / 255.0
    return np.expand_dims(image, 0)
```

```python bad
import numpy as np
import onnxruntime as ort
from PIL import Image

session = ort.InferenceSession("net.onnx")
picture = np.asarray(Image.open("a.png").convert("RGB").resize((64, 64)), dtype=np.float32) / 127.5 - 1
session.run(None, {"x": np.expand_dims(picture.astype("int8"), 0)})  # <-
```

```python good
import cv2
import numpy as np
import tflite_runtime.interpreter as tflite

interpreter = tflite.Interpreter("pose_quant.tflite")
index = interpreter.get_input_details()[0]["index"]
scale, zero = interpreter.get_input_details()[0]["quantization"]
image = cv2.resize(cv2.imread("a.jpg"), (192, 192))
interpreter.set_tensor(index, image[None].astype(np.uint8))
interpreter.set_tensor(index, (image[None] / 255.0 / scale + zero).astype(np.uint8))
interpreter.set_tensor(index, (image[None] / 255.0 * 255).astype(np.uint8))
interpreter.set_tensor(index, (image[None] / 255.0).astype(np.float32))
mask = (cv2.imread("mask.png") / 255).astype(np.uint8)
```

References: `numpy.ndarray.astype` truncates; executed with NumPy 2.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.library import LITE
from deplint.code.pictures import extent, picture, span
from deplint.code.python import PythonFile

WHOLE = ("uint8", "int8")
WIDEST = 6.0
"""How far scaled values reach at most: -3 to 3 after the mean and deviation of ImageNet."""


@rule(
    "DPL972",
    severity="error",
    leaves=["M.6.5", "S.6.3", "M.6.3"],
    see=[
        "https://ai.google.dev/edge/litert/models/quantization_spec",
        "https://numpy.org/doc/stable/reference/generated/numpy.ndarray.astype.html",
    ],
)
def pixels_cut_to_zero(file: PythonFile) -> Iterator[Finding]:
    for call, given in _fed(file):
        cast = _cast(given)
        seen = picture(cast.receiver) if cast is not None and not call.guarded else None
        if cast is not None and seen is not None and seen.scaled and not seen.pil:
            low, high = extent(seen)
            if high - low <= WIDEST:
                yield Finding(
                    call,
                    f"pixels are scaled to {span(seen)} and then made integers: next to nothing is left of the picture",
                    help="give a model of uint8 the pixels as they are, one of int8 pixels / scale + zero_point",
                )


def _fed(file: PythonFile) -> Iterator[tuple[Call, Value]]:
    for call in file.calls(LITE + "().set_tensor"):
        yield call, call.argument("value", 1)
    for call in file.calls("onnxruntime.InferenceSession().run"):
        yield from ((call, value) for _, value in call.argument("input_feed", 1).entries or ())


def _cast(value: Value, depth: int = 0) -> Call | None:
    """The call that makes the pixels integers on the way to what the model is given, if nothing is computed after it."""
    made = value.origin
    if made is None or depth > 6:
        return None
    method = made.name.rpartition(".")[2]
    if method == "astype":
        kind = str(made.argument("dtype", 0).python()).removeprefix("numpy.")
        return made if kind in WHOLE else None
    if method in ("expand_dims", "ascontiguousarray", "array", "asarray") and made.name.startswith("numpy.") and made.arguments:
        return _cast(made.arguments[0], depth + 1)
    return _cast(made.receiver, depth + 1) if method in ("reshape", "transpose", "copy") else None
