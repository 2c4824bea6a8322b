"""A SavedModel whose variables are not those it was saved with, or not all there.

The graph is in `saved_model.pb`, its weights are in `variables/`: an index, and shards that it names. A copy that leaves
the folder out, a download cut short, the variables of another export: whatever loads the model stops. TensorFlow and
its server say ``Failed to find any matching files for .../variables/variables``, ``No such file or directory``, ``Read
less bytes than requested``, ``Key conv/bias not found in checkpoint``, ``expected dtype float does not equal original
dtype double``.

```graph bad path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,2])
graph main
  input x float32[?,4]
  op VarHandleOp w () -> (w resource) dtype=float32 shape=(4,2)
  output y
graph variables
  weight w/.ATTRIBUTES/VARIABLE_VALUE float32[4,2] external="m/variables/variables.data-00000-of-00001" problem="file is missing"  <-
```

```graph bad path=other/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,2])
graph main
  input x float32[?,4]
  output y
graph variables
  weight b float32[2] external="m/variables/variables.data-00000-of-00001"
  weight v float32[2] external="m/variables/variables.index" problem="the checkpoint holds no such variable"  <-
  weight w float32[5,2] external="m/variables/variables.index" problem="stored as float32[5,2] and declared float32[4,2]"  <-
```

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,2])
graph main
  input x float32[?,4]
  output y
graph variables
  weight w float32[4,2] external="m/variables/variables.data-00000-of-00001"
```

A Git LFS pointer in their place is reported as that.

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,2])
graph main
  input x float32[?,4]
  output y
graph variables
  weight w float32[4,2] external="m/variables/variables.data-00000-of-00001" problem="a Git LFS pointer, not the data"
```

References: run with TensorFlow 2.21 (`tests/claims/test_checkpoints.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import unreadable


@rule("DPL476", severity="error", leaves=["S.4.2", "S.2.3", "M.2.3"], see=["https://www.tensorflow.org/guide/saved_model"])
def savedmodel_variables_missing(model: Model) -> Iterator[Finding]:
    if model.format == "savedmodel":
        for tensor, stored in unreadable(model):
            yield Finding(
                model.at_tensor(tensor),
                f"a variable cannot be restored from {stored.path}: {stored.problem}; the model cannot be loaded",
                help="ship the whole folder as it was exported: saved_model.pb and variables/ belong together",
            )
