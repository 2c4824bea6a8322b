"""A model asked of a store by another name than it was put there.

BentoML and MLflow keep models by name. One that nobody saved is ``NotFound: no Models with name 'iris_classifier' exist in BentoML store``,
``RESOURCE_DOES_NOT_EXIST: Registered Model with name=house_price not found``.

```python bad path=service.py
import bentoml
import mlflow.pyfunc

iris = bentoml.sklearn.load_model("iris_classifier:latest")  # <-
right = bentoml.sklearn.load_model("iris_clf:latest")
price = mlflow.pyfunc.load_model("models:/house_price/Production")  # <-
house = mlflow.pyfunc.load_model("models:/house-price@champion")
```

```python + path=train.py
import bentoml
import mlflow
from data import X, y
from sklearn.svm import SVC

bentoml.sklearn.save_model("iris_clf", SVC().fit(X, y))
mlflow.sklearn.log_model(SVC().fit(X, y), "model", registered_model_name="house-price")
```

A name that is nothing like it may be another project's, and one that nobody can see may be any.

```python good path=service.py
import bentoml
import mlflow.pyfunc

other = bentoml.sklearn.load_model("churn:latest")
any_name = mlflow.pyfunc.load_model("models:/house_price/Production")
```

```python + path=train.py
import bentoml
import mlflow
from data import NAME, X, y
from sklearn.svm import SVC

bentoml.sklearn.save_model("iris_clf", SVC().fit(X, y))
mlflow.sklearn.log_model(SVC().fit(X, y), "model", registered_model_name="house-price")
mlflow.register_model("runs:/1/model", NAME)
```

A run of MLflow keeps a model under the path that it was logged with: ``No such artifact: 'model'``.

```python bad path=serve.py
import sys
import mlflow.pytorch

net = mlflow.pytorch.load_model(f"runs:/{sys.argv[1]}/model")  # <-
```

```python + path=train.py
import mlflow.pytorch
from net import Net

with mlflow.start_run():
    mlflow.pytorch.log_model(Net(), artifact_path="pytorch_model")
```

```python good path=serve.py
import sys
import mlflow.pytorch

net = mlflow.pytorch.load_model(f"runs:/{sys.argv[1]}/model")
other = mlflow.pytorch.load_model("runs:/" + sys.argv[1] + "/model/")
```

```python + path=train.py
import mlflow.pytorch
from net import Net

with mlflow.start_run():
    mlflow.pytorch.log_model(Net(), "model")
```

References: `bentoml/_internal/store.py`; MLflow's documentation of the registry.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile

STORES = {
    "BentoML's store": (
        ("bentoml.*.save_model", ("name", 0)),
        (("bentoml.*.{load_model,get}", 0), ("bentoml.models.{get,BentoModel}", 0), ("bentoml.models.import_model", 0)),
        re.compile(r"(?P<name>[\w.-]+)(?::[\w.-]+)?"),
        re.compile(r"bentoml"),
    ),
    "MLflow's registry": (
        ("mlflow.**.{log_model,register_model,save_model}", ("registered_model_name", 99)),
        (("mlflow.*.load_model", 0),),
        re.compile(r"models:/(?P<name>[^/@]+)[/@].+"),
        re.compile(r"mlflow"),
    ),
}
"""Store -> what saves a model there, with its argument for the name; what asks for one; the name in what is asked for; the package."""
ALIKE = 0.6


@rule(
    "DPL153",
    severity="error",
    leaves=["S.4.1", "S.4.2"],
    see=[
        "https://docs.bentoml.com/en/latest/build-with-bentoml/model-loading-and-management.html",
        "https://mlflow.org/docs/latest/ml/model-registry/",
    ],
)
def name_not_registered(file: PythonFile, project: Project) -> Iterator[Finding]:
    yield from _of_runs(file, project)
    for store, ((saves, where), asks, form, package) in STORES.items():
        wanted = [(call, call.argument("uri", at)) for pattern, at in asks for call in file.calls(pattern) if not call.guarded]
        wanted = [(call, value) for call, value in wanted if value.text and form.fullmatch(value.text)]
        if not wanted:
            continue
        given = [
            value
            for other in files_with(project, package, project.area(file))
            for call in other.calls(saves, "mlflow.register_model")
            for value in (call.argument("name", 1) if call.name == "mlflow.register_model" else call.argument(*where),)
        ]
        known = _names(given)
        for _, value in wanted if known else ():
            match = form.fullmatch(value.text or "")
            name = match["name"] if match is not None else ""
            like = difflib.get_close_matches(name.lower(), [k.lower() for k in known or ()], 1, ALIKE)
            if known and name not in known and like:
                yield Finding(
                    value,
                    f"{store} has no {name!r}: the code of this project saves {', '.join(map(repr, sorted(known)))}",
                    help="use one name on both sides",
                )


def _of_runs(file: PythonFile, project: Project) -> Iterator[Finding]:
    """What is asked of a run of MLflow, ``runs:/ID/PATH``, where the code of the project logs its models under other paths."""
    given = [call.argument("model_uri", 0) for call in file.calls("mlflow.*.load_model") if not call.guarded]
    wanted = [(value, value.pieces) for value in given]
    asked = [(value, pieces[-1]) for value, pieces in wanted if len(pieces) > 1 and pieces[0] == "runs:/"]
    if not asked:
        return
    others = files_with(project, re.compile(r"mlflow"), project.area(file))
    if any("log_artifact" in other.text or "autolog" in other.text for other in others):
        return
    logged = [_path(call) for other in others for call in other.calls("mlflow.*.log_model")]
    known = _names(logged)
    for value, last in asked:
        path = (last or "").strip("/")
        if known and last and last.startswith("/") and path and path.partition("/")[0] not in {name.partition("/")[0] for name in known}:
            yield Finding(
                value,
                f"the run has no {path!r}: the code of this project logs {', '.join(map(repr, sorted(known)))}",
                help="use one path on both sides",
            )


def _path(call: Call) -> Value:
    """The path below the run's artifacts that a model is logged under."""
    given = call.argument("artifact_path", 1)
    return call.argument("name") if given.missing else given


def _names(values: list[Value]) -> set[str] | None:
    """The names that are given; None if one of them is not known."""
    given = [value for value in values if not value.missing]
    texts = {value.text for value in given}
    return None if None in texts or not texts else {text for text in texts if text}
