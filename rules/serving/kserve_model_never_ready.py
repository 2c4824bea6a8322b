"""A model of KServe whose `load` is its own and never says that the model is ready.

KServe's `Model` starts with ``ready = False``, and its `load` sets it. One that overrides `load` has to do so too. Otherwise the server
does not start (``NoModelReady``, kserve 0.21), or answers each request with ``Model with name spam is not ready`` (0.11).

```python bad path=model.py
import kserve
import torch

class Spam(kserve.Model):
    def __init__(self, name):
        super().__init__(name)
        self.load()

    def load(self):  # <-
        self.net = torch.jit.load("/mnt/models/net.pt")

    def predict(self, payload, headers=None):
        return {"predictions": self.net(torch.tensor(payload["instances"])).tolist()}

kserve.ModelServer().start([Spam("spam")])
```

```python good path=model.py
import kserve
import torch

class Spam(kserve.Model):
    def __init__(self, name):
        super().__init__(name)
        self.load()

    def load(self):
        self.net = torch.jit.load("/mnt/models/net.pt")
        self.ready = True

    def predict(self, payload, headers=None):
        return {"predictions": self.net(torch.tensor(payload["instances"])).tolist()}

kserve.ModelServer().start([Spam("spam")])
```

Whoever makes the model may set it, and so may a class in between.

```python good path=model.py
import kserve
import torch

class Spam(kserve.Model):
    def load(self):
        self.net = torch.jit.load("/mnt/models/net.pt")

model = Spam("spam")
model.load()
model.ready = True
kserve.ModelServer().start([model])
```

and

```python good path=model.py
import kserve
import torch

class Spam(kserve.Model):
    def load(self):
        self.net = torch.jit.load("/mnt/models/net.pt")
        return super().load()

model = Spam("spam")
model.load()
kserve.ModelServer().start([model])
```

References: `kserve/model.py`, `kserve/model_server.py` and `kserve/protocol/rest/v1_endpoints.py` of kserve 0.11.2 and 0.21.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.classes import derived, method
from deplint.code.python import PythonFile

BASE = "{kserve,kserve.model,kfserving,kfserving.kfmodel}.{Model,KFModel}"
STARTS = re.compile(r"\b(?:ModelServer|KFServer)\(.*\)\.start\(|\bserver\.start\(")
SAYS = re.compile(r"\bready\b|super\(.*\)\.load\(|\bsetattr\(")


@rule(
    "DPL642",
    severity="error",
    leaves=["S.4.2", "S.3.3"],
    see=[
        "https://github.com/kserve/kserve/blob/v0.11.2/python/kserve/kserve/model.py",
        "https://github.com/kserve/kserve/blob/v0.15.0/python/kserve/kserve/model_server.py",
    ],
)
def kserve_model_never_ready(file: PythonFile) -> Iterator[Finding]:
    if not STARTS.search(file.text) or SAYS.search(file.text) or not re.search(r"\b(?:kserve|kfserving)\b", file.text):
        return
    for cls in derived(file, BASE):
        load = method(cls, "load")
        if load is not None and cls.whole and not any(SAYS.search(each.module.file.text) for each in cls.line):
            own = load if load in cls.node.body else cls.node
            yield Finding(
                file.place_of(own),
                f"load never sets ready: to KServe {cls.node.name} stays a model that is not loaded, and is not served",
                help="self.ready = True at the end of load",
            )
