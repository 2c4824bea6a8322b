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

`instances` is a list. `inputs` holds whole tensors, so that rows of named values have no place there.

```python bad
import requests

requests.post("http://localhost:8501/v1/models/address:predict", json={"instances": {"left": [1.0], "right": [2.0]}})  # <-
requests.post("http://localhost:8501/v1/models/address:predict", json={"inputs": [{"left": [1.0], "right": [2.0]}]})  # <-
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
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import entry, keys, rest
from deplint.settings.serving import answers

EXPECTED = {
    "predict": "send {'instances': [...]}, a list with one element a row, or {'inputs': {name: tensor, ...}}",
    "classify": "send {'examples': [{feature: value, ...}, ...]}",
    "regress": "send {'examples': [{feature: value, ...}, ...]}",
}


@rule(
    "DPL605",
    severity="error",
    leaves=["S.5.2"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest#predict_api", "https://stackoverflow.com/q/58334529"],
)
def tfs_body_missing_instances(file: PythonFile, project: Project) -> Iterator[Finding]:
    for request in rest(file):
        body = request.body
        problem = _problem(request.verb, body)
        if body is not None and problem is not None and answers(project, request.model, request.port, file):
            yield Finding(
                body,
                f"the body of a :{request.verb} request to TensorFlow Serving {problem}: it is answered with 400",
                help=EXPECTED[request.verb],
            )


def _problem(verb: str, body: Value | None) -> str | None:
    """What is certainly wrong with a body."""
    given = keys(body)
    if verb != "predict":
        return "has no 'examples'" if given is not None and "examples" not in given else None
    if given is not None and len(given & {"instances", "inputs"}) != 1:
        return "has both 'instances' and 'inputs'" if given & {"inputs"} else "has neither 'instances' nor 'inputs'"
    rows, columns = entry(body, "instances"), entry(body, "inputs")
    if rows is not None and rows.certain and (rows.entries is not None or isinstance(rows.python(), (int, float, str))):
        return "has 'instances' that are no list"
    if columns is not None and columns.entries is None and any((keys(row) or {"b64"}) != {"b64"} for row in columns.items or ()):
        return "has rows of named values in 'inputs', and not in 'instances'"
    return None
