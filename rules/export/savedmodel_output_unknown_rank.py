"""A SavedModel whose output has no known rank.

The signature then tells nobody how many axes to expect: ``Tensor name: y has no shape information`` on managed
platforms, Triton cannot complete its configuration, and converters fail where they need the rank.

```graph bad path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32)
graph main
  input x float32[?,4]
  op PartitionedCall y (x) -> (y float32)  <-
  output y
```

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,?], s=s float32[])
graph main
  input x float32[?,4]
  op Relu y (x) -> (y float32[?,?])
  op Sum s (x) -> (s float32[])
  output y
  output s
```

References: https://stackoverflow.com/questions/57553489; what TensorFlow stores was run (`tests/claims/test_tensorflow_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule("DPL545", severity="info", leaves=["S.6.2", "S.2.3"], see=["https://stackoverflow.com/questions/57553489"])
def savedmodel_output_unknown_rank(model: Model) -> Iterator[Finding]:
    for signature in model.signatures.values() if model.format == "savedmodel" else ():
        for name, tensor in signature.outputs.items():
            if tensor.shape is None and tensor.dtype not in ("", "resource", "variant"):
                yield Finding(
                    model.at_tensor(tensor),
                    f"the rank of the output {name} of {signature.name} is unknown: servers and converters that need it cannot go on",
                    help="give it one in the exported function (tf.ensure_shape, tf.reshape)",
                )
