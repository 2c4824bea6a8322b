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
