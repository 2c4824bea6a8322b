"""A picture in base64 that is sent as a plain string, to a model that decodes pictures.

In JSON a string is text: TensorFlow Serving gives the model the letters of the base64, and the model's `tf.io.decode_jpeg` refuses them:
``Unknown image file format. One of JPEG, PNG, GIF, BMP required``. Bytes are marked by ``{"b64": ...}``, which the server decodes.

```python bad path=client.py
import base64
import requests
from pathlib import Path

def instance(path):
    return {"image_bytes": base64.b64encode(Path(path).read_bytes()).decode()}  # <-

requests.post("http://localhost:8501/v1/models/damage:predict", json={"instances": [instance("a.jpg")]})
```

```python + path=export.py
import tensorflow as tf

model = tf.keras.models.load_model("damage.keras")

@tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
def serve(image_bytes):
    return {"scores": model(tf.map_fn(lambda data: tf.io.decode_jpeg(data, channels=3), image_bytes, fn_output_signature=tf.uint8))}

tf.saved_model.save(model, "models/damage/1", signatures={"serving_default": serve})
```

```python good path=client.py
import base64
import requests
from pathlib import Path

def instance(path):
    return {"image_bytes": {"b64": base64.b64encode(Path(path).read_bytes()).decode()}}

requests.post("http://localhost:8501/v1/models/damage:predict", json={"instances": [instance("a.jpg")]})
```

```python + path=export.py
import tensorflow as tf

model = tf.keras.models.load_model("damage.keras")

@tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
def serve(image_bytes):
    return {"scores": model(tf.map_fn(lambda data: tf.io.decode_jpeg(data, channels=3), image_bytes, fn_output_signature=tf.uint8))}

tf.saved_model.save(model, "models/damage/1", signatures={"serving_default": serve})
```

The model may decode base64 itself.

```python good path=client.py
import base64
import requests
from pathlib import Path

text = base64.b64encode(Path("a.jpg").read_bytes()).decode()
requests.post("http://localhost:8501/v1/models/damage:predict", json={"instances": [{"image": text}]})
```

```python + path=export.py
import tensorflow as tf

model = tf.keras.models.load_model("damage.keras")

def decode(text):
    return tf.io.decode_jpeg(tf.io.decode_base64(text), channels=3)

@tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image")])
def serve(image):
    return {"scores": model(tf.map_fn(decode, image, fn_output_signature=tf.uint8))}

tf.saved_model.save(model, "models/damage/1", signatures={"serving_default": serve})
```

References: https://www.tensorflow.org/tfx/serving/api_rest#encoding_binary_values; https://github.com/tensorflow/serving/issues/1570
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.requests import asked, inputs, rest
from deplint.code.signatures import reached

PICTURES = re.compile(r"\bdecode_(?:jpeg|png|image|and_crop_jpeg|gif|bmp)\(")
BASE64 = re.compile(r"decode_base64")


@rule(
    "DPL884",
    severity="error",
    leaves=["S.6.3", "S.5.2"],
    see=[
        "https://www.tensorflow.org/tfx/serving/api_rest#encoding_binary_values",
        "https://github.com/tensorflow/serving/issues/1570",
    ],
)
def b64_text_as_string(file: PythonFile, project: Project) -> Iterator[Finding]:
    for request in rest(file):
        sent = [(name, value) for name, value in inputs(request.body) if _is_text(value)] if request.verb == "predict" else []
        if not sent:
            continue
        area = project.area(file)
        if not files_with(project, PICTURES, area) or files_with(project, BASE64, area):
            continue
        signatures = asked(request, reached(project, request.model, file, request.version))
        for name, value in sent:
            tensors = [s.inputs.get(name) if name else next(iter(s.inputs.values()), None) for s in signatures]
            if tensors and all(tensor is not None and tensor.dtype == "string" for tensor in tensors):
                yield Finding(
                    value.origin or value,
                    f'base64 is sent as text to the model "{request.model}", which decodes the bytes of a picture: it gets the letters of '
                    "the base64",
                    help='mark it as bytes: {"b64": text}',
                )
                break


def _is_text(value: Value) -> bool:
    made = value.origin
    return value.certain and made is not None and re.fullmatch(r"base64\.(?:standard_)?b64encode\(\)\.decode", made.name) is not None
