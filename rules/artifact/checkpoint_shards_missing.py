"""A TensorFlow checkpoint whose shards are missing or cut short.

`model.ckpt.index` says which variable lies where in `model.ckpt.data-00000-of-00001` and so on. Restoring stops at the
first shard that is not there or too short: ``model.ckpt.data-00000-of-00002; No such file or directory``, ``Read less
bytes than requested``.

```graph bad path=model.ckpt.index
model tf-checkpoint
metadata shards="2"
graph variables
  weight b float32[2] external="model.ckpt.data-00000-of-00002"
  weight w float32[4,2] external="model.ckpt.data-00001-of-00002" problem="file is missing"  <-
```

```graph good path=model.ckpt.index
model tf-checkpoint
metadata shards="1"
graph variables
  weight w float32[4,2] external="model.ckpt.data-00000-of-00001"
```

Where none of them is there, the weights are kept somewhere else.

```graph good path=model.ckpt.index
model tf-checkpoint
metadata shards="1"
graph variables
  weight b float32[2] external="model.ckpt.data-00000-of-00001" problem="file is missing"
  weight w float32[4,2] external="model.ckpt.data-00000-of-00001" problem="file is missing"
```

References: run with TensorFlow 2.21 (`tests/claims/test_checkpoints.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import unreadable


@rule("DPL477", severity="error", leaves=["S.4.2"], see=["https://www.tensorflow.org/guide/checkpoint#under_the_hood"])
def checkpoint_shards_missing(model: Model) -> Iterator[Finding]:
    if model.format != "tf-checkpoint":
        return
    found = unreadable(model)
    if len(found) == len(list(model.graph.weights)) and all("missing" in stored.problem for _, stored in found):
        return
    for tensor, stored in found:
        yield Finding(
            model.at_tensor(tensor),
            f"{stored.path}: {stored.problem}; the checkpoint cannot be restored",
            help="ship all files of the checkpoint, the index and every shard, or export the model and ship that",
        )
