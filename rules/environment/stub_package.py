"""A package that is only a name by now.

`tensorflow-gpu` fails on purpose since 2.12, `sklearn` was never the library, `ai-edge-torch` is an empty package that points to
another: what installs is not what the name says.

```text bad path=requirements.txt line=1
tensorflow-gpu
numpy
```

Others of that kind:

```text bad path=requirements.txt line=2,3
flask
sklearn
ai-edge-torch>=0.7.2
```

```dockerfile bad
FROM python:3.11-slim
RUN pip install tensorflow-gpu==2.12.0  # <-
```

```text good path=requirements.txt
tensorflow-gpu==2.4.0
tensorflow[and-cuda]
scikit-learn
ai-edge-torch==0.4.0
```

conda's packages are others.

```yaml good path=environment.yml
dependencies:
  - tensorflow-gpu
```

References: the packages' pages on PyPI, and what their releases hold (executed: pip download).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deplint import Finding, Project, rule
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.pins import Pin, Requirements, canonical
from deplint.settings.ranges import between


class Stub(NamedTuple):
    """From the release `since` on nothing is in the package."""

    since: str
    what: str
    instead: str


STUBS = {
    "tensorflow-gpu": Stub("2.12", "fails on purpose when it is built", "tensorflow[and-cuda], or tensorflow without a GPU"),
    "sklearn": Stub("0.0.post1", "fails on purpose when it is built", "scikit-learn"),
    "ai-edge-torch": Stub("0.7.2", "is empty and requires litert-torch", "litert-torch, and import litert_torch"),
}


@rule(
    "DPL596",
    severity="error",
    leaves=["S.3.1", "M.2.2"],
    see=["https://pypi.org/project/tensorflow-gpu/", "https://pypi.org/project/sklearn/", "https://pypi.org/project/ai-edge-torch/"],
)
def stub_package(facts: Requirements | Dockerfile, project: Project) -> Iterator[Finding]:
    if isinstance(facts, Requirements) and (facts.kind == "conda" or facts.kind.endswith("lock")):
        return
    pins: list[Pin] = facts.packages if isinstance(facts, Requirements) else [pin for stage in facts.stages for pin in stage.installs]
    for pin in pins:
        stub = STUBS.get(canonical(pin.name)) if pin.ecosystem == "pypi" and not pin.url else None
        real = between(None, stub.since) if stub else None
        if stub is None or real is None or pin.range is None or (pin.range.tightness and (pin.range & real).parts):
            continue
        yield Finding(pin, f"the package {pin.name} {stub.what}", help=f"use {stub.instead}")
