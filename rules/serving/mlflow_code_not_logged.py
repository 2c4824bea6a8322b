"""A model that MLflow pickles with the name of a class, whose module it is not given.

`mlflow.pytorch.log_model` and a `python_model` of `mlflow.pyfunc` pickle the object. The class of an imported module is pickled by
name alone: where the model is served, away from the project's folder, ``ModuleNotFoundError: No module named 'nets'``. `code_paths`
takes the module along. (A class of the script itself is pickled whole. Late releases of 3 write pt2 and no pickle.)

```python bad path=train.py
import mlflow
from nets import Forecast

model = Forecast(8, 2)
with mlflow.start_run():
    mlflow.pytorch.log_model(model, "model", registered_model_name="demand")  # <-
```

```python + path=nets/__init__.py
from nets.tcn import Forecast
```

```python + path=nets/tcn.py
import torch

class Forecast(torch.nn.Module):
    def __init__(self, features, horizon):
        super().__init__()
        self.body = torch.nn.Linear(features, horizon)

    def forward(self, x):
        return self.body(x)
```

```text + path=requirements.txt
mlflow==2.14.3
torch==2.3.1
```

```python bad path=log.py
import mlflow
from wrap import Wrapper

mlflow.pyfunc.log_model(artifact_path="model", python_model=Wrapper(), artifacts={"net": "net.onnx"})  # <-
```

```python + path=wrap.py
import mlflow.pyfunc
import onnxruntime

class Wrapper(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.session = onnxruntime.InferenceSession(context.artifacts["net"])

    def predict(self, context, model_input):
        return self.session.run(None, {"x": model_input.to_numpy()})[0]
```

```python good path=log.py
import mlflow
import torch
from wrap import Wrapper

class Local(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input

mlflow.pyfunc.log_model(artifact_path="model", python_model=Wrapper(), code_paths=["wrap.py"])
mlflow.pyfunc.log_model(artifact_path="model", python_model=Wrapper(), infer_code_paths=True)
mlflow.pyfunc.log_model(artifact_path="model", python_model=Local())
mlflow.pytorch.log_model(torch.nn.Linear(2, 2), "model")
```

```python + path=wrap.py
import mlflow.pyfunc

class Wrapper(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input
```

A project that is installed where the model is served, or that loads it itself, has the module.

```python good path=log.py
import mlflow
from wrap import Wrapper

mlflow.pyfunc.log_model(artifact_path="model", python_model=Wrapper())
loaded = mlflow.pyfunc.load_model("runs:/1/model")
```

```python + path=wrap.py
import mlflow.pyfunc

class Wrapper(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input
```

References: executed with mlflow 3.17 (loaded in another folder); `mlflow/pytorch/__init__.py`, `_get_default_serialization_format`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile

LOGS = {"mlflow.pyfunc.{log_model,save_model}": ("python_model", None), "mlflow.pytorch.{log_model,save_model}": ("pytorch_model", 0)}
"""Calls -> the argument that is pickled."""
WITH_CODE = ("code_paths", "code_path", "infer_code_paths", "loader_module", "extra_files")
LOADS = re.compile(r"mlflow\.\w+\.load_model|pickle_by_value|register_pickle_by_value|mlflow\.models\.predict")
PACKAGING = ("setup.py", "setup.cfg", "pyproject.toml")


@rule(
    "DPL912",
    severity="warning",
    leaves=["S.1.2", "S.3.1"],
    see=[
        "https://mlflow.org/docs/latest/ml/model/dependencies/#saving-extra-code-dependencies-with-an-mlflow-model",
    ],
)
def mlflow_code_not_logged(file: PythonFile, project: Project) -> Iterator[Finding]:
    for pattern, where in LOGS.items():
        for call in file.calls(pattern):
            given = call.argument(*where)
            node = given.project_class
            if node is None or call.file is not file or call.open or not all(call.argument(name).missing for name in WITH_CODE):
                continue
            if not _pickles(call, project):
                continue
            home = next((f for f in files_with(project, re.compile(rf"class {node.name}\b")) if node in f.shape.tree.body), None)
            if home is not None and home is not file and not _there(home, project):
                yield Finding(
                    call,
                    f"{node.name} is pickled by name, and {home.path} is not logged with it: ModuleNotFoundError where the model is served",
                    help=f'code_paths=["{home.path.partition("/")[0]}"]',
                )


def _pickles(call: Call, project: Project) -> bool:
    """`mlflow.pytorch` does so in releases before 3, and later where it is told to."""
    if ".pytorch." not in call.name or call.argument("serialization_format").text == "pickle":
        return True
    return call.argument("export_model").missing and project.versions.allows("mlflow", call, until="3.0") is True


def _there(home: PythonFile, project: Project) -> bool:
    """The module may be there where the model is loaded: the project can be installed, or it loads the model itself."""
    above = [folder for folder in home.file.path.parents if folder.is_relative_to(project.root)]
    installed = any((folder / name).is_file() for folder in above for name in PACKAGING)
    return installed or bool(files_with(project, LOADS, project.area(home)))
