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

from . import texts

SECRETS = {
    "an AWS access key": (("AKIA", "ASIA"), r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    "a GitHub token": (("gh", "github_pat_"), r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"),
    "a GitLab token": (("glpat-",), r"\bglpat-[A-Za-z0-9_-]{20}\b"),
    "a Hugging Face token": (("hf_",), r"\bhf_[A-Za-z]{34}\b"),
    "a Google API key": (("AIza",), r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "an OpenAI key": (("T3BlbkFJ",), r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}\b"),
    "an Anthropic key": (("sk-ant-",), r"\bsk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,}"),
    "a Slack token": (("xox",), r"\bxox[abprs]-[0-9]{10,}-[A-Za-z0-9-]{20,}"),
    "a private key": (("PRIVATE KEY",), r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a password in an address": (("://",), r"://[^\s/:@\"'<>]+:[^\s/:@\"'<>{}$*]{4,}@[\w.-]+"),
}
"""What it is -> what a text with it holds for certain (quicker to look for), and what it looks like."""


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
