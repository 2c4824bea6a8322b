"""Raw pixels sent where the bytes of a picture file are decoded.

`cv2.imread` and Pillow have decoded the file: what `tobytes()` gives, or `b64encode` of the array, are bare numbers
without a header. The other side knows no format in them: ``Unknown image file format. One of JPEG, PNG, GIF, BMP
required``, ``cannot identify image file``.

```python bad path=client.py
import base64
import cv2
import requests

picture = cv2.imread("cat.jpg")
encoded = base64.b64encode(picture).decode()  # <-
requests.post("http://localhost:8501/v1/models/pets:predict", json={"instances": [{"b64": encoded}]})
```

```python + path=export.py
import tensorflow as tf

@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def serve(pictures):
    return tf.map_fn(lambda one: tf.io.decode_jpeg(one, channels=3), pictures, fn_output_signature=tf.uint8)
```

```python good path=client.py
import base64
import cv2
import requests

picture = cv2.imread("cat.jpg")
encoded = base64.b64encode(cv2.imencode(".jpg", picture)[1]).decode()
whole = base64.b64encode(open("cat.jpg", "rb").read()).decode()
requests.post("http://localhost:8501/v1/models/pets:predict", json={"instances": [{"b64": encoded}, {"b64": whole}]})
```

```python + path=export.py
import tensorflow as tf

@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def serve(pictures):
    return tf.map_fn(lambda one: tf.io.decode_jpeg(one, channels=3), pictures, fn_output_signature=tf.uint8)
```

A service that reads the numbers themselves is fine.

```python good path=client.py
import base64
import cv2
import requests

encoded = base64.b64encode(cv2.imread("cat.jpg").tobytes()).decode()
requests.post("http://localhost:5000/predict", json={"pixels": encoded})
```

```python + path=app.py
import base64
import numpy as np
from flask import Flask, request

app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    return str(np.frombuffer(base64.b64decode(request.json["pixels"]), np.uint8).reshape(224, 224, 3).mean())
```

References: https://stackoverflow.com/q/56275522; checked with TensorFlow 2.21 and Pillow (`tests/claims/test_services.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.pictures import picture
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.requests import asks

DECODES = re.compile(r"decode_(?:jpeg|png|image)\(|cv2\.imdecode\(|Image\.open\((?:io\.)?BytesIO\(")
RAW = re.compile(r"decode_raw\(|frombytes\(|(?:frombuffer|fromstring)\([^\n]*\)(?:\s*\.\w+\([^\n]*)?\.reshape\(|\.reshape\(")
"""Code that makes a picture of bare numbers."""


@rule(
    "DPL623",
    severity="error",
    leaves=["S.6.3"],
    see=["https://www.tensorflow.org/api_docs/python/tf/io/decode_image", "https://stackoverflow.com/q/56275522"],
)
def pixels_for_decoder(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = file.calls("base64.{b64encode,standard_b64encode}")
    found = [call for call in calls if not call.guarded and call.arguments and _pixels(call.arguments[0])]
    if not found or not list(asks(file)):
        return
    decoding = [other for other in files_with(project, DECODES) if other is not file]
    if decoding and not any(other is not file for other in files_with(project, RAW)):
        for call in found:
            yield Finding(
                call,
                "the bare pixels of a decoded picture are encoded, and the other side decodes a picture file: unknown image format",
                help="send the file's own bytes, or encode again: cv2.imencode('.jpg', picture)[1]",
            )


def _pixels(value: Value) -> bool:
    made = value.origin
    if made is not None and made.name.rpartition(".")[2] in ("tobytes", "tostring"):
        value = made.receiver
    return picture(value) is not None
