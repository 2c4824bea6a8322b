"""Triton looks for changed models by itself.

With ``--model-control-mode=poll`` the server looks at the repository every few seconds and loads what has changed, also what is just
being written: there is no way to tell a finished model from half of one. Its documentation advises against it where it matters.

```yaml bad path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:24.05-py3
    command: tritonserver --model-repository=/models --model-control-mode=poll  # <-
    volumes: ["./models:/models"]
```

```yaml good path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:24.05-py3
    command: tritonserver --model-repository=/models --model-control-mode=explicit --load-model=damage
    volumes: ["./models:/models"]
```

```bash bad path=run.sh
docker run -v /m:/m nvcr.io/nvidia/tritonserver:24.05-py3 tritonserver --model-store=/m --model-control-mode poll  # <-
```

References: "Model Control Mode POLL" in the guide on model management of Triton.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.commands import programs
from deplint.settings.containers import Deployment
from deplint.settings.scripts import Script


@rule(
    "DPL526",
    severity="warning",
    leaves=["S.7"],
    see=["https://github.com/triton-inference-server/server/blob/v2.71.0/docs/user_guide/model_management.md#model-control-mode-poll"],
)
def triton_poll_mode(facts: Deployment | Script) -> Iterator[Finding]:
    for program in programs(facts):
        mode = program.flags.get("model-control-mode") if program.name == "tritonserver" else None
        if mode is not None and mode.text == "poll":
            yield Finding(
                mode,
                "Triton loads what changes in the repository while it is being written, and its documentation advises against that",
                help="--model-control-mode=explicit, and load models through the repository API once they are complete",
            )
