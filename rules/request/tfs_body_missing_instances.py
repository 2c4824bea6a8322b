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

References: `FillPredictRequestFromJson` in `tensorflow_serving/util/json_tensor.cc`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Place, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import URL, entry, keys, rest
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
def tfs_body_missing_instances(facts: PythonFile | Script, project: Project) -> Iterator[Finding]:
    for place, model, port, verb, problem in _problems(facts):
        if answers(project, model, port, facts):
            yield Finding(
                place, f"the body of a :{verb} request to TensorFlow Serving {problem}: it is answered with 400", help=EXPECTED[verb]
            )


def _problems(facts: PythonFile | Script) -> Iterator[tuple[Value | Place, str, int | None, str, str]]:
    """The bodies with which something is certainly wrong: where they are, the model, the port and the verb of the request, and what is."""
    if isinstance(facts, PythonFile):
        for request in rest(facts):
            problem = _problem(request.verb, request.body)
            if request.body is not None and problem is not None:
                yield request.body, request.model, request.port, request.verb, problem
        return
    for sent in curls(facts):
        asked = URL.fullmatch(sent.url.masked)
        problem = _keys_wrong(asked["verb"], {*sent.body}) if asked and isinstance(sent.body, dict) else None
        if asked and sent.data and problem:
            yield sent.data.place, asked["model"], int(asked["port"] or 0) or None, asked["verb"], problem


def _keys_wrong(verb: str, given: set[str]) -> str | None:
    if verb != "predict":
        return "has no 'examples'" if "examples" not in given else None
    if len(given & {"instances", "inputs"}) != 1:
        return "has both 'instances' and 'inputs'" if given & {"inputs"} else "has neither 'instances' nor 'inputs'"
    return None


def _problem(verb: str, body: Value | None) -> str | None:
    """What is certainly wrong with a body."""
    given = keys(body)
    if given is not None and (wrong := _keys_wrong(verb, given)):
        return wrong
    if verb != "predict":
        return None
    rows, columns = entry(body, "instances"), entry(body, "inputs")
    if rows is not None and rows.certain and (rows.entries is not None or isinstance(rows.python(), (int, float, str))):
        return "has 'instances' that are no list"
    if columns is not None and columns.entries is None and any((keys(row) or {"b64"}) != {"b64"} for row in columns.items or ()):
        return "has rows of named values in 'inputs', and not in 'instances'"
    return None
