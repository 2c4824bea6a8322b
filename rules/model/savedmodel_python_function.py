"""A SavedModel that calls Python.

`tf.py_function` and `tf.numpy_function` store a number, not the function: it is looked up in the process that made
the graph. In any other, in TensorFlow Serving or after loading, the call fails: ``Could not find callback with
key=pyfunc_0 in the registry``. No converter takes it.

```graph bad path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?]) -> (y=y float32[?])
graph main
  input x float32[?]
  op EagerPyFunc f (x) -> (y float32[?]) token=pyfunc_0  <-
  output y
```

What no signature reaches is not run.

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?]) -> (y=y float32[?])
graph main
  input x float32[?]
  op EagerPyFunc f (x) -> (z float32[?]) token=pyfunc_0
  op Relu y (x) -> (y float32[?])
  output y
```

References: run with TensorFlow 2.21 (`tests/claims/test_model_rules.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

CALLS = ("PyFunc", "PyFuncStateless", "EagerPyFunc")


@rule("DPL445", severity="error", leaves=["S.2.2", "M.2.5", "B.2.5"], see=["https://www.tensorflow.org/api_docs/python/tf/py_function"])
def savedmodel_python_function(model: Model) -> Iterator[Finding]:
    if model.format not in ("savedmodel", "graphdef", "tfjs-graph"):
        return
    for graph, op in model.used():
        if op.type in CALLS:
            yield Finding(
                model.at(graph, op),
                f"{op.type} calls a Python function that the model does not hold: it fails wherever it is loaded",
                help="write it with TensorFlow's operations, or keep that step outside the exported model",
            )
