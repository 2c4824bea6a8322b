"""A SavedModel whose signature leaves a placeholder unfed.

Models exported from TensorFlow 1 sessions keep placeholders for what only training feeds: `keep_prob`, `is_training`,
the labels. If the output depends on one that is no input of the signature, it cannot be computed: ``You must feed a
value for placeholder tensor``, ``A SavedModel signature needs an input for each placeholder the signature's outputs
use``.

```graph bad path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?]) -> (y=y float32[?])
graph main
  input x float32[?]
  op Placeholder x () -> (x float32[?])
  op Placeholder keep_prob () -> (keep_prob float32[])  <-
  op Mul y (x, keep_prob) -> (y float32[?])
  output y
```

A default value is enough, and what the output does not need may stay.

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?]) -> (y=y float32[?])
graph main
  input x float32[?]
  op Placeholder x () -> (x float32[?])
  op Placeholder labels () -> (labels int64[?])
  op Const one () -> (one float32[])
  op PlaceholderWithDefault keep_prob (one) -> (keep_prob float32[])
  op Mul y (x, keep_prob) -> (y float32[?])
  output y
```

References: https://stackoverflow.com/questions/51379897; run with TensorFlow 2.21 (`tests/claims/test_model_rules.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule("DPL449", severity="error", leaves=["S.6.2", "S.2.3"], see=["https://stackoverflow.com/questions/51379897"])
def unfed_placeholder(model: Model) -> Iterator[Finding]:
    if model.format != "savedmodel" or not model.signatures:
        return
    for graph, op in model.used():
        if graph is model.graph and op.type in ("Placeholder", "PlaceholderV2") and op.name not in graph.inputs:
            yield Finding(
                model.at(graph, op),
                f"the signature's outputs need the placeholder {op.name}, which is none of its inputs: they cannot be computed",
                help="build the exported graph for inference, or make it a tf.compat.v1.placeholder_with_default",
            )
