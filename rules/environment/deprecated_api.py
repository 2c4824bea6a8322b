"""Code that uses what a library has said it will drop.

Nothing fails today. The release that the project pins warns of it, and a later one will not have it: TorchScript (``torch.jit.*``
is deprecated, torch.export takes its place), and TensorFlow Lite's interpreter within TensorFlow (it is `ai_edge_litert` now).

```python bad versions=torch==2.13
import torch

traced = torch.jit.trace(net, torch.zeros(1, 3))  # <-
torch.jit.save(torch.jit.script(net), "net.pt")
```

```python bad versions=tensorflow==2.21
import tensorflow as tf

interpreter = tf.lite.Interpreter("net.tflite")  # <-
```

Where nothing is pinned, or an older release, nobody is warned.

```python good
import tensorflow as tf
import torch

traced = torch.jit.trace(net, torch.zeros(1, 3))
interpreter = tf.lite.Interpreter("net.tflite")
```

```python good versions=torch==2.4,tensorflow==2.17
import tensorflow as tf
import torch

traced = torch.jit.trace(net, torch.zeros(1, 3))
interpreter = tf.lite.Interpreter("net.tflite")
```

References: the warnings of torch 2.13 and TensorFlow 2.21, executed (`tests/claims/test_deprecations.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile

ROWS = (
    ("torch", "2.13", "torch.jit.{trace,script}", "TorchScript", "torch.export"),
    ("tensorflow", "2.21", "tensorflow.lite.Interpreter", "tf.lite.Interpreter", "ai_edge_litert.interpreter.Interpreter"),
)
"""Package, the release since which it is known to warn, names, what they are called, what takes their place."""


@rule(
    "DPL657",
    severity="info",
    leaves=["S.2.4", "M.1.2"],
    see=["https://docs.pytorch.org/docs/stable/jit.html", "https://ai.google.dev/edge/litert/migration"],
)
def deprecated_api(file: PythonFile, project: Project) -> Iterator[Finding]:
    for package, since, names, what, instead in ROWS:
        calls = [call for call in file.calls(names) if not call.guarded and call.file is file]
        if calls and project.versions.all(package, calls[0]) and project.versions.allows(package, calls[0], until=since) is False:
            yield Finding(
                calls[0],
                f"{what} is deprecated: {package} warns of it since {since} at the latest, and will drop it",
                help=f"use {instead}",
            )
