"""A REST request whose values have another shape than the model's input.

TensorFlow Serving makes one tensor of the elements of `instances`, or of what `inputs` holds, and gives it to the graph as it
is. Many operators take any shape; a matrix product, a convolution and the parser of examples do not (``Expected serialized to be a
vector``, ``In[0] is not a matrix``, ``Matrix size-incompatible``, ``input must be 4-dimensional``).

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
graph main
  input x float32[?,3]
  weight w float32[3,1]
  op MatMul y (x, w)
  output y float32[?,1]
```

So it is with a body in a file of its own, for the only model there is.

```json bad path=request.json line=1
{"signature_name": "serving_default", "instances": [{"examples": ["99214,17000"]}]}
```

```graph + path=models/codes/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (examples=input_example_tensor string[?]) -> (y=y float32[?,154])
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
graph main
  input x float32[?,3]
  weight w float32[3,1]
  op MatMul y (x, w)
  output y float32[?,1]
```

A model that works element by element answers what has any shape.

```bash good path=ask.sh
curl -d '{"instances": [1.0, 2.0, 5.0]}' -X POST http://localhost:8501/v1/models/half_plus_two:predict
```

```graph + path=models/half_plus_two/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,1]) -> (y=y float32[?,1])
graph main
  input x float32[?,1]
  op Mul y (x, x)
  output y float32[?,1]
```

Of a body of its own nobody can tell which of several models it is for.

```json good path=request.json
{"instances": [[1.0, 2.0]]}
```

```graph + path=models/codes/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (examples=input_example_tensor string[?]) -> (y=y float32[?,154])
```

```graph + path=models/houses/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,3]) -> (y=y float32[?,1])
graph main
  input x float32[?,3]
  weight w float32[3,1]
  op MatMul y (x, w)
  output y float32[?,1]
```

A list around a batch makes one instance of it, whatever the model is.

```python bad path=ask.py
import json
import numpy as np
import requests
from PIL import Image

def classify(path):
    image = Image.open(path).convert("RGB").resize((224, 224))
    batch = np.expand_dims(np.asarray(image, dtype=np.float32) / 255, axis=0)
    body = {"instances": [batch.tolist()]}
    right = {"instances": batch.tolist()}
    requests.post("http://localhost:8501/v1/models/flowers:predict", data=json.dumps(right))
    return requests.post("http://localhost:8501/v1/models/flowers:predict", data=json.dumps(body)).json()  # <-
```

References: `FillTensorMapFromInstancesList` and `AddValueToTensor` in `tensorflow_serving/util/json_tensor.cc`; `matmul_op_impl.h`,
`conv_ops.cc` and `example_proto_helper.cc` of TensorFlow. `input_example_tensor` is what an Estimator calls the input of its parser.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Place, Project, rule
from deplint.code.arrays import shape
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import URL, Rest, asked, entry, keys, rest
from deplint.finding import Placed
from deplint.model import Model, Signature, Tensor
from deplint.settings.bodies import RequestFile
from deplint.settings.curl import curls
from deplint.settings.scripts import Script
from deplint.settings.serving import only, saved_models

Sizes = tuple[int | None, ...]
PARSED = ("input_example_tensor", "tf_example")
"""What Estimators, and the tutorials of TensorFlow Serving, call the input of `parse_example`."""

MIND = ("MatMul", "Conv2D", "DepthwiseConv2dNative", "Conv3D", "ParseExample", "ParseExampleV2", "DecodeJpeg", "DecodePng")
"""Operators that take one shape of their first input alone."""

NESTED = 8
"""Lists within lists that are looked into."""


@rule(
    "DPL625",
    severity="warning",
    leaves=["S.5.2", "S.6.3", "S.6.2"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest#predict_api", "https://stackoverflow.com/q/51776489"],
)
def request_shape_differs(facts: PythonFile | Script | RequestFile, project: Project) -> Iterator[Finding]:
    for place, rows, columns, models, name_of in _sent(facts, project):
        deep = _one_batch(rows) if not models else None
        if deep is not None:
            yield Finding(
                place,
                f"the only instance is a batch itself, {_shown(deep)}: with the list around it the model is given {_shown((1, *deep))}",
                help='"instances": batch.tolist(), whose rows are the instances',
            )
            continue
        signatures = asked(name_of, models)
        strict = {id(tensor) for model in models for tensor in _strict(model)}
        for name, sizes in (*_of_rows(rows), *_of_columns(columns)):
            wanted = {_wanted(signature, name, strict) for signature in signatures}
            known = wanted.pop() if len(wanted) == 1 else None
            if known is not None and not _fits(sizes, known):
                what = f'the input "{name}"' if name else "the input"
                yield Finding(
                    place,
                    f"what is sent has the shape {_shown(sizes)}, and {what} of the model {_shown(known)}: the request fails",
                    help="instances is a list with one element for each row of the batch, inputs holds the whole tensor",
                )
                break


def _sent(
    facts: PythonFile | Script | RequestFile, project: Project
) -> Iterator[tuple[Placed | Place, object, object, list[Model], Rest | str | None]]:
    """The bodies for `:predict`: where they are, their `instances` and `inputs`, the models that they may be for, and the request or the
    name of its signature."""
    if isinstance(facts, PythonFile):
        for request in rest(facts):
            rows, columns = entry(request.body, "instances"), entry(request.body, "inputs")
            if request.verb == "predict" and (rows is not None or columns is not None):
                yield request.body or request.call, rows, columns, saved_models(project, request.model, facts, request.version), request
        return
    for sent in curls(facts):
        body, match = sent.body, URL.fullmatch(sent.url.masked)
        if not isinstance(body, dict) or not sent.data or not (match["verb"] == "predict" if match else not sent.method):
            continue
        models = saved_models(project, match["model"], facts) if match else only(project, facts)
        name = body.get("signature_name", "")
        yield sent.data.place, body.get("instances"), body.get("inputs"), models, name if isinstance(name, str) else None


def _one_batch(rows: object) -> Sizes | None:
    """The shape of the only instance, where that is a picture with an axis for the batch in front."""
    listed = _items(rows)
    sizes = _shape(listed[0]) if listed is not None and len(listed) == 1 else None
    return (
        sizes if sizes is not None and len(sizes) == 4 and sizes[0] in (1, None) and 1 not in sizes[1:3] and sizes[-1] in (1, 3) else None
    )


def _strict(model: Model) -> Iterator[Tensor]:
    """The inputs whose shape the graph certainly minds."""
    for signature in model.signatures.values():
        for tensor in signature.inputs.values():
            readers = model.graph.consumers.get(tensor.name, ())
            if tensor.name in PARSED or any(op.type in MIND and list(op.inputs[:1]) == [tensor.name] for op in readers):
                yield tensor


def _wanted(signature: Signature, name: str, strict: set[int]) -> Sizes | None:
    """The shape of the input of that name, or of the only one, where the graph minds."""
    tensor = signature.inputs.get(name) if name else next(iter(signature.inputs.values())) if len(signature.inputs) == 1 else None
    if tensor is None or tensor.shape is None or id(tensor) not in strict:
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
