"""A SavedModel that no loader of served models finds.

A SavedModel holds one or several graphs, each under tags. TensorFlow Serving, `tf.saved_model.load(..., tags="serve")`,
the TFLite and the TensorFlow.js converter look for the one that is tagged `serve`: ``Could not find meta graph def
matching supplied tags: { serve }``, ``MetaGraphDef associated with tags {'serve'} could not be found``. Code for
TensorFlow 1 that calls `add_meta_graph_and_variables(session, [])`, or with the tags of training, writes none.

```graph bad path=export/1/saved_model.pb line=1
model savedmodel tags=[train]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,2])
graph main
  input x float32[?,4]
  op Relu y (x) -> (y float32[?,4])
  output y
```

```graph good path=export/1/saved_model.pb
model savedmodel tags=[train,serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,2])
graph main
  input x float32[?,4]
  op Relu y (x) -> (y float32[?,4])
  output y
```

A module of TensorFlow Hub for TensorFlow 1 has no tags.

```graph good path=module/saved_model.pb
model savedmodel
file module/tfhub_module.pb
signature default (x=x float32[?,4]) -> (y=y float32[?,2])
graph main
  input x float32[?,4]
  op Relu y (x) -> (y float32[?,4])
  output y
```

What tf.Transform and TensorFlow Model Analysis write is for themselves.

```graph good path=transform_fn/saved_model.pb
model savedmodel tags=[transform]
signature transform_signature (x=x float32[?,4]) -> (y=y float32[?,2])
graph main
  input x float32[?,4]
  op Relu y (x) -> (y float32[?,4])
  output y
```

References: run with TensorFlow 2.21 (`tests/claims/test_tensorflow_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

NEVER_SERVED = {"transform", "eval"}
"""Tags of the graphs of tf.Transform and of TensorFlow Model Analysis, which load them by these tags."""


@rule(
    "DPL497",
    severity="error",
    leaves=["S.2.3", "B.2.4"],
    see=["https://www.tensorflow.org/guide/saved_model", "https://stackoverflow.com/questions/44611261"],
)
def savedmodel_without_serve_tag(model: Model) -> Iterator[Finding]:
    hub = any(name.endswith("tfhub_module.pb") for name in model.files)
    if model.format == "savedmodel" and model.signatures and not {"serve", *NEVER_SERVED} & {*model.tags} and not hub:
        found = f"only {', '.join(model.tags)}" if model.tags else "no tag"
        yield Finding(
            model,
            f"no graph of the SavedModel is tagged serve ({found}): TensorFlow Serving and the converters do not find it",
            help="write it with the tag tf.saved_model.SERVING ('serve')",
        )
