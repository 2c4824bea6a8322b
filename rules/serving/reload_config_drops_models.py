"""A request to TensorFlow Serving that unloads the models it does not name.

`HandleReloadConfigRequest` gives the server a new list of models in place of the old one: what is not in it is unloaded. A list that
holds the new model alone takes all others out of service, and they answer ``Servable not found for request``.

```python bad path=add_model.py
import grpc
from tensorflow_serving.apis import model_management_pb2, model_service_pb2_grpc
from tensorflow_serving.config import model_server_config_pb2

stub = model_service_pb2_grpc.ModelServiceStub(grpc.insecure_channel("localhost:8500"))
request = model_management_pb2.ReloadConfigRequest()
listed = model_server_config_pb2.ModelServerConfig()
one = listed.model_config_list.config.add()  # <-
one.name = "boats"
one.base_path = "/models/boats"
one.model_platform = "tensorflow"
request.config.CopyFrom(listed)
stub.HandleReloadConfigRequest(request)
```

```textproto + path=models.config
model_config_list {
  config { name: "fruit" base_path: "/models/fruit" model_platform: "tensorflow" }
  config { name: "cars" base_path: "/models/cars" model_platform: "tensorflow" }
}
```

A list that is made of all of them, or read from the file, is what is wanted.

```python good path=add_model.py
import grpc
from tensorflow_serving.apis import model_management_pb2, model_service_pb2_grpc
from tensorflow_serving.config import model_server_config_pb2

stub = model_service_pb2_grpc.ModelServiceStub(grpc.insecure_channel("localhost:8500"))
request = model_management_pb2.ReloadConfigRequest()
listed = model_server_config_pb2.ModelServerConfig()
for name in ("fruit", "cars", "boats"):
    one = listed.model_config_list.config.add()
    one.name = name
request.config.CopyFrom(listed)
stub.HandleReloadConfigRequest(request)
```

```textproto + path=models.config
model_config_list {
  config { name: "fruit" base_path: "/models/fruit" model_platform: "tensorflow" }
  config { name: "cars" base_path: "/models/cars" model_platform: "tensorflow" }
}
```

References: `ServerCore::ReloadConfig` in `model_servers/server_core.h` of TensorFlow Serving: models that are not in the new
configuration are unloaded.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.triton import ServingModels


@rule(
    "DPL573",
    severity="warning",
    leaves=["S.7", "S.4.4"],
    see=["https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/apis/model_service.proto"],
)
def reload_config_drops_models(file: PythonFile, project: Project) -> Iterator[Finding]:
    # Other ways to fill the list: a message read from text, extend, a list of messages.
    if "HandleReloadConfigRequest" not in file.text or any(other in file.text for other in ("text_format", ".extend(", "json_format")):
        return
    tree = file.shape.tree
    added = [node for node in ast.walk(tree) if _adds(node)]
    looped = {id(inner) for node in ast.walk(tree) if isinstance(node, (ast.For, ast.While, ast.ListComp)) for inner in ast.walk(node)}
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    # A function with parameters may be called for each model.
    repeated = not added or any(node is added[0] for function in functions if ast.unparse(function.args) for node in ast.walk(function))
    names = {name for node in ast.walk(tree) if (name := _name(node)) is not None}
    served = {model.name for listed in project.all(ServingModels) if _near(listed, file, project) for model in listed.models}
    if len(added) == 1 and id(added[0]) not in looped and not repeated and len(names) == 1 and served - names:
        yield Finding(
            file.place_of(added[0]),
            f"the server is given a list of one model, and unloads the others: {', '.join(sorted(served - names))}",
            help="add every model that is to be served to the list",
        )


def _adds(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="add", value=ast.Attribute(attr="config"))):
            return True
    return False


def _name(node: ast.AST) -> str | None:
    match node:
        case ast.Assign(targets=[ast.Attribute(attr="name")], value=ast.Constant(value=str(name))):
            return name
    return None


def _near(listed: ServingModels, file: PythonFile, project: Project) -> bool:
    return Path(os.path.abspath(listed.path)).is_relative_to(project.area(file))
