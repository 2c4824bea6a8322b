"""A file `checkpoint` that names a checkpoint which is not there.

`tf.train.latest_checkpoint(folder)` reads the text file `checkpoint` in the folder and returns the path it names. Saved
with an absolute path, as TensorFlow 1 does where it is given one, that is the path on the computer of the training: in
a copy of the folder the answer is `None` (``Couldn't match files for checkpoint /home/...``), and programs that take
`None` for "nothing saved yet" go on with random weights. The same happens to a name whose files were renamed or left
out.

```text bad path=train/checkpoint
model_checkpoint_path: "/home/alice/train/model.ckpt-7"  # <-
all_model_checkpoint_paths: "/home/alice/train/model.ckpt-7"
```

```hex bad path=train/model.ckpt-7.index
00
```

```text good path=saved/checkpoint
model_checkpoint_path: "model.ckpt-7"
all_model_checkpoint_paths: "model.ckpt-7"
```

```hex good path=saved/model.ckpt-7.index
00
```

Where no checkpoint is at hand, they are kept somewhere else.

```text good path=alone/checkpoint
model_checkpoint_path: "/home/alice/train/model.ckpt-7"
```

References: run with TensorFlow 2.21 (`tests/claims/test_checkpoints.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.formats.checkpoint import CheckpointState


@rule("DPL478", severity="warning", leaves=["S.4.2"], see=["https://www.tensorflow.org/api_docs/python/tf/train/latest_checkpoint"])
def checkpoint_path_elsewhere(state: CheckpointState) -> Iterator[Finding]:
    if state.there or not state.written:
        return
    name = state.latest.text
    said = f"the absolute path {name} leads out of this folder" if state.absolute else f"there is no checkpoint {name} in this folder"
    yield Finding(
        state,
        f"{said}: tf.train.latest_checkpoint does not find the checkpoints that are here",
        help="write the name alone, as it is beside this file; or restore from a path of your own choice",
    )
