"""A REST request whose values have another shape than the model's input.

TensorFlow Serving makes one tensor of the elements of `instances`, or of what `inputs` holds, and gives it to the graph as it
is: one that has an axis too few or too many, or another number of features, fails in the first operator that minds
(``Expected serialized to be a vector``, ``Matrix size-incompatible``, ``input must be 4-dimensional``).

```python bad
import numpy as np
import requests

url = "http://localhost:8501/v1/models/houses:predict"
requests.post(url, json={"instances": [0.5, 1.0, 2.0]})  # <- one house, and no list of houses
requests.post(url, json={"instances": [[0.5, 1.0]]})  # <- a feature is missing
requests.post(url, json={"instances": [[[0.5, 1.0, 2.0]]]})  # <-
requests.post(url, json={"inputs": {"x": [0.5, 1.0, 2.0]}})  # <-
requests.post(url, json={"instances": np.zeros(3).tolist()})  # <-
```

```graph + path=models/houses/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,3]) -> (y=y float32[?,1])
```

So it is with a body in a file of its own, for the only model there is.

```json bad path=request.json line=1
{"signature_name": "serving_default", "instances": [{"examples": ["99214,17000"]}]}
```

```graph + path=models/codes/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (examples=examples string[?]) -> (y=y float32[?,154])
```

```python good
import numpy as np
import requests

url = "http://localhost:8501/v1/models/houses:predict"
requests.post(url, json={"instances": [[0.5, 1.0, 2.0], [1.5, 1.0, 2.0]]})
requests.post(url, json={"instances": [{"x": [0.5, 1.0, 2.0]}]})
requests.post(url, json={"inputs": {"x": [[0.5, 1.0, 2.0]]}})
requests.post(url, json={"inputs": [[0.5, 1.0, 2.0]]})
requests.post(url, json={"instances": np.zeros((4, 3)).tolist()})
requests.post(url, json={"instances": rows()})
requests.post(url, json={"instances": [row() for _ in range(3)]})
```

```graph + path=models/houses/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,3]) -> (y=y float32[?,1])
```

Of a body of its own nobody can tell which of several models it is for.

```json good path=request.json
{"instances": [[1.0, 2.0]]}
```

```graph + path=models/codes/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (examples=examples string[?]) -> (y=y float32[?,154])
```

```graph + path=models/houses/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,3]) -> (y=y float32[?,1])
```

References: `FillTensorMapFromInstancesList` and `AddValueToTensor` in `tensorflow_serving/util/json_tensor.cc`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Place, Project, rule
from deplint.code.arrays import shape
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import URL, asked, entry, keys, rest
from deplint.code.signatures import reached
from deplint.finding import Placed
from deplint.model import Signature
from deplint.settings.bodies import RequestFile
from deplint.settings.curl import curls
from deplint.settings.scripts import Script
from deplint.settings.serving import only

Sizes = tuple[int | None, ...]
NESTED = 8
"""Lists within lists that are looked into."""


@rule(
    "DPL625",
    severity="warning",
    leaves=["S.5.2", "S.6.3", "S.6.2"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest#predict_api", "https://stackoverflow.com/q/51776489"],
)
def request_shape_differs(facts: PythonFile | Script | RequestFile, project: Project) -> Iterator[Finding]:
    for place, rows, columns, signatures in _sent(facts, project):
        for name, sizes in (*_of_rows(rows), *_of_columns(columns)):
            wanted = {_wanted(signature, name) for signature in signatures}
            known = wanted.pop() if len(wanted) == 1 else None
            if known is not None and not _fits(sizes, known):
                what = f'the input "{name}"' if name else "the input"
                yield Finding(
                    place,
                    f"what is sent has the shape {_shown(sizes)}, and {what} of the model {_shown(known)}: the request fails",
                    help="instances is a list with one element for each row of the batch, inputs holds the whole tensor",
                )
                break


def _sent(facts: PythonFile | Script | RequestFile, project: Project) -> Iterator[tuple[Placed | Place, object, object, list[Signature]]]:
    """The bodies for `:predict`: where they are, their `instances` and `inputs`, and the signatures that they may be for."""
    if isinstance(facts, PythonFile):
        for request in rest(facts):
            rows, columns = entry(request.body, "instances"), entry(request.body, "inputs")
            if request.verb == "predict" and (rows is not None or columns is not None):
                models = reached(project, request.model, facts, request.version)
                yield request.body or request.call, rows, columns, asked(request, models)
        return
    for sent in curls(facts):
        body, match = sent.body, URL.fullmatch(sent.url.masked)
        if not isinstance(body, dict) or not sent.data or not (match["verb"] == "predict" if match else not sent.method):
            continue
        models = reached(project, match["model"], facts) if match else only(project, facts)
        name = body.get("signature_name", "")
        yield sent.data.place, body.get("instances"), body.get("inputs"), asked(name if isinstance(name, str) else None, models)


def _wanted(signature: Signature, name: str) -> Sizes | None:
    """The shape of the input of that name, or of the only one."""
    tensor = signature.inputs.get(name) if name else next(iter(signature.inputs.values())) if len(signature.inputs) == 1 else None
    if tensor is None or tensor.shape is None:
        return None
    return tuple(size if isinstance(size, int) else None for size in tensor.shape)


def _fits(given: Sizes, wanted: Sizes) -> bool:
    sizes = zip(given[1:], wanted[1:], strict=False)  # a fixed batch is another matter
    return len(given) == len(wanted) and all(one is None or other is None or one == other for one, other in sizes)


def _shown(sizes: Sizes) -> str:
    return f"[{', '.join('?' if size is None else str(size) for size in sizes)}]"


def _of_rows(rows: object) -> Iterator[tuple[str, Sizes]]:
    """The inputs (empty for the only one) that `instances` gives values, and the shape of these."""
    listed = _items(rows)
    if listed is None:
        known = _shape(rows)
        if known:
            yield "", known
        return
    for name, value in _named(listed[0]) if listed else ():
        known = _shape(value)
        if known is not None:
            yield name, (None, *known)


def _of_columns(columns: object) -> Iterator[tuple[str, Sizes]]:
    for name, value in _named(columns) if columns is not None else ():
        known = _shape(value)
        if known is not None:
            yield name, known


def _named(value: object) -> list[tuple[str, object]]:
    """The entries of a dictionary of inputs; for any other value itself, without a name."""
    if isinstance(value, Value):
        named: list[tuple[str, object]] = [(key.text or "", item) for key, item in value.entries or ()]
        return named if named and keys(value) not in (None, {"b64"}) else [("", value)] if not named else []
    return list(value.items()) if isinstance(value, dict) and {*value} != {"b64"} else [("", value)]


def _items(value: object) -> list[Value] | list[object] | None:
    """What a list certainly holds; None for what is no such list."""
    if isinstance(value, Value):
        return value.items if value.exact and value.entries is None else None
    return value if isinstance(value, list) else None


def _shape(value: object, depth: int = 0) -> Sizes | None:
    """The shape of nested lists, told by their first elements; None if it is not known."""
    listed = _items(value)
    if listed is not None:
        inner = _shape(listed[0], depth + 1) if listed and depth < NESTED else None
        return (len(listed), *inner) if inner is not None else None
    if isinstance(value, Value):
        made = value.origin
        if made is not None and made.name.endswith(".tolist"):
            return shape(made.receiver)
        return () if keys(value) == {"b64"} or isinstance(value.python(), (int, float, str)) else None
    return None if value is None or (isinstance(value, dict) and {*value} != {"b64"}) else ()
