"""A credential in a model.

Metadata, doc strings and layer configurations are shipped with the model, and everybody can read them. A key that
stands there is public.

```graph bad path=net.onnx line=1
model onnx ir=10 opset=18
metadata storage="AKIAIOSFODNN7EXAMPLF"
graph main
  input x float32[1,4]
  op Relu (x) -> (y)
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=10 opset=18
metadata token="your-token-here"
metadata hash="sk-learn"
metadata where="https://example.org:8080/a@b"
graph main
  input x float32[1,4]
  op Relu (x) -> (y)
  output y float32[1,4]
```

References: forms of keys as their issuers document them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.settings.secrets import SECRETS

from . import texts


@rule("DPL441", severity="error", leaves=["B.9", "M.9"], see=["https://docs.github.com/en/code-security/secret-scanning"])
def secret_in_model(model: Model) -> Iterator[Finding]:
    for place, text in texts(model):
        for what, (marks, pattern) in SECRETS.items():
            found = re.search(pattern, text) if any(mark in text for mark in marks) else None
            if found and "example" not in found[0].lower():
                yield Finding(
                    place,
                    f"the model holds {what}: everybody who gets it can read it",
                    help="revoke it, and remove it from the model's metadata",
                )
