"""Pixels that are normalised without being scaled first, or scaled twice.

ImageNet's mean and deviation (0.485, 0.229, ...), 0.5 and CLIP's are of pixels from 0 to 1. Taken from pixels from 0 to 255 they
leave numbers up to 1100, which no network has seen. The other way round, pixels that are divided by 255 and then once more, or given to
a function that wants 0 to 255, are all nearly the same: the answer does not depend on the picture. Nothing raises.

```python bad
import numpy as np
import onnxruntime
from PIL import Image

MEAN = np.float32([0.485, 0.456, 0.406])
STD = np.float32([0.229, 0.224, 0.225])

class Net:
    def __init__(self, path):
        self.session = onnxruntime.InferenceSession(path)

    @staticmethod
    def prepare(picture):
        pixels = np.asarray(picture.convert("RGB").resize((384, 384))).astype(np.float32)
        return ((pixels - MEAN) / STD).transpose(2, 0, 1)[None]

    def __call__(self, picture):
        return self.session.run(None, {"x": self.prepare(picture)})[0]  # <-

print(Net("net.onnx")(Image.open("cat.jpg")))
```

```python bad
import cv2
import numpy as np
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.models import load_model

model = load_model("net.keras")
pixels = cv2.cvtColor(cv2.resize(cv2.imread("cat.jpg"), (224, 224)), cv2.COLOR_BGR2RGB).astype(np.float32) / 255.0
print(model.predict(preprocess_input(pixels[np.newaxis])))  # <-
print(model.predict(pixels[np.newaxis] / 255.0))  # <-
```

`ToTensor` scales 8-bit pixels, and leaves floats as they are.

```python bad
import numpy as np
import torch
from PIL import Image
from torchvision import transforms

net = torch.jit.load("net.pt").eval()
prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])])
pixels = np.array(Image.open("cat.jpg").convert("RGB").resize((224, 224))).astype(np.float32)
with torch.inference_mode():
    net(prepare(pixels).unsqueeze(0))  # <-
```

```python good
import cv2
import numpy as np
import onnxruntime
import torch
from PIL import Image
from torchvision import transforms

session = onnxruntime.InferenceSession("net.onnx")
net = torch.jit.load("net.pt").eval()
pixels = np.asarray(Image.open("cat.jpg").convert("RGB").resize((224, 224))).astype(np.float32)
session.run(None, {"x": pixels[None]})
session.run(None, {"x": (pixels / 255.0)[None]})
session.run(None, {"x": ((pixels / 255.0 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225])[None].astype(np.float32)})
session.run(None, {"x": ((pixels - [123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375])[None].astype(np.float32)})
session.run(None, {"x": ((pixels - 127.5) / 128.0)[None]})
session.run(None, {"x": cv2.dnn.blobFromImage(cv2.imread("cat.jpg"), 1 / 255.0, (224, 224), swapRB=True)})
session.run(None, {"x": np.full((1, 3, 8, 8), 0.5, np.float32) / 255.0})
prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])])
net(prepare(Image.open("cat.jpg").convert("RGB")).unsqueeze(0))
```

References: https://docs.pytorch.org/vision/stable/models.html; what the functions do was executed (`tests/claims/test_picture_claims.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.pictures import Picture, extent, span
from deplint.code.pipelines import posted, served
from deplint.code.python import PythonFile

WIDEST, NARROWEST = 400.0, 0.05
"""How far the values of a picture reach that some network may have been trained on: 0 to 255 is the widest in use, -0.5 to 0.5 and 0 to 1
the narrowest."""

DEEP = frozenset(number + more for bits in (10, 12, 14, 15, 16) for number in [2**bits] for more in (-1, 0))
"""What pictures of more than 8 bits are divided by."""


@rule(
    "DPL676",
    severity="error",
    leaves=["S.6.5", "S.6.3", "M.6.5"],
    see=["https://docs.pytorch.org/vision/stable/models.html", "https://keras.io/api/applications/"],
)
def pixels_out_of_scale(file: PythonFile) -> Iterator[Finding]:
    seen: set[object] = set()
    for given in (*served(file), *posted(file)):
        fault = _fault(given.picture)
        if fault and given.call.node not in seen and not given.call.guarded:
            seen.add(given.call.node)
            yield Finding(given.call, f"{fault[0]}: the model's answers mean nothing", help=fault[1])


def _fault(picture: Picture) -> tuple[str, str] | None:
    if not picture.scaled or picture.pil:
        return None
    low, high = extent(picture)
    if high - low > WIDEST:
        return f"pixels from 0 to 255 are normalised with a deviation for 0 to 1, and become {span(picture)}", "divide them by 255 first"
    if high - low < NARROWEST and not {round(std) for std in picture.std or ()} & DEEP:
        return f"pixels are scaled twice, and become {span(picture)}", "scale them once"
    return None
