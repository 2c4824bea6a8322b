"""Base64 bytes sent to an input that takes numbers.

TensorFlow Serving decodes ``{"b64": "..."}`` for inputs of strings only. An input of numbers refuses it: ``JSON Value: {"b64": ...} Type:
Object is not of expected type: float``. The model does not decode images unless somebody exported it so.

```python bad
import base64
import requests

with open("label.jpg", "rb") as file:
    encoded = base64.b64encode(file.read()).decode("ascii")
body = {"instances": [{"b64": encoded}]}
requests.post("http://localhost:8501/v1/models/labels:predict", json=body)  # <-
requests.post("http://localhost:8501/v1/models/labels:predict", json={"inputs": {"image": [{"b64": encoded}]}})  # <-
requests.post("http://localhost:8501/v1/models/labels:predict", json={"instances": [{"image": {"b64": encoded}}]})  # <-
```

```graph + path=models/labels/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (image=image float32[?,32,32,3]) -> (y=y float32[?,5])
```

The same request is right for a model that takes strings.

```python good
import base64
import requests

with open("photo.jpg", "rb") as file:
    encoded = base64.b64encode(file.read()).decode("ascii")
requests.post("http://localhost:8501/v1/models/photos:predict", json={"instances": [{"b64": encoded}]})
requests.post("http://localhost:8501/v1/models/labels:predict", json={"signature_name": "bytes", "instances": [{"b64": encoded}]})
requests.post("http://localhost:8501/v1/models/labels:predict", json={"instances": [[0.5, 0.25]]})
```

```graph + path=models/photos/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (image_bytes=image_bytes string[?]) -> (y=y float32[?,4])
```

```graph + path=models/labels/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (image=image float32[?,32,32,3]) -> (y=y float32[?,5])
signature bytes (image=image string[?]) -> (y=y float32[?,5])
```

References: `FillTensorProto` in `tensorflow_serving/util/json_tensor.cc`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import asked, inputs, keys, rest
from deplint.code.signatures import reached
from deplint.model import BITS

NESTED = 8
"""Lists within lists that are looked into."""


@rule(
    "DPL606",
    severity="error",
    leaves=["S.6.3", "S.5.2"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest#encoding_binary_values", "https://stackoverflow.com/q/54242029"],
)
def b64_sent_to_numeric_input(file: PythonFile, project: Project) -> Iterator[Finding]:
    for request in rest(file):
        found = [(name, value) for name, value in inputs(request.body) if _is_encoded(value)] if request.verb == "predict" else []
        signatures = asked(request, reached(project, request.model, file, request.version)) if found else []
        for name, value in found:
            tensors = [s.inputs.get(name) if name else next(iter(s.inputs.values()), None) for s in signatures]
            if tensors and all(tensor is not None and tensor.dtype in BITS for tensor in tensors):
                first = next(tensor for tensor in tensors if tensor is not None)
                yield Finding(
                    value,
                    f'base64 bytes are sent to an input of the model "{request.model}" that takes {first.dtype}: '
                    "the server refuses them, and decodes no image",
                    help="send the pixels as nested lists, or export a signature that takes string and decodes the image",
                )
                break


def _is_encoded(value: Value, depth: int = 0) -> bool:
    if value.entries is not None:
        return value.certain and keys(value) == {"b64"}
    items = value.items if value.certain and depth < NESTED else None
    return bool(items) and items is not None and all(_is_encoded(item, depth + 1) for item in items)
