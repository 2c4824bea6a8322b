"""A SavedModel or frozen graph with an operator that TensorFlow does not have.

Operators of TensorFlow Text, Addons, Decision Forests or of one's own come in a library that has to be loaded before
the model: ``Op type not registered 'Addons>Gelu' in binary running on HOST. Make sure the Op and Kernel are
registered``. The stock image of TensorFlow Serving holds those of TensorFlow Text and Decision Forests and no others;
converters refuse most.

```graph bad path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?]) -> (y=y float32[?])
graph main
  input x float32[?]
  op "Addons>Gelu" y (x) -> (y float32[?])  <-
  output y
```

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?]) -> (y=y float32[?])
graph main
  input x float32[?]
  op "Addons>Gelu" unused (x) -> (unused float32[?])
  op PartitionedCall y (x) -> (y float32[?]) f=inner
  op inner z (x) -> (z float32[?])
  output y
function inner
  input a
  op Relu r (a) -> (r)
  output r
```

The intermediate files of MMdnn look like frozen graphs, and nothing loads them but MMdnn.

```graph good path=data/net.pb
model graphdef
graph main
  input data float32[?,224,224,3]
  op DataInput data () -> (data)
  op FullyConnected y (data) -> (y)
  output y
```

References: the operators are those registered in TensorFlow 2.21 (`tools/tensorflow_names.py`); run with it
(`tests/claims/test_tensorflow_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Model, rule
from deplint.data import load

FOREIGN = "DataInput"
"""Where MMdnn's graphs begin: its own format, which is written as a GraphDef is, and is for no runtime."""


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """The operators that TensorFlow itself has."""
    return frozenset(load("tensorflow_names")["rows"])


@rule("DPL499", severity="warning", leaves=["S.2.2", "M.2.5", "B.2.5"], see=["https://stackoverflow.com/questions/58872260"])
def savedmodel_custom_operator(model: Model) -> Iterator[Finding]:
    if model.format == "savedmodel" or (model.format == "graphdef" and all(op.type != FOREIGN for _, op in model.used())):
        for graph, op in model.used():
            if op.type not in known() and op.type not in model.functions:
                yield Finding(
                    model.at(graph, op),
                    f"{op.type} is no operator of TensorFlow: the model can be loaded only where the library that has it is",
                    help="load that library first (tf.load_op_library, import tensorflow_text), or use TensorFlow's own operators",
                )
