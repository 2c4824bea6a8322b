"""TorchServe's management API, open to whoever reaches it.

Over port 8081 models are registered from an address, and a model is code. TorchServe therefore asks for a token, and listens on
127.0.0.1, unless told otherwise. With `disable_token_authorization` and an address that others can reach, whoever reaches it can load,
scale and unload models; with `enable_model_api` he runs his own code.

```ini bad path=config.properties
inference_address=http://0.0.0.0:8080
management_address=http://0.0.0.0:8081
disable_token_authorization=true  # <-
enable_model_api=true
```

```ini good path=config.properties
inference_address=http://0.0.0.0:8080
management_address=http://127.0.0.1:8081
disable_token_authorization=true
```

With its token it may listen anywhere.

```ini good path=config.properties
inference_address=http://0.0.0.0:8080
management_address=http://0.0.0.0:8081
metrics_address=http://0.0.0.0:8082
model_store=/home/model-server/model-store
```

The image listens everywhere, and its own entry point starts without tokens; what is published decides.

```yaml bad path=docker-compose.yml
services:
  torchserve:
    image: pytorch/torchserve:0.12.0-cpu
    command: torchserve --start --model-store /models --models all --disable-token-auth  # <-
    ports: ["8080:8080", "8081:8081"]
  plain:
    image: pytorch/torchserve:0.12.0-cpu  # <-
    volumes: ["./model-store:/home/model-server/model-store"]
    ports: ["8080:8080", "8081:8081"]
  local:
    image: pytorch/torchserve:0.12.0-cpu
    command: torchserve --start --model-store /models --models all --disable-token-auth
    ports: ["8080:8080", "127.0.0.1:8081:8081"]
```

References: "TorchServe token authorization API" and "Model API control" in TorchServe's documentation, `docker/config.properties` and
`docker/dockerd-entrypoint.sh`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.commands import programs
from deplint.settings.containers import Container, Deployment
from deplint.settings.torchserve import TorchServeConfig

MANAGEMENT = 8081
IMAGE = "pytorch/torchserve"
LOCAL = re.compile(r"https?://(127\.|localhost|\[::1\])|unix:")


@rule(
    "DPL903",
    severity="error",
    leaves=["S.4.6"],
    see=[
        "https://github.com/pytorch/serve/blob/master/docs/token_authorization_api.md",
        "https://github.com/pytorch/serve/blob/master/docs/model_api_control.md",
        "https://nvd.nist.gov/vuln/detail/CVE-2023-43654",
    ],
)
def torchserve_open_management(facts: TorchServeConfig | Deployment) -> Iterator[Finding]:
    if isinstance(facts, TorchServeConfig):
        address = facts.values.get("management_address")
        if facts.on("disable_token_authorization") and address is not None and address.text and not LOCAL.match(address.text):
            done = "can run code in the server" if facts.on("enable_model_api") else "can change what is served"
            yield Finding(
                facts.values["disable_token_authorization"],
                f"no token is asked for, and the management API listens at {address.text}: whoever reaches it {done}",
                help="keep the token, or management_address=http://127.0.0.1:8081",
            )
        return
    yield from _plain(facts)
    for program in programs(facts):
        container = program.container
        if program.name != "torchserve" or "disable-token-auth" not in program.flags or container is None or container.image is None:
            continue
        if container.image.repository == IMAGE and _published(container) and "ts-config" not in program.flags:
            yield Finding(
                program.flags["disable-token-auth"],
                "no token is asked for, and the port of the management API is published: whoever reaches it can change what is served",
                help="keep the token, or publish 127.0.0.1:8081:8081",
            )


def _published(container: Container) -> bool:
    """Others can reach the management API."""
    return any(port.published and port.container == MANAGEMENT and port.address in ("", "0.0.0.0") for port in container.ports)


def _plain(deployment: Deployment) -> Iterator[Finding]:
    """The image as its own entry point starts it, with its own settings."""
    for container in deployment.containers:
        own = container.entrypoint is None and [word.text for word in container.args] in ([], ["serve"])
        known = not container.partial & {"args", "entrypoint", "env"} and "TS_CONFIG_FILE" not in container.env
        settings = any("config.properties" in (mount.target or "") for mount in container.mounts)
        if container.image is not None and container.image.repository == IMAGE and own and known and not settings and _published(container):
            yield Finding(
                container.image,
                "the image starts TorchServe without tokens, and the port of the management API is published: "
                "whoever reaches it can change what is served",
                help="publish 127.0.0.1:8081:8081, or start torchserve yourself without --disable-token-auth",
            )
