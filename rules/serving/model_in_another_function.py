"""A model that one function loads into a variable of its own, and another looks for among the module's.

A scoring script of Azure Machine Learning has `init` load the model and `run` use it, others have a hook for the start and a handler.
Without ``global model``, what the first assigns is gone when it returns: ``NameError: name 'model' is not defined`` at the first request.

```python bad path=score.py
import onnxruntime as ort

def init():
    session = ort.InferenceSession("churn.onnx")  # <-
    print(session.get_inputs())

def run(raw):
    return session.run(None, {"x": raw})[0].tolist()
```

```python good path=score.py
import onnxruntime as ort

def init():
    global session
    session = ort.InferenceSession("churn.onnx")

def run(raw):
    return session.run(None, {"x": raw})[0].tolist()
```

Where others may define the name, nothing is said.

```python good path=score.py
import onnxruntime as ort
from store import *

def init():
    session = ort.InferenceSession("churn.onnx")
    globals()["net"] = session
    return session

def run(raw):
    session = init()
    return [session.run(None, {"x": x}) for x in raw]

def inner():
    def read():
        return model
    model = ort.InferenceSession("churn.onnx")
    return read
```

A variable of the module with that name is a choice, be it a wrong one.

```python good path=score.py
import joblib

model = None

def init():
    model = joblib.load("model.pkl")
    return model

def run(raw):
    return model.predict(raw)
```

References: https://docs.python.org/3/reference/executionmodel.html#resolution-of-names
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.library import LITE
from deplint.code.python import PythonFile

LOADS = (
    "onnxruntime.InferenceSession", "**.load_model", "torch.{load,jit.load}", "joblib.load", "pickle.load", "tensorflow.saved_model.load",
    LITE, "**.from_pretrained", "transformers.pipeline",
    "ultralytics.YOLO", "sentence_transformers.SentenceTransformer", "whisper.load_model",
)  # fmt: skip


@rule(
    "DPL881",
    severity="error",
    leaves=["S.3.3", "S.6.3"],
    see=["https://learn.microsoft.com/en-us/azure/machine-learning/how-to-deploy-online-endpoints#understand-the-scoring-script"],
)
def model_in_another_function(file: PythonFile) -> Iterator[Finding]:
    loads = {id(call.node): call for call in file.calls(*LOADS) if call.file is file and not call.guarded}
    made = {}
    for function in ast.walk(file.shape.tree) if loads else ():
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for statement in ast.walk(function):
                value = statement.value if isinstance(statement, ast.Assign) else None
                target = statement.targets[0] if isinstance(statement, ast.Assign) else None
                if value is not None and id(value) in loads and isinstance(target, ast.Name):
                    made[target.id] = loads[id(value)]
    for name, by in _undefined(file.text).items() if made else ():
        if name in made:
            yield Finding(
                made[name],
                f"{name} is a variable of this function alone, and {by} looks for one of the module: NameError, name '{name}' is not "
                "defined",
                help=f"begin the function with: global {name}",
            )


def _undefined(text: str) -> dict[str, str]:
    """The names that functions look for in the module, and nobody defines there, each with one such function. Empty where that cannot be
    told."""
    try:
        top = symtable.symtable(text, "module", "exec")
    except SyntaxError:  # what only the compiler sees: a `return` outside of functions
        return {}
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()}
    if any(word in text for word in ("import *", "globals()", "exec(", "__dict__", "setattr(", "builtins")):
        return {}
    wanted: dict[str, str] = {}
    tables = [*top.get_children()]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_declared_global() and symbol.is_assigned():
                bound.add(symbol.get_name())
            elif table.get_type() == "function" and symbol.is_global() and symbol.is_referenced():
                wanted.setdefault(symbol.get_name(), table.get_name())
    return {name: by for name, by in wanted.items() if name not in bound and not hasattr(builtins, name)}
