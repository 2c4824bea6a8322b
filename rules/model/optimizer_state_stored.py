"""The optimizer's state in a model file that is deployed.

Adam keeps two numbers for each weight. Saved with the model, they make the file three times as large, and nothing but
further training reads them.

```graph bad path=net.h5
model keras-h5
graph
  weight dense/kernel:0 float32[512,512]
  weight optimizer_weights/Adam/dense/kernel/m:0 float32[512,512]  <-
  weight optimizer_weights/Adam/dense/kernel/v:0 float32[512,512]
```

```graph good path=net.h5
model keras-h5
graph
  weight dense/kernel:0 float32[512,512]
```

References: files that Keras 2 and 3 wrote (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import megabytes

STATE = re.compile(r"(?:^|/)(?:optimizer_weights|optimizer/vars|_optimizer/vars)/|(?:^|\.)optimizer(?:_state(?:_dict)?|_states)?\.")
"""Names of an optimizer's variables: in Keras's HDF5 files, in PyTorch's checkpoints."""


@rule("DPL444", severity="info", leaves=["B.4.6", "S.4.2"], see=["https://keras.io/api/models/model_saving_apis/model_saving_and_loading/"])
def optimizer_state_stored(model: Model, *, min_kilobytes: int = 100) -> Iterator[Finding]:
    if model.format not in ("keras", "keras-h5", "torch"):
        return
    state = [t for graph in model.graphs for t in graph.weights if STATE.search(t.name)]
    size = sum(t.stored.nbytes for t in state if t.stored is not None)
    if size >= min_kilobytes * 1000:
        yield Finding(
            model.at_tensor(state[0]),
            f"{megabytes(size)} of it are the optimizer's state, which only further training needs",
            help="save for deployment without it: model.save(path, include_optimizer=False), torch.save(model.state_dict(), path)",
        )
