"""A key that the answer of TensorFlow Serving does not have.

What was asked in rows (``instances``) is answered under ``predictions``, what was asked in columns (``inputs``) under
``outputs``. A model with one output has its values there directly; one with several has a dictionary with the names of
the signature's outputs. Any other key is ``KeyError``.

```python bad
import requests

url = "http://localhost:8501/v1/models/flowers:predict"
response = requests.post(url, json={"inputs": {"x": [[1.0, 2.0]]}})
scores = response.json()["predictions"]  # <-
rows = requests.post(url, json={"instances": [[1.0, 2.0]]}).json()["outputs"]  # <-
```

```python good
import requests

url = "http://localhost:8501/v1/models/flowers:predict"
response = requests.post(url, json={"inputs": {"x": [[1.0, 2.0]]}})
scores = response.json()["outputs"]
rows = requests.post(url, json={"instances": [[1.0, 2.0]]}).json()["predictions"]
body = requests.post(url, json=prepare()).json()["predictions"]
message = response.json()["error"]
```

With the model in the project its outputs are known.

```python bad path=client.py
import json
import requests

response = requests.post("http://localhost:8501/v1/models/flowers:predict", json={"instances": [[1.0, 2.0]]})
answer = json.loads(response.text)
print(answer["predictions"][0]["classes"])  # <-
```

```graph + path=models/flowers/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,2]) -> (scores=a float32[?,3], labels=b string[?,3])
```

```python good path=client.py
import json
import requests

response = requests.post("http://localhost:8501/v1/models/flowers:predict", json={"instances": [[1.0, 2.0]]})
answer = json.loads(response.text)
print(answer["predictions"][0]["scores"])
```

```graph + path=models/flowers/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,2]) -> (scores=a float32[?,3], labels=b string[?,3])
```

References: `MakeJsonFromTensors` in `tensorflow_serving/util/json_tensor.cc`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.flow import follow
from deplint.code.python import PythonFile
from deplint.code.requests import Rest, asked, keys, rest
from deplint.settings.serving import answers, saved_models

JSON = frozenset({"json", "text", "content", "decode", "loads"})
FORMS = {"instances": "predictions", "inputs": "outputs"}


@rule(
    "DPL617",
    severity="error",
    leaves=["S.6.4"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest#response_format_4", "https://stackoverflow.com/q/52588354"],
)
def answer_key_unknown(file: PythonFile, project: Project) -> Iterator[Finding]:
    for request in rest(file):
        form = (keys(request.body) or set()) & set(FORMS)
        if request.verb != "predict" or len(form) != 1:
            continue
        expected, asking = FORMS[form.pop()], request.call.file
        scope = request.call.functions[-1].node if request.call.functions else asking.shape.tree
        for outer, inner in follow(request.call.node, scope, _body):
            key = _key(outer, inner)
            if key in FORMS.values() and key != expected and answers(project, request.model, request.port, file):
                yield Finding(
                    asking.place_of(outer),
                    f"the answer has no {key!r}: what is asked under {'instances' if expected == 'predictions' else 'inputs'!r} "
                    f"is answered under {expected!r}",
                    help=f'read response.json()["{expected}"]',
                )
            elif key == expected:
                yield from _outputs(request, outer, scope, asking, project)


def _outputs(request: Rest, answer: ast.AST, scope: ast.AST, file: PythonFile, project: Project) -> Iterator[Finding]:
    """The keys that are read of the values, against the outputs of the model."""
    signatures = asked(request, saved_models(project, request.model, file, request.version))
    names = {name for signature in signatures for name in signature.outputs}
    if not names:
        return
    assert isinstance(scope, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    for outer, inner in follow(answer, scope, lambda outer, inner: isinstance(outer, ast.Subscript) and _key(outer, inner) is None):
        key = _key(outer, inner)
        if key is not None and key not in names:
            yield Finding(
                file.place_of(outer),
                f'the model "{request.model}" has no output {key!r}, only {", ".join(map(repr, sorted(names)))}: KeyError',
                help="read an output that the signature has",
            )


def _key(outer: ast.AST, inner: ast.AST) -> str | None:
    """The constant text that `outer` reads of `inner`."""
    match outer:
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key)), ctx=ast.Load()) if value is inner:
            return key
    return None


def _body(outer: ast.AST, inner: ast.AST) -> bool:
    """What is the answer's body still: ``response.json()``, ``json.loads(response.text)``."""
    if isinstance(outer, ast.Attribute):
        return outer.attr in JSON
    if isinstance(outer, ast.Call):
        name = outer.func.attr if isinstance(outer.func, ast.Attribute) else outer.func.id if isinstance(outer.func, ast.Name) else ""
        return name in JSON
    return False
