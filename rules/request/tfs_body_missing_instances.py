"""A REST request to TensorFlow Serving whose body lacks the key that the server reads.

`:predict` takes its input from `instances` (one element a row) or from `inputs` (one tensor an input), and from exactly one of them:
``Missing 'inputs' or 'instances' key``, ``expecting only one of 'inputs' or 'instances' keys to exist``. `:classify` and `:regress` want
`examples`.

```python bad
import requests

requests.post("http://localhost:8501/v1/models/address:predict", json={"data": [[1.0, 2.0]]})  # <-
requests.post("http://localhost:8501/v1/models/address:predict", json={"instances": [[1.0]], "inputs": [[1.0]]})  # <-
requests.post("http://localhost:8501/v1/models/address:classify", json={"instances": [{"x": 1.0}]})  # <-
```

```python good
import json
import requests

requests.post("http://localhost:8501/v1/models/address:predict", json={"instances": [[1.0, 2.0]]})
requests.post("http://localhost:8501/v1/models/address/versions/2:predict", data=json.dumps({"inputs": {"x": [1.0]}}))
requests.post("http://localhost:8501/v1/models/address:regress", json={"examples": [{"x": 1.0}]})
```

A body that is put together where nobody can see it is not judged, and neither is another server at another port that words its
addresses alike.

```python good
import requests

def send(body):
    requests.post("http://localhost:8501/v1/models/address:predict", json=body)
    requests.post("http://gateway:8080/v1/models/address:predict", json={"data": [1.0]})

def ask(more):
    body = {"data": 1}
    body.update(more)
    requests.post("http://localhost:8501/v1/models/address:predict", json=body)
```

References: `FillPredictRequestFromJson` in `tensorflow_serving/util/json_tensor.cc`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import keys, rest
from deplint.settings.serving import answers


@rule(
    "DPL605",
    severity="error",
    leaves=["S.5.2"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest#predict_api", "https://stackoverflow.com/q/58334529"],
)
def tfs_body_missing_instances(file: PythonFile, project: Project) -> Iterator[Finding]:
    for request in rest(file):
        given, body = keys(request.body), request.body
        wanted = {"instances", "inputs"} if request.verb == "predict" else {"examples"}
        if given is None or body is None or len(given & wanted) == 1 or not answers(project, request.model, request.port, file):
            continue
        both = "both 'instances' and 'inputs'" if given & wanted else f"none of {', '.join(map(repr, sorted(wanted, reverse=True)))}"
        yield Finding(
            body,
            f"the body of a :{request.verb} request to TensorFlow Serving has {both if len(wanted) > 1 else 'no ' + repr('examples')}: "
            "it is answered with 400",
            help="send {'instances': [...]}, a list with one element a row, or {'inputs': ...}, whole tensors"
            if request.verb == "predict"
            else "send {'examples': [{feature: value, ...}, ...]}",
        )
