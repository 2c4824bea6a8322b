"""A module saved with functions, of which none becomes a signature.

`tf.saved_model.save(module, path)` without `signatures=` takes the one `tf.function` of the module that has an `input_signature` as
`serving_default`. Where there are several, or none, the SavedModel has no signature at all: TensorFlow Serving answers
``Serving signature key "serving_default" not found``, and the TFLite converter ``Only support at least one signature key``.

```python bad
import tensorflow as tf

class Ranker(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def rank(self, features):
        return tf.reduce_sum(features, axis=1)

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def explain(self, features):
        return features

tf.saved_model.save(Ranker(), "export/1")  # <-
```

```python good
import tensorflow as tf

class Ranker(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def rank(self, features):
        return tf.reduce_sum(features, axis=1)

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def explain(self, features):
        return features

ranker = Ranker()
tf.saved_model.save(ranker, "export/1", signatures={"serving_default": ranker.rank, "explain": ranker.explain})
```

```python bad
import tensorflow as tf

class Adder(tf.Module):
    @tf.function
    def __call__(self, x):
        return x + 1

adder = Adder()
adder(tf.zeros([1]))
tf.saved_model.save(adder, "export/1")  # <-
```

One function with an `input_signature` is enough, a function may come from elsewhere, and Keras has its own.

```python good
import tensorflow as tf

class One(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def rank(self, features):
        return self.helper(features)

    @tf.function
    def helper(self, features):
        return features

class Later(tf.Module):
    def __init__(self):
        super().__init__()
        self.rank = tf.function(self.work, input_signature=[tf.TensorSpec([None], tf.float32)])

    def work(self, x):
        return x

class Net(tf.keras.Model):
    def call(self, x):
        return x

tf.saved_model.save(One(), "export/1")
tf.saved_model.save(Later(), "export/2")
net = Net()
net(tf.zeros([1, 4]))
tf.saved_model.save(net, "export/3")
```

A function that is to be a signature has to know its inputs when it is saved.

```python bad path=export.py
import tensorflow as tf
from module import Ranker

ranker = Ranker(tf.keras.models.load_model("ranker.keras"))
tf.saved_model.save(ranker, "export/1", signatures={"serving_default": ranker.serve})  # <-
```

```python + path=module.py
import tensorflow as tf

class Ranker(tf.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function
    def serve(self, features):
        return {"score": self.model(features)}
```

```python good path=export.py
import tensorflow as tf
from module import Ranker

one, two = Ranker(tf.keras.models.load_model("ranker.keras")), Ranker(tf.keras.models.load_model("ranker.keras"))
tf.saved_model.save(one, "export/1", signatures={"serving_default": one.signed})
two.serve(tf.zeros((1, 32)))
tf.saved_model.save(two, "export/2", signatures={"serving_default": two.serve})
```

```python + path=module.py
import tensorflow as tf

class Ranker(tf.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function
    def serve(self, features):
        return {"score": self.model(features)}

    @tf.function(input_signature=[tf.TensorSpec([None, 32], tf.float32)])
    def signed(self, features):
        return {"score": self.model(features)}
```

References: checked with TensorFlow 2.21 (`tests/claims/test_given_models_tensorflow.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.values import Truth


@rule(
    "DPL116",
    severity="warning",
    leaves=["S.4.1", "S.2.3", "M.2.4"],
    since={"tensorflow": "2.0"},
    see=[
        "https://www.tensorflow.org/guide/saved_model#specifying_signatures_during_export",
        "https://www.tensorflow.org/api_docs/python/tf/saved_model/save",
    ],
)
def module_saved_without_signature(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("tensorflow.saved_model.save"):
        module, kind = call.argument("obj", 0), call.argument("obj", 0).project_class
        untraced = _untraced(call, kind) if kind is not None and not call.guarded else ""
        if untraced:
            yield Finding(
                call,
                f"{untraced} is to be a signature, has no input_signature and was never called: ValueError, Expected a TensorFlow function "
                "for which to generate a signature",
                help="@tf.function(input_signature=[tf.TensorSpec(...)]), or give module.f.get_concrete_function(...)",
            )
            continue
        if call.guarded or kind is None or not call.argument("signatures", 2).missing or len(kind.bases) != 1:
            continue
        functions = _functions(kind)
        # What is set on the module may be a function as well.
        if module.is_("tensorflow.Module()") is not Truth.yes or not functions or module.escaped is not Truth.no or _held(kind):
            continue
        signed = [name for name, has_signature in functions.items() if has_signature]
        if len(signed) == 1:
            continue
        if signed:
            why = f"{len(signed)} functions have an input_signature ({', '.join(signed)}), and TensorFlow takes none of several"
        else:
            why = f"{', '.join(functions)} has no input_signature"
        yield Finding(
            call,
            f"the SavedModel gets no signature: {why}; TF Serving and the TFLite converter cannot call it",
            help=f'pass signatures={{"serving_default": module.{next(iter(signed or functions))}}}'
            + ("" if signed else " with an input_signature or a concrete function"),
        )


def _untraced(save: Call, kind: ast.ClassDef) -> str:
    """A method of the saved module that is given for a signature, has none of its own and is called nowhere in the file."""
    given = save.argument("signatures", 2)
    nodes = [value.node for _, value in given.entries] if given.entries is not None else [given.node]
    functions = _functions(kind)
    for node in nodes if not given.missing else ():
        if not isinstance(node, ast.Attribute) or functions.get(node.attr) is not False:
            continue
        if not re.search(rf"\.{node.attr}\s*\(|\.{node.attr}\.get_concrete_function", save.file.text):
            return node.attr
    return ""


def _functions(kind: ast.ClassDef) -> dict[str, bool]:
    """The methods of a class that are a `tf.function`, and whether they have an input signature."""
    found = {}
    for method in kind.body:
        for decorator in method.decorator_list if isinstance(method, ast.FunctionDef) else ():
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(method, ast.FunctionDef) and (getattr(called, "attr", "") or getattr(called, "id", "")) == "function":
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                found[method.name] = bool(keywords) and any(keyword.arg in ("input_signature", None) for keyword in keywords)
    return found


def _held(kind: ast.ClassDef) -> bool:
    """The class makes functions or models besides its methods, which may bring signatures."""
    calls = (node.func for node in ast.walk(kind) if isinstance(node, ast.Call))
    decorators = {id(d.func) for m in kind.body if isinstance(m, ast.FunctionDef) for d in m.decorator_list if isinstance(d, ast.Call)}
    made = {getattr(func, "attr", "") or getattr(func, "id", "") for func in calls if id(func) not in decorators}
    return bool(made & {"function", "get_concrete_function", "load", "load_model"})
