"""A Python model of Triton that answers in another way than its configuration says.

A model of the Python backend returns one response a request; one that sends several, or none, says so: ``model_transaction_policy {
decoupled: true }``, and then sends all of them and returns None. Otherwise: ``Non-decoupled model cannot send more than one response``;
``is using the decoupled mode and the execute function must return None``.

```python bad path=models/stream/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        for request in requests:
            sender = request.get_response_sender()
            for token in self.generate(request):
                sender.send(pb_utils.InferenceResponse([token]))  # <-
            sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
        return None
```

```pbtxt + path=models/stream/config.pbtxt
backend: "python"
max_batch_size: 0
```

```python good path=models/stream/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        for request in requests:
            sender = request.get_response_sender()
            for token in self.generate(request):
                sender.send(pb_utils.InferenceResponse([token]))
            sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
        return None
```

```pbtxt + path=models/stream/config.pbtxt
backend: "python"
model_transaction_policy { decoupled: True }
```

The other way round:

```python bad path=models/clean/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        responses = []
        for request in requests:
            responses.append(pb_utils.InferenceResponse([]))
        return responses  # <-
```

```pbtxt + path=models/clean/config.pbtxt
backend: "python"
model_transaction_policy { decoupled: true }
```

A model that does both, or sets its policy itself, knows what it does. One response a request may be sent either way.

```python good path=models/stream/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    @staticmethod
    def auto_complete_config(config):
        config.set_model_transaction_policy(dict(decoupled=True))
        return config

    def execute(self, requests):
        for request in requests:
            sender = request.get_response_sender()
            for token in self.generate(request):
                sender.send(pb_utils.InferenceResponse([token]))
```

```pbtxt + path=models/stream/config.pbtxt
backend: "python"
```

```python good path=models/one/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        if not self.decoupled:
            responses = []
            return responses
        for request in requests:
            request.get_response_sender().send(pb_utils.InferenceResponse([]), pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
        return None
```

```pbtxt + path=models/one/config.pbtxt
backend: "python"
model_transaction_policy { decoupled: true }
```

References: `src/response_sender.cc` and `src/pb_stub.cc` of Triton's Python backend.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.triton import TritonConfig


@rule(
    "DPL525",
    severity="error",
    leaves=["S.4.5"],
    see=[
        "https://github.com/triton-inference-server/python_backend/blob/f9088ff60944cc5a2e97ff16baba55f1666852bc/README.md#decoupled-mode",
        "https://github.com/triton-inference-server/server/blob/v2.71.0/docs/user_guide/decoupled_models.md",
    ],
)
def triton_decoupled(file: PythonFile, project: Project) -> Iterator[Finding]:
    if "TritonPythonModel" not in file.text or "set_model_transaction_policy" in file.text:
        return
    settings = project.file(file.file.path.parent.parent / "config.pbtxt")
    configs = project.facts(settings, TritonConfig) if settings else []
    execute = _execute(file.shape.tree)
    if not configs or execute is None:
        return
    sends = "get_response_sender" in file.text
    if configs[0].decoupled and not sends:
        for node in ast.walk(execute):
            if isinstance(node, ast.Return) and node.value is not None and _list(node.value, execute):
                yield Finding(
                    file.place_of(node),
                    f"{configs[0].path} says that the model is decoupled, and such a model returns None: Triton refuses what it returns",
                    help="send responses with request.get_response_sender(), or leave model_transaction_policy out",
                )
    elif sends and not configs[0].decoupled:
        yield from (
            Finding(
                file.place_of(call),
                f"several responses are sent for one request, and {configs[0].path} does not say that the model is decoupled",
                help="model_transaction_policy { decoupled: true }",
            )
            for call in _repeated(execute, 0)
        )


def _execute(tree: ast.Module) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    models = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "TritonPythonModel"]
    found = [node for model in models for node in model.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return next((node for node in found if node.name == "execute"), None)


def _list(value: ast.expr, function: ast.AST) -> bool:
    """A list that is written there, or a variable that holds one."""
    if isinstance(value, ast.Name):
        bound = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == value.id for t in node.targets)
        ]
        return bool(bound) and all(isinstance(one, (ast.List, ast.ListComp)) for one in bound)
    return isinstance(value, (ast.List, ast.ListComp))


def _repeated(node: ast.AST, depth: int) -> Iterator[ast.Call]:
    """The calls of ``send`` with a response that stand in a loop within the loop over the requests."""
    for child in ast.iter_child_nodes(node):
        inner = depth + isinstance(child, (ast.For, ast.AsyncFor, ast.While))
        # With the flag that it is the last, each response may be for another request.
        sent = isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and child.func.attr == "send"
        if isinstance(child, ast.Call) and sent and len(child.args) == 1 and not child.keywords and depth > 1:
            yield child
        else:
            yield from _repeated(child, inner)
