"""A request in version 2 of the inference protocol whose tensors lack a field.

Each of `inputs` has a `name`, a `shape`, a `datatype` and `data`. Triton says ``Unable to parse 'inputs': attempt to access non-existing
object member 'datatype'``; KServe and MLServer answer 422 or 400.

```python bad
import requests

def infer(rows):
    body = {"inputs": [{"name": "x", "shape": [len(rows), 4], "data": rows}]}
    return requests.post("http://localhost:8000/v2/models/iris/infer", json=body).json()["outputs"][0]["data"]  # <-

def instances(rows):
    return requests.post("http://localhost:8000/v2/models/iris/infer", json={"instances": rows})  # <-

def right(rows):
    body = {"inputs": [{"name": "x", "shape": [len(rows), 4], "datatype": "FP32", "data": rows}]}
    return requests.post("http://localhost:8000/v2/models/iris/infer", json=body).json()["outputs"][0]["data"]
```

Binary data stands behind the JSON, and in shared memory there is none.

```python good
import requests

tensor = {"name": "x", "shape": [1, 4], "datatype": "FP32", "parameters": {"binary_data_size": 16}}
requests.post("http://localhost:8000/v2/models/iris/infer", json={"inputs": [tensor]})
requests.post("http://localhost:8000/v2/models/iris/infer", json=body())
requests.post("http://localhost:8000/v2/models/iris/generate", json={"text_input": "hello"})
```

References: the Open Inference Protocol, "Inference Request JSON Object"; `HTTPAPIServer::EVBufferToInput` of Triton.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.requests import asks, body_of, entry, keys

ADDRESS = re.compile(r"/v2/models/[^/]+(?:/versions/\d+)?/infer$")
FIELDS = ("name", "shape", "datatype", "data")


@rule(
    "DPL878",
    severity="error",
    leaves=["S.5.2"],
    see=[
        "https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md",
        "https://github.com/triton-inference-server/server/blob/main/src/http_server.cc",
    ],
)
def infer_body_incomplete(file: PythonFile) -> Iterator[Finding]:
    for call, url, method in asks(file):
        address = "".join("\0" if piece is None else piece for piece in url.pieces)
        body = body_of(call) if method == "POST" and ADDRESS.search(address) and not call.guarded else None
        known = keys(body)
        if known is not None and "inputs" not in known:
            yield Finding(
                call, "the body has no inputs: /infer takes a list of tensors under that name", help='{"inputs": [{"name": ...}]}'
            )
            continue
        inputs = entry(body, "inputs")
        for tensor in (inputs.items or ()) if inputs is not None else ():
            fields = keys(tensor)
            lacking = [field for field in FIELDS if fields is not None and field not in fields]
            if fields is not None and lacking and "parameters" not in fields:
                yield Finding(
                    call,
                    f"a tensor of inputs has no {' and no '.join(lacking)}: the server refuses the request",
                    help="each of inputs needs name, shape, datatype and data",
                )
                break
