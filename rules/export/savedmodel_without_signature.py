"""A SavedModel that can be loaded but not called by a server.

TF Serving answers `Predict` through a signature. `tf.saved_model.save(module, path)` writes one only for a method
decorated with a `tf.function` that has an `input_signature`, or for what is given as `signatures=`; without it every
request fails, and so does conversion to TFLite (``Only support a single signature key``) and to TF.js.

```graph bad path=export/1/saved_model.pb line=1
model savedmodel tags=[serve]
graph main
  op NoOp
```

```graph good path=export/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x float32[?,4]) -> (y float32[?,2])
graph main
  op NoOp
```

References: checked with TensorFlow 2.21 (`tests/claims`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

INIT = "__saved_model_init_op"
"""A signature of TensorFlow's own that initialises tables; it cannot be called."""


@rule(
    "DPL404",
    severity="error",
    leaves=["S.2.3", "S.4.1"],
    see=["https://www.tensorflow.org/guide/saved_model#specifying_signatures_during_export"],
)
def savedmodel_without_signature(model: Model) -> Iterator[Finding]:
    if model.format == "savedmodel" and not set(model.signatures) - {INIT}:
        yield Finding(
            model,
            "the SavedModel has no signature: TF Serving, the TFLite and the TF.js converter cannot call it",
            help="pass signatures= to tf.saved_model.save, give the tf.function an input_signature, or use model.export (Keras)",
        )
