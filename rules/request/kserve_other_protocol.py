"""A request in version 1 of KServe's protocol for a model that is served with version 2.

With ``protocolVersion: v2`` KServe serves scikit-learn, XGBoost and their like by MLServer, which answers at ``/v2/models/NAME/infer``,
where `inputs` are tensors with name, shape and datatype. ``/v1/models/NAME:predict`` is ``404 Not Found`` there.

```python bad path=client.py
import requests

HOST = "http://localhost:8080"
requests.post(f"{HOST}/v1/models/iris:predict", json={"instances": [[1, 2, 3, 4]]})  # <-
requests.post(f"{HOST}/v2/models/iris/infer", json={"inputs": []})
requests.post(f"{HOST}/v1/models/other:predict", json={"instances": [[1, 2, 3, 4]]})
```

```yaml + path=isvc.yaml
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      protocolVersion: v2
      storageUri: gs://models/iris
```

A transformer, and containers and runtimes of one's own, speak as they like.

```python good path=client.py
import requests

requests.post("http://localhost:8080/v1/models/iris:predict", json={"instances": [[1, 2, 3, 4]]})
```

```yaml + path=isvc.yaml
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris}
spec:
  transformer:
    containers: [{name: kserve-container, image: registry.example.com/prepare:1}]
  predictor:
    model:
      modelFormat: {name: sklearn}
      protocolVersion: v2
      storageUri: gs://models/iris
```

References: "Data plane" of KServe's documentation; the runtimes in `config/runtimes` of KServe 0.15.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import asks
from deplint.settings.containers import Deployment

ASKED = re.compile(r"/v1/models/(?P<model>[\w.-]+):predict")
OF_MLSERVER = frozenset({"sklearn", "xgboost", "lightgbm", "mlflow"})
"""Formats that MLServer serves where version 2 is asked for."""


@rule(
    "DPL875",
    severity="error",
    leaves=["S.5.4", "S.5.2"],
    see=[
        "https://kserve.github.io/website/docs/concepts/architecture/data-plane",
        "https://github.com/kserve/kserve/tree/aaac4e294dae2c7b1aa1886447793f3aa1c30912/config/runtimes",
    ],
)
def kserve_other_protocol(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call, url, method in asks(file):
        match = ASKED.search("".join("\0" if piece is None else piece for piece in url.pieces))
        if match is not None and method == "POST" and not call.guarded and _second(project, match["model"]):
            yield Finding(
                url,
                f'the InferenceService "{match["model"]}" is served with protocol v2, and v1 is asked for: 404 Not Found',
                help=f"ask /v2/models/{match['model']}/infer, with tensors in the body; or take protocolVersion away",
            )


def _second(project: Project, name: str) -> bool:
    """The only InferenceService of that name certainly speaks version 2 alone."""
    trees = [
        tree
        for deployment in project.all(Deployment)
        for tree in deployment.documents
        if tree.string("kind") == "InferenceService" and tree.string("metadata", "name") == name
    ]
    model = trees[0].get("spec", "predictor", "model") if len(trees) == 1 else None
    if model is None or trees[0].get("spec", "transformer") or model.get("runtime"):
        return False
    kind = model.get("modelFormat", "name")
    return model.string("protocolVersion") == "v2" and kind is not None and kind.text in OF_MLSERVER
