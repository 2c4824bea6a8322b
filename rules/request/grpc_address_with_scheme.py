"""A gRPC channel to an address that begins with ``http://``.

A channel takes a host and a port. With a scheme that it does not know it takes all of it for a name: ``StatusCode.UNAVAILABLE``,
``errors resolving http://serving:8500 ... Misformatted domain name`` (in older releases ``DNS resolution failed``).

```python bad
import grpc
from tensorflow_serving.apis import prediction_service_pb2_grpc

channel = grpc.insecure_channel("http://serving:8500")  # <-
stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
```

The address may be a default that the environment can replace.

```python bad path=client.py
import grpc
import numpy as np
from settings import Settings

class Client:
    def __init__(self, settings: Settings):
        self.channel = grpc.aio.insecure_channel(settings.address)  # <-
```

```python + path=settings.py
import os
from dataclasses import dataclass

@dataclass
class Settings:
    address: str = os.getenv("SERVING", "https://serving:8500/")
```

```python good
import os
import grpc
import numpy as np

one = grpc.insecure_channel("serving:8500")
two = grpc.insecure_channel("dns:///serving:8500")
three = grpc.insecure_channel(os.environ["SERVING"])
four = grpc.secure_channel("unix:///tmp/socket", grpc.local_channel_credentials())
five = grpc.insecure_channel("http://serving:8500".removeprefix("http://"))
```

References: "gRPC Name Resolution" (`doc/naming.md`): an unknown scheme is resolved by `dns`; run with grpcio 1.85.1
(`tests/claims/test_server_families.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile

CHANNEL = "grpc.{,aio.}{insecure_channel,secure_channel}"


@rule(
    "DPL958",
    severity="error",
    leaves=["S.5.2", "S.3.3"],
    see=["https://github.com/grpc/grpc/blob/03ca90a/doc/naming.md"],
)
def grpc_address_with_scheme(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(CHANNEL):
        given = call.argument("target", 0)
        addresses = given.texts or ([] if given.pieces else _settings(given, project))
        schemes = [re.match(r"(?:https?|grpcs?)://", address) for address in addresses]
        if schemes and all(schemes) and not call.guarded:
            address, scheme = addresses[0], schemes[0]
            yield Finding(
                call,
                f"the address {address} begins with a scheme, which gRPC takes for a part of the name: UNAVAILABLE",
                help=f'"{address[scheme.end() :].rstrip("/")}"' if scheme is not None else "",
            )


def _settings(given: Value, project: Project) -> list[str]:
    """The default of a field of settings, ``settings.url``, where only one class of the project has a field of that name."""
    node = given.node
    if not isinstance(node, ast.Attribute):
        return []
    fields = [
        one.value
        for file in files_with(project, re.compile(rf"^\s+{node.attr}\s*:.*=", re.M))
        for each in file.shape.tree.body
        for one in (each.body if isinstance(each, ast.ClassDef) else ())
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.target.id == node.attr
    ]
    match fields:
        case [ast.Constant(value=str(text))] | [ast.Call(args=[_, ast.Constant(value=str(text))])]:
            return [text]
    return []
