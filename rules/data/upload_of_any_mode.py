"""An uploaded picture that is used in whatever mode it has.

`Image.open` gives a PNG with transparency four channels, a grey JPEG one, and a GIF a palette. A network for three takes none of them:
``Depth of input must be a multiple of depth of filter: 4 vs 3`` (Keras), ``expected input[1, 4, 224, 224] to have 3 channels, but got 4
channels instead`` (PyTorch). ``convert("RGB")`` makes three of each.

```python bad path=app.py
import numpy as np
import tensorflow as tf
from flask import Flask, request
from PIL import Image

app = Flask(__name__)
model = tf.keras.models.load_model("flowers.keras")

@app.route("/predict", methods=["POST"])
def predict():
    image = Image.open(request.files["file"]).resize((224, 224))
    x = np.asarray(image, dtype=np.float32)[np.newaxis] / 255.0  # <-
    return str(model.predict(x).argmax())
```

```python bad path=main.py
import io
import torch
from fastapi import FastAPI, File, UploadFile
from PIL import Image
from torchvision import transforms

app = FastAPI()
net = torch.jit.load("net.pt").eval()
prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)])

@app.post("/predict")
def predict(file: UploadFile = File(...)):
    image = Image.open(io.BytesIO(file.file.read()))
    return int(net(prepare(image)[None]).argmax())  # <-
```

```python good path=app.py
import numpy as np
import tensorflow as tf
from flask import Flask, request
from PIL import Image

app = Flask(__name__)
model = tf.keras.models.load_model("flowers.keras")

@app.route("/predict", methods=["POST"])
def predict():
    image = Image.open(request.files["file"])
    if image.mode != "RGB":
        image = image.convert("RGB")
    x = np.asarray(image.resize((224, 224)), dtype=np.float32)[None]
    return str(model.predict(x).argmax())
```

Channels that are cut off or counted, and pictures that nobody uploads, are fine.

```python good path=one/app.py
import numpy as np
import tensorflow as tf
from flask import Flask, request
from PIL import Image

app = Flask(__name__)
model = tf.keras.models.load_model("flowers.keras")

@app.route("/predict", methods=["POST"])
def predict():
    x = np.asarray(Image.open(request.files["file"]))[..., :3]
    return str(model.predict(x[None]).argmax())
```

```python good path=two/batch.py
import numpy as np
import tensorflow as tf
from PIL import Image

model = tf.keras.models.load_model("flowers.keras")
print(model.predict(np.asarray(Image.open("rose.jpg"))[None]))
```

References: "Modes" in Pillow's documentation; run with Pillow 13.0, Keras 3.15 and torch 2.13 (`tests/claims/test_server_families.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.services import serves

ARRAYS = ("numpy.array", "numpy.asarray")
COMPOSED = "torchvision.transforms.{,v2.}Compose()"
AWARE = re.compile(
    r"convert\(|\.mode\b|:\s*3\]|IMREAD|cvtColor|grayscale|getbands|\.shape\[-1\]|\.shape\[2\]|image/jpeg|\.split\(\)|alpha", re.I
)
"""Words of code that minds the channels."""
UPLOAD = re.compile(r"request\.files|UploadFile|\bst\.file_uploader")
RUNS = re.compile(r"\.predict\(|\.run\(|\bload_model\(|torch\.(?:load|jit)|from_pretrained|InferenceSession")
STEPS = 8


@rule(
    "DPL959",
    severity="warning",
    leaves=["S.6.3", "S.6.2"],
    see=[
        "https://pillow.readthedocs.io/en/stable/handbook/concepts.html#modes",
    ],
)
def upload_of_any_mode(file: PythonFile) -> Iterator[Finding]:
    if "Image" not in file.text and not any("Image" in one.text for one in file.imports):
        return
    if not serves(file) or not UPLOAD.search(file.text) or any(AWARE.search(one.text) for one in (file, *file.imports)):
        return
    if not any(RUNS.search(one.text) for one in (file, *file.imports)):
        return
    seen = set()
    for call in file.calls(*ARRAYS, COMPOSED):
        given = call.argument("object", 0)
        if not call.guarded and call.node not in seen and _as_opened(given):
            seen.add(call.node)
            yield Finding(
                call,
                "the picture keeps the mode of its file (four channels of a PNG with alpha, one of a grey JPEG), and a network takes one "
                "number of channels",
                help='Image.open(...).convert("RGB")',
            )


def _as_opened(value: Value) -> bool:
    """A picture that was opened, and perhaps resized, and nothing else."""
    for _ in range(STEPS):
        made = value.origin
        if made is None or len(value.options) != 1:
            return False
        if made.name == "PIL.Image.open":
            fp = made.argument("fp", 0)
            return fp.text is None and not fp.texts
        if made.name.rpartition(".")[2] not in ("resize", "crop", "rotate", "copy"):
            return False
        value = made.receiver
    return False
