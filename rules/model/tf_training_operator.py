"""A TensorFlow graph whose output hangs on what only training has.

A graph that was frozen or exported as it was trained still reads its input from a queue or an iterator, and may update
weights while it predicts. In any other process nothing fills the queue: ``FailedPreconditionError: GetNext() failed
because the iterator has not been initialized``, or a call that never comes back.

```graph bad path=frozen.pb
model graphdef
graph main
  op IteratorV2 it () -> (it resource)
  op IteratorGetNext next (it) -> (next float32[?,4])  <-
  op Relu y (next) -> (y float32[?,4])
  output y
```

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?]) -> (y=y float32[?])
graph main
  input x float32[?]
  op IteratorV2 it () -> (it resource)
  op IteratorGetNext next (it) -> (next float32[?,4])
  op ResourceApplyAdam step (next)
  op Relu y (x) -> (y float32[?])
  output y
```

References: https://stackoverflow.com/questions/44990104; run with TensorFlow 2.21 (`tests/claims/test_tensorflow_graphs.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

STEP = re.compile(
    r"(?:Resource)?(?:Sparse)?Apply"
    r"(?:\w*Adam\w*|Ada\w+|GradientDescent|Momentum|KerasMomentum|RMSProp|Ftrl\w*|\w*Proximal\w*|\w*Sign)"
)
"""Operators that change weights by gradients."""

GET = ("IteratorGetNext", "QueueDequeueV2", "QueueDequeueManyV2", "QueueDequeueUpToV2", "QueueDequeue", "QueueDequeueMany", "ReaderReadV2")
"""Operators that wait for data of training."""


@rule("DPL532", severity="error", leaves=["M.2.1", "S.2.1", "B.2.3"], see=["https://stackoverflow.com/questions/44990104"])
def tf_training_operator(model: Model) -> Iterator[Finding]:
    if model.format not in ("savedmodel", "graphdef", "tfjs-graph"):
        return
    for graph, op in model.used():
        if op.type in GET and graph is model.graph:
            yield Finding(
                model.at(graph, op),
                f"the output depends on {op.type}, which reads what only training feeds: it fails or waits for ever",
                help="build the graph anew for inference, with a placeholder for its input, and export that",
            )
        elif STEP.fullmatch(op.type):
            yield Finding(
                model.at(graph, op),
                f"{op.type} belongs to an optimizer: a prediction would change the weights",
                help="export the function that predicts, not the one that trains",
            )
