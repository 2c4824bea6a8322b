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

With curl it is the same.

```bash bad path=ask.sh
curl -d '{"start_string": "ROMEO: "}' -X POST http://localhost:8501/v1/models/text_generation:predict  # <-
curl -d '{"instances": [1.0, 2.0, 5.0]}' -X POST http://localhost:8501/v1/models/half_plus_two:predict
```

```bash good path=ask.sh
curl -d '{"start_string": "ROMEO: "}' -X POST http://localhost:5000/v1/models/text_generation:predict
curl -d @body.json -X POST http://localhost:8501/v1/models/text_generation:predict
curl -d "$BODY" -X POST http://localhost:8501/v1/models/text_generation:predict
curl http://localhost:8501/v1/models/text_generation
```

So it is in the files of REST clients, and in a body of its own that says which signature it is for.

```text bad path=ask.http line=4
POST http://localhost:8501/v1/models/fraud:predict
Content-Type: application/json

{
  "inputs": [{"amounts": [[44.26, 0]]}]
}

###
POST http://localhost:8501/v1/models/fraud:predict

{"inputs": {"amounts": [[44.26, 0]]}}
```

```json bad path=body.json line=1
{"signature_name": "serving_default", "instances": {"amounts": [44.26, 0]}}
```

```json good path=body.json
{"signature_name": "serving_default", "instances": [{"amounts": [44.26, 0]}]}
```

A body for `:classify` has `examples`.

```json good path=body.json
{"signature_name": "classify", "examples": [{"amounts": [44.26, 0]}]}
```

References: `FillPredictRequestFromJson` in `tensorflow_serving/util/json_tensor.cc`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deplint import Finding, Place, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import URL, entry, keys, rest
from deplint.settings.bodies import RequestFile
from deplint.settings.curl import curls
from deplint.settings.scripts import Script
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
def tfs_body_missing_instances(facts: PythonFile | Script | RequestFile, project: Project) -> Iterator[Finding]:
    for place, model, port, verb, problem in _problems(facts):
        if model is None or answers(project, model, port, facts) or (project.fragments and port is None):
            yield Finding(
                place, f"the body of a :{verb} request to TensorFlow Serving {problem}: it is answered with 400", help=EXPECTED[verb]
            )


def _problems(facts: PythonFile | Script | RequestFile) -> Iterator[tuple[Value | Place, str | None, int | None, str, str]]:
    """The bodies with which something is certainly wrong: where they are, the model, the port and the verb of the request, and what is. A
    bare body has no model."""
    if isinstance(facts, PythonFile):
        for request in rest(facts):
            body = request.body
            problem = _problem(request.verb, keys(body), entry(body, "instances"), entry(body, "inputs")) if body is not None else None
            if body is not None and problem is not None:
                yield body, request.model, request.port, request.verb, problem
        return
    for sent in curls(facts):
        given, asked = sent.body if isinstance(sent.body, dict) else {}, URL.fullmatch(sent.url.masked)
        verb = asked["verb"] if asked else "predict" if not sent.method and {"signature_name", "instances"} <= {*given} else ""
        rows, columns = given.get("instances"), given.get("inputs")
        problem = _problem(verb, {*given}, rows, columns) if given and verb else None
        if sent.data and problem:
            model, port = (asked["model"], int(asked["port"] or 0) or None) if asked else (None, None)
            yield sent.data.place, model, port, verb, problem


def _problem(verb: str, given: set[str] | None, rows: object, columns: object) -> str | None:
    """What is certainly wrong with a body of these keys (None if they are not all known)."""
    if verb != "predict":
        return "has no 'examples'" if given is not None and "examples" not in given else None
    if given is not None and len(given & {"instances", "inputs"}) != 1:
        return "has both 'instances' and 'inputs'" if given & {"inputs"} else "has neither 'instances' nor 'inputs'"
    if _no_list(rows):
        return "has 'instances' that are no list"
    if any((_names(row) or {"b64"}) != {"b64"} for row in _listed(columns)):
        return "has rows of named values in 'inputs', and not in 'instances'"
    return None


def _no_list(rows: object) -> bool:
    if isinstance(rows, Value):
        return rows.certain and (rows.entries is not None or isinstance(rows.python(), (int, float, str)))
    return isinstance(rows, (dict, int, float, str))


def _listed(columns: object) -> Iterable[object]:
    if isinstance(columns, Value):
        return columns.items or () if columns.entries is None else ()
    return columns if isinstance(columns, list) else ()


def _names(row: object) -> set[str] | None:
    return keys(row) if isinstance(row, Value) else {*row} if isinstance(row, dict) else None
