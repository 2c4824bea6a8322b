"""A request to MLflow that does not fit the signature of the model.

The scoring server holds what it is sent against the signature in `MLmodel`: ``Model is missing inputs ['attention_mask']. Note that there
were extra inputs: ['mask']``, ``Shape of input (1, 3) does not match expected shape (-1, 4)``, with status 400.

```python bad path=client.py
import requests

requests.post("http://localhost:5000/invocations", json={"inputs": {"ids": [[1, 2]], "attention_mask": [[1, 1]]}})  # <-
requests.post("http://localhost:5000/invocations", json={"instances": [{"input_ids": [1, 2]}]})  # <-
requests.post("http://localhost:5000/invocations", json={"inputs": {"input_ids": [[1, 2, 3]], "attention_mask": [[1, 1, 1]]}})  # <-
```

```yaml + path=model/MLmodel
flavors:
  python_function: {loader_module: mlflow.pytorch}
signature:
  inputs: '[{"name": "input_ids", "type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1, 2]}}, {"name": "attention_mask",
    "type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1, 2]}}]'
```

Columns, and a tensor without a name:

```python bad path=client.py
import requests

requests.post("http://localhost:5000/invocations", json={"dataframe_split": {"columns": ["a", "c"], "data": [[1.0, 2.0]]}})  # <-
requests.post("http://localhost:5000/invocations", json={"dataframe_records": [{"a": 1.0}]})  # <-
```

```yaml + path=model/MLmodel
flavors:
  python_function: {loader_module: mlflow.sklearn}
signature:
  inputs: '[{"type": "double", "name": "a", "required": true}, {"type": "double", "name": "b", "required": true}]'
```

One tensor:

```python bad path=client.py
import requests

requests.post("http://localhost:5000/invocations", json={"inputs": [[1.0, 2.0, 3.0]]})  # <-
```

```yaml + path=model/MLmodel
flavors:
  python_function: {loader_module: mlflow.keras}
signature:
  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
```

What fits, what is more than that (it is ignored), what is optional, what is not known:

```python good path=client.py
import requests

requests.post("http://localhost:5000/invocations", json={"dataframe_split": {"columns": ["a", "extra"], "data": [[1.0, 2.0]]}})
requests.post("http://localhost:5000/invocations", json={"dataframe_records": [{"a": 1.0}]})
requests.post("http://localhost:5000/invocations", json={"dataframe_records": rows})
requests.post("http://localhost:5000/invocations", json={"inputs": {"a": [1.0]}})
requests.post("http://localhost:5000/other", json={"inputs": {"c": [1.0]}})
```

```yaml + path=model/MLmodel
flavors:
  python_function: {loader_module: mlflow.sklearn}
signature:
  inputs: '[{"type": "double", "name": "a", "required": true}, {"type": "double", "name": "b", "required": false}]'
```

References: `_enforce_schema` in mlflow/models/utils.py, executed with 3.17.2; https://mlflow.org/docs/latest/ml/model/signatures/
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import asks, body_of, entry, keys, path_of
from deplint.settings.mlmodel import Input, MlflowModel


@rule(
    "DPL749",
    severity="error",
    leaves=["S.5.2", "S.6.2"],
    since={"mlflow": "2.0"},
    see=["https://mlflow.org/docs/latest/ml/model/signatures/", "https://github.com/mlflow/mlflow/blob/v3.1.0/mlflow/models/utils.py"],
)
def mlflow_body_unlike_signature(file: PythonFile, project: Project) -> Iterator[Finding]:
    if not file.mentions("/invocations"):
        return
    models = [model for model in project.all(MlflowModel) if model.inputs]
    if len({tuple(model.inputs) for model in models}) != 1:
        return
    for call, url, method in asks(file):
        if method == "POST" and not call.guarded and path_of(url) == "/invocations":
            wrong = _wrong(body_of(call), models[0].inputs)
            if wrong:
                yield Finding(
                    call,
                    f"{wrong} ({models[0].path})",
                    help="send what the signature asks for: the names as they are, a tensor in its shape with the batch first",
                )


def _wrong(body: Value | None, inputs: list[Input]) -> str:
    """What of a body does not fit a signature; empty where it may."""
    given = keys(body) or set()
    if body is None or len(given & {"inputs", "instances", "dataframe_split", "dataframe_records"}) != 1:
        return ""
    named, shapes = _sent(body)
    if named is None:
        only = _shape(entry(body, "inputs")) if "inputs" in given and len(inputs) == 1 and not inputs[0].name else None
        return _unlike(only, inputs[0].shape) if only is not None else ""
    if not all(each.name for each in inputs):
        return ""
    missing = [each.name for each in inputs if each.required and each.name not in named]
    if missing:
        extra = sorted(named - {each.name for each in inputs})
        more = f". Note that there were extra inputs: {extra}" if extra else ""
        return f"Model is missing inputs {missing}{more}"
    wrong = (_unlike(shapes.get(each.name), each.shape) for each in inputs)
    return next((each for each in wrong if each), "")


def _sent(body: Value) -> tuple[set[str] | None, dict[str, tuple[int, ...] | None]]:
    """The names of the inputs that a body has, None if it has none or they are not known; and the shapes that are."""
    inputs, split = entry(body, "inputs"), entry(body, "dataframe_split")
    if inputs is not None and inputs.entries is not None:
        names = keys(inputs)
        return names, {name: _shape(entry(inputs, name)) for name in names or ()}
    if split is not None:
        columns = entry(split, "columns")
        items = columns.items if columns is not None and columns.exact else None
        texts = [item.text for item in items or ()]
        return (None if items is None or None in texts else {text for text in texts if text is not None}), {}
    for name in ("instances", "dataframe_records"):
        rows = entry(body, name)
        if rows is not None and rows.exact and rows.items:
            return keys(rows.items[0]), {}
    return None, {}


def _shape(value: Value | None, depth: int = 0) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers that are written out."""
    if value is None or depth > 8:
        return None
    if isinstance(value.python(), (int, float)):
        return ()
    if not value.exact or not value.items:
        return None
    inner = {_shape(item, depth + 1) for item in value.items[:64]}
    only = inner.pop() if len(inner) == 1 else None
    return (len(value.items), *only) if only is not None else None


def _unlike(given: tuple[int, ...] | None, wanted: tuple[int, ...] | None) -> str:
    if given is None or wanted is None:
        return ""
    same = len(given) == len(wanted) and all(size in (-1, other) for size, other in zip(wanted, given, strict=True))
    return "" if same else f"Shape of input {given} does not match expected shape {wanted}"
