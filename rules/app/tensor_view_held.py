"""A view of a TFLite tensor that is kept while the interpreter runs.

`interpreter.tensor(i)()` is a view of the interpreter's own memory. As long as somebody holds it, `allocate_tensors`, `invoke` and
`resize_tensor_input` refuse to go on: ``There is at least 1 reference to internal data in the interpreter in the form of a numpy array or
slice``.

```python bad
import tensorflow as tf

interpreter = tf.lite.Interpreter(model_path="net.tflite")
interpreter.allocate_tensors()
view = interpreter.tensor(interpreter.get_input_details()[0]["index"])()
view[:] = image
interpreter.invoke()  # <-
```

```python good
import tensorflow as tf

interpreter = tf.lite.Interpreter(model_path="net.tflite")
interpreter.allocate_tensors()
tensor = interpreter.tensor(interpreter.get_input_details()[0]["index"])
tensor()[:] = image
interpreter.invoke()
result = interpreter.tensor(interpreter.get_output_details()[0]["index"])().copy()
other = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
interpreter.invoke()
```

Let go of before, or the view of a function that has ended, it does no harm.

```python good
import tensorflow as tf

interpreter = tf.lite.Interpreter(model_path="net.tflite")
interpreter.allocate_tensors()

def feed(image):
    view = interpreter.tensor(0)()
    view[:] = image

def run(image):
    feed(image)
    interpreter.invoke()
    view = interpreter.tensor(1)()
    answer = view.argmax()
    del view
    interpreter.invoke()
    return answer

run(1)
```

Another interpreter does not mind.

```python good
import tensorflow as tf

first = tf.lite.Interpreter(model_path="a.tflite")
first.allocate_tensors()
view = first.tensor(0)()
second = tf.lite.Interpreter(model_path="b.tflite")
second.allocate_tensors()
second.invoke()
```

Kept in the object, it is there whenever a method runs the network:

```python bad
import tflite_runtime.interpreter as tflite


class Engine:
    def __init__(self, path):
        self.net = tflite.Interpreter(path)
        self.net.allocate_tensors()
        self.image = self.net.tensor(self.net.get_input_details()[0]["index"])()

    def run(self, x):
        self.image[...] = x
        self.net.invoke()  # <- self.image still holds a view
        return self.net.get_tensor(1)
```

```python good
import tflite_runtime.interpreter as tflite


class Engine:
    def __init__(self, path):
        self.net = tflite.Interpreter(path)
        self.net.allocate_tensors()
        self.image = self.net.tensor(self.net.get_input_details()[0]["index"])

    def run(self, x):
        self.image()[...] = x
        self.net.invoke()
        return self.net.get_tensor(1)
```

References: https://stackoverflow.com/questions/56777704; checked with TensorFlow 2.21
(`tests/claims/test_given_models_tensorflow.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.library import LITE
from deplint.code.python import PythonFile

INTERPRETER = LITE + "()"


@rule(
    "DPL124",
    severity="error",
    leaves=["M.4.5"],
    see=["https://www.tensorflow.org/api_docs/python/tf/lite/Interpreter#tensor", "https://stackoverflow.com/questions/56777704"],
)
def tensor_view_held(file: PythonFile) -> Iterator[Finding]:
    uses = file.calls(INTERPRETER + ".{invoke,allocate_tensors,resize_tensor_input}")
    for view in file.calls(INTERPRETER + ".tensor()") if uses else ():
        block = _block(file, view)
        getter = view.receiver.origin
        owner = getter.receiver.identity if getter is not None else None
        held = _attribute(file, view)
        later = [
            use
            for use in uses
            if owner is not None and use.receiver.identity == owner and _function(file, use) is not _function(file, view)
        ]
        if held and later and not view.guarded:
            yield Finding(
                later[0],
                f"{held} still holds a view of the interpreter's memory: {later[0].name.rpartition('.')[2]} raises RuntimeError",
                help="use get_tensor and set_tensor, or keep interpreter.tensor(i) and call it each time",
            )
            continue
        if block is None or owner is None or view.guarded:
            continue
        statements, start, name = block
        for statement in statements[start + 1 :]:
            if any(isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load) for n in ast.walk(statement)):
                break
            inside = {id(n) for n in ast.walk(statement)}
            if not isinstance(statement, (ast.Expr, ast.Assign)):
                continue  # only a statement of the same block is certain to run while the name still holds the view
            call = next((use for use in uses if use.receiver.identity == owner and id(use.node) in inside), None)
            if call is not None:
                yield Finding(
                    call,
                    f"{name} still holds a view of the interpreter's memory: {call.name.rpartition('.')[2]} raises RuntimeError",
                    help="use get_tensor and set_tensor, or keep interpreter.tensor(i) and call it each time",
                )
                break


def _block(file: PythonFile, view: Call) -> tuple[list[ast.stmt], int, str] | None:
    """The statements among which a variable is set to the view itself, where, and the variable's name."""
    for node in file.shape.nodes:
        for statements in (getattr(node, "body", []), getattr(node, "orelse", [])):
            for position, statement in enumerate(statements if isinstance(statements, list) else []):
                if isinstance(statement, ast.Assign) and statement.value is view.node and isinstance(statement.targets[0], ast.Name):
                    return list(statements), position, statement.targets[0].id
    return None


def _attribute(file: PythonFile, view: Call) -> str:
    """The attribute of `self` that is set to the view itself, and to nothing else."""
    found = ""
    for node in file.shape.nodes:
        if isinstance(node, ast.Assign) and node.value is view.node and isinstance(node.targets[0], ast.Attribute):
            found = ast.unparse(node.targets[0])
    targets = [t for node in file.shape.nodes if isinstance(node, ast.Assign) for t in node.targets]
    gone = any(isinstance(node, ast.Delete) and found in map(ast.unparse, node.targets) for node in file.shape.nodes)
    same = [t for t in targets if isinstance(t, ast.Attribute) and ast.unparse(t) == found]
    return found if found.startswith("self.") and len(same) == 1 and not gone else ""


def _function(file: PythonFile, call: Call) -> ast.AST | None:
    """The function around a call."""
    functions = [node for node in file.shape.nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return next((node for node in reversed(functions) if any(each is call.node for each in ast.walk(node))), None)
