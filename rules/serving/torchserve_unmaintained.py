"""TorchServe, which nobody maintains any more.

Its repository says so: no updates, no fixes, no security patches. It has been a way into machines before (its management API loads code
from addresses it is given), and whatever is found next stays open.

```requirements bad
torchserve==0.12.0  # <-
torch-model-archiver==0.12.0
```

```dockerfile bad
FROM pytorch/torchserve:0.12.0-cpu  # <-
COPY model-store /home/model-server/model-store
```

```requirements good
torch==2.6.0
litserve==0.2.7
```

References: `README.md` of pytorch/serve.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.containers import Deployment
from deplint.settings.pins import Requirements


@rule("DPL567", severity="warning", leaves=["S.4.6"], see=["https://github.com/pytorch/serve#readme"])
def torchserve_unmaintained(facts: Requirements | Deployment) -> Iterator[Finding]:
    if isinstance(facts, Requirements):
        found = [pin.place for pin in facts.named("torchserve") if not pin.locked][:1]
    else:
        images = [container.image for container in facts.containers if container.image is not None]
        found = [image.place for image in images if image.repository == "pytorch/torchserve" and image.place.path == facts.path][:1]
    for place in found:
        yield Finding(
            place,
            "TorchServe is no longer maintained: what is found wrong in it, also for its safety, stays so",
            help="plan for Triton, KServe, LitServe, BentoML or Ray Serve",
        )
