"""A node of TensorFlow 1's graph asked for without the scope it is in.

``tf.nn.softmax(x, name="probs")`` inside ``tf.variable_scope("head")`` makes the node ``head/probs``, and the layer
``tf.layers.dense(x, 3, name="logits")`` none of its own name, but ``logits/BiasAdd`` and others. What freezes or reads the graph stops:
``AssertionError: probs is not in graph``.

```python bad
import tensorflow as tf

def build():
    x = tf.placeholder(tf.float32, [None, 64], name="x")
    with tf.variable_scope("head"):
        logits = tf.layers.dense(x, 3, name="logits")
        return tf.nn.softmax(logits, name="probs")

with tf.Session() as session:
    build()
    graph = tf.get_default_graph().as_graph_def()
    tf.graph_util.convert_variables_to_constants(session, graph, ["probs"])  # <-
    tf.graph_util.convert_variables_to_constants(session, graph, ["head/logits"])  # <-
    tf.graph_util.convert_variables_to_constants(session, graph, ["head/probs"])
```

A graph that is imported is put into the scope ``import``, unless ``name=""`` says otherwise: ``KeyError: "The name 'x:0' refers to a Tensor
which does not exist."``

```python bad
import tensorflow as tf

definition = tf.GraphDef()
definition.ParseFromString(open("frozen.pb", "rb").read())
graph = tf.Graph()
with graph.as_default():
    tf.import_graph_def(definition)
x = graph.get_tensor_by_name("x:0")  # <-
y = graph.get_tensor_by_name("import/y:0")
```

Scopes that are not known may be any, and another node may have the name.

```python good
import tensorflow as tf

def build(scope):
    x = tf.placeholder(tf.float32, [None, 64], name="x")
    with tf.variable_scope(scope):
        h = tf.nn.relu(x, name="hidden")
    with tf.name_scope("head"):
        y = tf.nn.softmax(h, name="probs")
    return tf.identity(y, name="probs")

with tf.Session() as session:
    build(configured())
    graph = tf.get_default_graph().as_graph_def()
    tf.graph_util.convert_variables_to_constants(session, graph, ["probs"])
    tf.graph_util.convert_variables_to_constants(session, graph, ["hidden"])
    tf.graph_util.convert_variables_to_constants(session, graph, ["elsewhere"])
```

So may a graph that is imported without a scope.

```python good
import tensorflow as tf

definition = tf.GraphDef()
graph = tf.Graph()
with graph.as_default():
    tf.import_graph_def(definition, name="")
x = graph.get_tensor_by_name("x:0")
```

References: executed with TensorFlow 2.21 (`tests/claims/test_served_graphs.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile

FREEZES = ("tensorflow.**.convert_variables_to_constants", "tensorflow.**.extract_sub_graph")
SCOPES = ("variable_scope", "name_scope")
LAYERS = ("tensorflow.layers.", "tensorflow.compat.v1.layers.", "tensorflow.keras.layers.", "tensorflow.contrib.")
"""What makes nodes inside a scope of its name, and none that has the name itself."""
WRAPS = ("as_default", "Session", "device", "control_dependencies", "no_grad", "GFile", "open")
"""Context managers that leave names as they are."""


@rule(
    "DPL680",
    severity="error",
    leaves=["S.2.3", "M.2.4", "S.2.2"],
    see=[
        "https://www.tensorflow.org/api_docs/python/tf/compat/v1/graph_util/convert_variables_to_constants",
        "https://stackoverflow.com/q/46912721",
        "https://stackoverflow.com/q/42858785",
    ],
)
def node_name_without_scope(file: PythonFile) -> Iterator[Finding]:
    yield from _frozen(file)
    yield from _imported(file)


def _frozen(file: PythonFile) -> Iterator[Finding]:
    freezing = [call for call in file.calls(*FREEZES) if not call.guarded]
    made = [call for call in file.calls("tensorflow.**") if call.argument("name").text] if freezing else []
    if not made or file.calls("tensorflow.**.{import_graph_def,import_meta_graph}"):
        return
    names = {id(call.node): (call, _full(call)) for call in made}.values()
    for call in freezing:
        listed = call.argument("output_node_names", 2) if "convert" in call.name else call.argument("dest_nodes", 1)
        for wanted in listed.items or () if listed.exact else ():
            name = wanted.text
            alike = [(one, full) for one, full in names if name and one.argument("name").text == name.rpartition("/")[2]]
            if not name or not alike or any(full is None or (full == name and not _layer(one)) for one, full in alike):
                continue
            right = [f"{full}/BiasAdd" if _layer(one) else full or "" for one, full in alike]
            yield Finding(
                wanted if wanted.file is file else call,
                f"the graph has no node {name!r}: it is not in graph, AssertionError",
                help=f"the name with its scopes: {right[0]!r}",
            )


def _layer(call: Call) -> bool:
    return call.name.startswith(LAYERS)


def _full(call: Call) -> str | None:
    """The name of a node with the scopes around it; None if one of them is not known."""
    own = call.argument("name").text
    lexical = _around(call)
    entered = [name for name in call.contexts if not name.removesuffix("()").endswith(WRAPS)]
    if lexical is None or len(entered) != len(lexical) or not all(name.removesuffix("()").endswith(SCOPES) for name in entered):
        return None
    return "/".join([*lexical, own or ""])


def _around(call: Call) -> list[str] | None:
    """The scopes in whose `with` a call is written."""
    function = call.functions[-1].node if call.functions else call.file.shape.tree
    found: list[str] = []
    for around in _withs(function):
        if not any(inner is call.node for statement in around.body for inner in ast.walk(statement)):
            continue
        for item in around.items:
            made = item.context_expr
            name = made.func.attr if isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) else ""
            if name not in SCOPES or not isinstance(made, ast.Call):
                continue
            first = made.args[0] if made.args else None
            if (
                not isinstance(first, ast.Constant)
                or not isinstance(first.value, str)
                or any(k.arg == "default_name" for k in made.keywords)
            ):
                return None
            found.append(first.value.strip("/"))
    return found


@lru_cache(maxsize=64)
def _withs(function: ast.AST) -> list[ast.With]:
    """The `with` statements in a function, outer ones first."""
    return sorted((node for node in ast.walk(function) if isinstance(node, ast.With)), key=lambda node: (node.lineno, node.col_offset))


def _imported(file: PythonFile) -> Iterator[Finding]:
    imports = file.calls("tensorflow.{,compat.v1.,graph_util.}import_graph_def")
    if not imports or any(
        not call.argument("name", 4).missing or call.open or (call.contexts and "scope" in str(call.contexts)) for call in imports
    ):
        return
    if file.calls("tensorflow.**.{placeholder,import_meta_graph,variable_scope,name_scope}", "tensorflow.**.saved_model.**.load"):
        return
    for call in file.calls("**.{get_tensor_by_name,get_operation_by_name}"):
        name = call.arguments[0].text if call.arguments else None
        if name and "/" not in name and not call.guarded and call.file is file:
            yield Finding(
                call,
                f"the imported graph is in the scope import, and has nothing called {name!r}: KeyError",
                help=f"import_graph_def(..., name=''), or ask for 'import/{name}'",
            )
