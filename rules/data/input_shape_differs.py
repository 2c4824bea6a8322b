"""An array of another shape than the model takes, most often without the batch dimension.

One picture is height, width and channels; a model takes a batch of them: ``expected shape=(None, 224, 224, 3), found
shape=(224, 224, 3)``, ``Invalid rank for input: x Got: 3 Expected: 4``, ``Cannot set tensor: Dimension mismatch. Got 3 but
expected 4 for input 0``. A size that differs from a fixed one is refused as well: ``Got invalid dimensions for input``.

```python bad
import numpy as np
from PIL import Image
from tensorflow.keras.models import load_model

model = load_model("flowers.keras")
picture = np.array(Image.open("rose.jpg").convert("RGB").resize((224, 224))) / 255.0
scores = model.predict(picture)  # <-
```

```python bad
import torch
from PIL import Image
from torchvision import models, transforms

model = models.resnet18(weights="DEFAULT").eval()
prepare = transforms.Compose([
    transforms.Resize((224, 224)),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
with torch.inference_mode():
    model(prepare(Image.open("rose.jpg").convert("RGB")))  # <-
    model(prepare(Image.open("rose.jpg").convert("RGB")).unsqueeze(0))
```

```python good
import numpy as np
from PIL import Image
from tensorflow.keras.models import load_model

model = load_model("flowers.keras")
picture = np.array(Image.open("rose.jpg").convert("RGB").resize((224, 224))) / 255.0
model.predict(picture[np.newaxis])
model.predict(np.expand_dims(picture, 0))
model.predict(np.array([picture, picture]))
model.predict(picture.reshape(1, 224, 224, 3))
model.predict(prepare(picture))
```

A model that the code builds is the same.

```python bad
import cv2
import numpy as np
import tensorflow as tf

class Classifier:
    def __init__(self):
        self.model = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3), tf.keras.layers.Flatten(), tf.keras.layers.Dense(3)])
        self.model.load_weights("net.weights.h5")

    def read(self, path):
        return cv2.resize(cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB), (160, 160)).astype(np.float32) / 255

    def __call__(self, path):
        return self.model.predict(self.read(path)), self.model.predict(self.read(path)[None])  # <-
```

With the model in the project, its shape decides.

```python bad path=serve.py
import cv2
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("flowers.onnx")
picture = cv2.resize(cv2.imread("rose.jpg"), (256, 256)).astype(np.float32)
session.run(None, {"x": picture.transpose(2, 0, 1)[np.newaxis]})  # <-
session.run(None, {"x": np.zeros((3, 224, 224), np.float32)})  # <-
session.run(None, {"x": cv2.resize(picture, (224, 224))[None]})  # <-
```

```graph + path=flowers.onnx
model onnx ir=8 opset=17
graph main
  input x float32[n,3,224,224]
  op Identity (x) -> (y)
  output y float32[n,3,224,224]
```

OpenVINO refuses it too: ``The input tensor size is not equal to the model input type``. It is the same where only the code that converts
is there.

```python bad path=infer.py
import cv2
import numpy as np
import openvino as ov
import onnxruntime as ort

model = ov.Core().compile_model("ir/flowers.xml", "CPU")
forest = ort.InferenceSession("forest.onnx")
yolo = ort.InferenceSession("runs/best.onnx")
picture = cv2.resize(cv2.imread("rose.jpg"), (224, 224)).astype(np.float32)
model(np.expand_dims(picture, 0))  # <-
model(np.expand_dims(picture.transpose(2, 0, 1), 0))
forest.run(None, {"X": np.array([[1, 2, 3, 4, 5]], dtype=np.float32)})  # <-
yolo.run(None, {"images": cv2.resize(picture, (416, 416)).transpose(2, 0, 1)[None]})  # <-
```

```python + path=convert.py
import openvino as ov
import torch
from net import Net
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from ultralytics import YOLO

FEATURES = ["a", "b", "c", "d"]
ov.save_model(ov.convert_model(Net().eval(), example_input=torch.rand(1, 3, 224, 224), input=[1, 3, 224, 224]), "ir/flowers.xml")
forest = convert_sklearn(train(), initial_types=[("X", FloatTensorType([None, len(FEATURES)]))])
with open("forest.onnx", "wb") as file:
    file.write(forest.SerializeToString())
YOLO("runs/best.pt").export(format="onnx", imgsz=640)
```

It may leave sizes open.

```python good path=serve.py
import cv2
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("flowers.onnx")
picture = cv2.resize(cv2.imread("rose.jpg"), (256, 256)).astype(np.float32)
session.run(None, {"x": picture.transpose(2, 0, 1)[np.newaxis]})
session.run(None, {"x": np.zeros((4, 3, 224, 224), np.float32)})
```

```graph + path=flowers.onnx
model onnx ir=8 opset=17
graph main
  input x float32[n,3,h,w]
  op Identity (x) -> (y)
  output y float32[n,3,h,w]
```

References: checked with Keras 3.15, onnxruntime 1.32 and ai-edge-litert 2.3 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.arrays import shape
from deplint.code.facts import Call, Value
from deplint.code.library import LITE
from deplint.code.loaded import model_of
from deplint.code.pictures import picture
from deplint.code.python import PythonFile
from deplint.code.pytorch import CONTAINERS, NORMALISING
from deplint.code.values import Truth
from deplint.model import Shape

KERAS = "{tensorflow.keras,keras,tf_keras}.{**.load_model,applications.**,models.Sequential,Sequential,models.Model,Model}()"
OPENVINO = "openvino.{,runtime.}Core().compile_model()"
INTERPRETER = LITE + "()"


@rule(
    "DPL631",
    severity="error",
    leaves=["S.6.2", "M.6.2"],
    see=["https://keras.io/api/models/model_training_apis/#predict-method", "https://stackoverflow.com/q/46800819"],
)
def input_shape_differs(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(KERAS + ".predict"):
        seen = picture(call.argument("x", 0))
        if seen is not None and not seen.pil and seen.axes in ("HWC", "CHW", "HW") and not call.guarded:
            yield Finding(
                call,
                "one picture is given without a batch dimension: predict takes a batch, and raises ValueError",
                help="add it: np.expand_dims(picture, axis=0)",
            )
    for call in file.calls("torch.nn.Module(){,.forward}", "torchvision.models.**(){,.forward}"):
        seen = picture(call.arguments[0]) if call.arguments and not call.guarded else None
        if seen is not None and not seen.pil and seen.axes == "CHW" and _normalises(call.receiver):
            yield Finding(
                call,
                "one picture is given without a batch dimension: the network raises, expected 4D input (got 3D input)",
                help="add it: picture.unsqueeze(0)",
            )
    for call in file.calls("onnxruntime.InferenceSession().run"):
        for name, value in call.argument("input_feed", 1).entries or ():
            yield from _against(call, name.text, value, project)
    for call in file.calls(OPENVINO + "{,.infer_new_request}"):
        given = call.arguments[0] if call.arguments else None
        one = given.items[0] if given is not None and given.items and len(given.items) == 1 else given
        if one is not None:
            yield from _against(call, None, one, project)
    for call in file.calls(INTERPRETER + ".set_tensor"):
        if not file.calls(INTERPRETER + ".resize_tensor_input"):
            yield from _against(call, None, call.argument("value", 1), project)


def _normalises(model: Value, depth: int = 0) -> bool:
    """The network certainly holds a `BatchNorm2d`, which takes batches alone."""
    if depth > 3 or not model.certain:
        return False
    if model.is_("torch.nn.BatchNorm2d()", *NORMALISING) is Truth.yes:
        return True
    if model.is_(CONTAINERS) is Truth.yes and model.origin is not None:
        return any(_normalises(part, depth + 1) for part in model.origin.arguments)
    if model.project_class is None or model.is_("torch.nn.Module()") is not Truth.yes:
        return False
    parts = [value for name in model.attributes() if model.certainly(name) for value in model.values(name)]
    return any(_normalises(part, depth + 1) for part in parts)


def _against(call: Call, name: str | None, value: Value, project: Project) -> Iterator[Finding]:
    model = model_of(call.receiver, project, written=True)
    inputs = [t for t in model.inputs if t.name == name] or model.inputs if model is not None else []
    given = shape(value) if len(inputs) == 1 and not call.guarded else None
    wanted = inputs[0].shape if given is not None else None
    if given is None or wanted is None or _fits(given, wanted):
        return
    lacks = len(given) + 1 == len(wanted) and _fits((1, *given), wanted)
    yield Finding(
        call,
        f"the array is {_words(given)}, the model's input {repr(inputs[0].name) + ' ' if inputs[0].name else ''}is {_words(wanted)}: "
        + ("the batch dimension is missing" if lacks else "it is refused"),
        help="add it: np.expand_dims(array, axis=0)" if lacks else "give the array the shape that the model takes",
    )


def _fits(given: tuple[int | None, ...], wanted: Shape) -> bool:
    if wanted is None or len(given) != len(wanted):
        return wanted is None
    return all(a is None or not isinstance(b, int) or b < 0 or a == b for a, b in zip(given, wanted, strict=True))


def _words(sizes: Shape) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in sizes or ()) + "]"
