"""A NumPy array or base64 bytes put into JSON.

`json.dumps` knows neither: ``TypeError: Object of type ndarray is not JSON serializable``, ``... of type bytes ...``.
The same happens in `requests.post(url, json=...)`.

```python bad
import json
import numpy as np

image = np.expand_dims(np.zeros((224, 224, 3)), 0)
body = json.dumps({"instances": image})  # <-
```

```python fixed
import json
import numpy as np

image = np.expand_dims(np.zeros((224, 224, 3)), 0)
body = json.dumps({"instances": image.tolist()})
```

```python bad
import base64
import requests

with open("cat.jpg", "rb") as f:
    encoded = base64.b64encode(f.read())
payload = {"instances": [{"image_bytes": {"b64": encoded}}]}
requests.post("http://localhost:8501/v1/models/net:predict", json=payload)  # <-
```

So is a number that NumPy computed of a network's output.

```python bad
import json
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("net.onnx")

def answer(values):
    scores = session.run(None, {"x": np.array([values], dtype=np.float32)})[0]
    return {"best": scores[0].argmax(), "score": float(scores[0].max())}

def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps(answer(event["values"]))}  # <-
```

```python good
import base64
import json
import numpy as np
import orjson

image = np.zeros((1, 224, 224, 3), np.float32)
json.dumps({"instances": image.tolist()})
json.dumps({"instances": image}, default=encode)
json.dumps({"instances": image}, cls=Encoder)
json.dumps({"b64": base64.b64encode(b"x").decode("ascii")})
json.dumps({"mean": float(image.mean()), "shape": image.shape})
orjson.dumps({"instances": image}, option=orjson.OPT_SERIALIZE_NUMPY)
```

```python good
import json
import numpy as np

def send(image):
    json.dumps({"instances": image})

send(np.zeros((2, 2)).tolist())
```

References: checked with NumPy 2 (`tests/claims/test_requests.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Fix, rule
from deplint.code.arrays import computed, is_array
from deplint.code.edit import append
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

ENCODED = "base64.{b64encode,standard_b64encode,urlsafe_b64encode,encodebytes}()"
DEPTH = 5


@rule("DPL601", severity="error", leaves=["S.5.2", "S.6.3"], see=["https://docs.python.org/3/library/json.html#json.JSONEncoder"])
def ndarray_or_bytes_in_json(file: PythonFile) -> Iterator[Finding]:
    calls = [(call, call.argument("obj", 0)) for call in file.calls("json.{dumps,dump}")]
    calls += [
        (call, call.argument("json")) for call in file.calls("{requests,httpx}.{post,put,patch}", "requests.{Session,session}().{post,put}")
    ]
    for call, body in calls:
        if call.guarded or any(not call.argument(name).missing for name in ("default", "cls")):
            continue
        found = _unserialisable(body)
        if found is None:
            continue
        value, what, remedy = found
        yield Finding(
            call,
            f"{what} is not JSON serializable: this raises TypeError",
            help=f"put {remedy} behind it",
            fix=_fix(value, remedy),
        )


def _unserialisable(value: Value, depth: int = 0) -> tuple[Value, str, str] | None:
    """The value within, what it is and what to call on it, if JSON certainly cannot hold it."""
    if value.is_(ENCODED) is Truth.yes:
        return value, "the bytes that base64.b64encode returns", ".decode()"
    if is_array(value):
        return value, "a NumPy array", ".tolist()"
    if kind := computed(value):
        return value, f"what NumPy computed, an array or a numpy.{kind},", ".tolist()"
    if value.certain and depth < DEPTH:
        for item in value.items or ():
            if (found := _unserialisable(item, depth + 1)) is not None:
                return found
    return None


def _fix(value: Value, remedy: str) -> Fix | None:
    edits = append(value, remedy)
    # It raised before, so nothing that worked can change.
    return Fix(f"add {remedy}", edits) if edits else None
