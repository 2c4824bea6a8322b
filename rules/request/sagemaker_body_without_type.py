"""JSON sent to a SageMaker endpoint by a predictor that does not say that it is JSON.

Since version 2 of the SDK a `Predictor` made by name has the serializer that changes nothing: the body goes out as
``application/octet-stream``. An `input_fn` that reads ``application/json`` alone refuses it (``ModelError``, 500), and a dictionary
or list is no body at all: ``Parameter validation failed: Invalid type for parameter Body``.

```python bad path=client/score.py
import json
import sagemaker
from sagemaker.predictor import Predictor

def make_predictor():
    return Predictor(endpoint_name="scores", sagemaker_session=sagemaker.Session())

def score(texts):
    return make_predictor().predict(json.dumps({"inputs": texts}))  # <-
```

```python + path=code/inference.py
import json

def input_fn(request_body, content_type):
    if content_type == "application/json":
        return json.loads(request_body)["inputs"]
    raise ValueError("Unsupported content type: {}".format(content_type))
```

```python bad
import sagemaker

class Client:
    def __init__(self, name):
        self.predictor = sagemaker.predictor.Predictor(name)

    def ask(self, rows):
        return self.predictor.predict({"instances": rows})  # <-
```

```python good
import json
from sagemaker.deserializers import JSONDeserializer
from sagemaker.predictor import Predictor
from sagemaker.serializers import JSONSerializer

told = Predictor("scores", serializer=JSONSerializer(), deserializer=JSONDeserializer())
told.predict({"inputs": ["a"]})
later = Predictor("scores")
later.serializer = JSONSerializer()
later.predict({"inputs": ["a"]})
single = Predictor("scores")
single.predict(json.dumps({"inputs": ["a"]}), initial_args={"ContentType": "application/json"})
unknown = Predictor("scores")
unknown.predict(json.dumps({"inputs": ["a"]}))
```

```python good path=client.py
import json
from sagemaker.predictor import Predictor

Predictor("scores").predict(json.dumps({"inputs": ["a"]}))
```

```python + path=inference.py
import json

def input_fn(body, content_type="application/json"):
    if content_type in ("application/json", "application/octet-stream"):
        return json.loads(body)["inputs"]
    raise ValueError(content_type)
```

References: `src/sagemaker/base_predictor.py` of sagemaker-python-sdk at 1388556: the serializer is `IdentitySerializer`, and its type the
request's, unless `initial_args` say another.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.sagemaker import hooks
from deplint.code.values import Truth

PREDICTOR = "sagemaker.{,predictor.}Predictor()"


@rule(
    "DPL370",
    severity="error",
    leaves=["S.4.7", "S.6.1"],
    until={"sagemaker": "3.0"},
    see=[
        "https://github.com/aws/sagemaker-python-sdk/blob/13885566dcea8284374385e55974c322855fb13d/src/sagemaker/base_predictor.py",
        "https://sagemaker.readthedocs.io/en/stable/api/inference/serializers.html",
    ],
)
def sagemaker_body_without_type(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(PREDICTOR + ".predict"):
        made, body = call.receiver.origin, call.argument("data", 0)
        told = (
            made is None
            or made.open
            or not made.argument("serializer", 2).missing
            or not (call.receiver.never("serializer") and call.receiver.never("content_type"))
        )
        if told or call.guarded or not call.certain or not call.argument("initial_args", 1).missing:
            continue
        if body.items is not None and body.certain:
            what = (
                "a predictor without serializer sends the body as it is, and a dictionary or list is none: Invalid type for parameter Body"
            )
        elif body.is_("json.dumps()") is Truth.yes and (reader := _json_alone(project, file)) is not None:
            what = f"a predictor without serializer sends application/octet-stream, which the input_fn of {reader.path} refuses"
        else:
            continue
        yield Finding(call, what, help="Predictor(..., serializer=JSONSerializer(), deserializer=JSONDeserializer()) and predict(data)")


def _json_alone(project: Project, file: PythonFile) -> PythonFile | None:
    """The only script of the project with an `input_fn`, where that raises for everything but JSON."""
    found = files_with(project, re.compile(r"def (?:input|transform)_fn\b"), project.area(file))
    function = hooks(found[0]).get("input_fn") if len(found) == 1 else None
    if function is None or not any(isinstance(node, ast.Raise) for node in ast.walk(function)):
        return None
    types = {
        node.value for node in ast.walk(function) if isinstance(node, ast.Constant) and isinstance(node.value, str) and "/" in node.value
    }
    return found[0] if types == {"application/json"} else None
