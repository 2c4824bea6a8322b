"""A server of gRPC that refuses the tensors its own client sends.

A server takes messages of up to 4 MB unless it is told otherwise, and a client sends any. A float32 picture of 1024 x 1024 has 12.6 MB:
``RESOURCE_EXHAUSTED: Received message larger than max (12582923 vs. 4194304)``. (TensorFlow Serving and Triton take any size.)

```python bad path=server.py
from concurrent import futures
import grpc
import onnxruntime
import segment_pb2_grpc as rpc

class Segmenter(rpc.SegmenterServicer):
    def __init__(self):
        self.session = onnxruntime.InferenceSession("roads.onnx")

def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))  # <-
    rpc.add_SegmenterServicer_to_server(Segmenter(), server)
    server.add_insecure_port("[::]:50051")
    server.start()

main()
```

```python + path=client.py
import grpc
import numpy as np
from PIL import Image
import segment_pb2 as pb
import segment_pb2_grpc as rpc

SIZE = 1024
x = np.asarray(Image.open("a.png").convert("RGB").resize((SIZE, SIZE)), np.float32).transpose(2, 0, 1)[None]
with grpc.insecure_channel("localhost:50051") as channel:
    mask = rpc.SegmenterStub(channel).Segment(pb.Image(tensor=x.tobytes(), shape=x.shape))
```

```python good path=server.py
from concurrent import futures
import grpc
import onnxruntime
import segment_pb2_grpc as rpc

LIMITS = [("grpc.max_receive_message_length", 64 << 20)]

class Segmenter(rpc.SegmenterServicer):
    def __init__(self):
        self.session = onnxruntime.InferenceSession("roads.onnx")

server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=LIMITS)
rpc.add_SegmenterServicer_to_server(Segmenter(), server)
```

```python + path=client.py
import grpc
import numpy as np
import segment_pb2 as pb
import segment_pb2_grpc as rpc

x = np.zeros((1, 3, 1024, 1024), np.float32)
rpc.SegmenterStub(grpc.insecure_channel("localhost:50051")).Segment(pb.Image(tensor=x.tobytes()))
```

What fits is sent as it is.

```python good path=server.py
from concurrent import futures
import grpc
import onnxruntime
import segment_pb2_grpc as rpc

class Segmenter(rpc.SegmenterServicer):
    def __init__(self):
        self.session = onnxruntime.InferenceSession("roads.onnx")

server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
rpc.add_SegmenterServicer_to_server(Segmenter(), server)
```

```python + path=client.py
import grpc
import numpy as np
import segment_pb2 as pb
import segment_pb2_grpc as rpc

x = np.zeros((1, 3, 256, 256), np.float32)
rpc.SegmenterStub(grpc.insecure_channel("localhost:50051")).Segment(pb.Image(tensor=x.tobytes()))
```

References: executed with grpcio 1.85; https://grpc.github.io/grpc/core/group__grpc__arg__keys.html (GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH)
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.arrays import dtype, shape
from deplint.code.facts import Assignment, Call, Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile

LIMIT = 4 << 20
"""GRPC_DEFAULT_MAX_RECV_MESSAGE_LENGTH"""
BYTES = {"float32": 4, "float64": 8, "int64": 8, "int32": 4, "float16": 2, "uint8": 1}
SERVERS = {"grpc.server": ("options", 3), "grpc.aio.server": ("options", 3)}
"""Calls -> the argument that may raise the limit."""
_REGISTERS = re.compile(r"(?:^|\.)(\w+_pb2_grpc)\.add_\w+_to_server$")


@rule(
    "DPL915",
    severity="error",
    leaves=["S.3.3", "S.5.2"],
    see=["https://grpc.github.io/grpc/core/group__grpc__arg__keys.html"],
)
def grpc_message_too_large(file: PythonFile, project: Project) -> Iterator[Finding]:
    made = [call for name in SERVERS for call in file.calls(name) if call.file is file and _default(call, SERVERS[name])]
    modules = {match[1] for call in (file.calls("**.add_*_to_server") if made else ()) if (match := _REGISTERS.search(call.name))}
    for module in sorted(modules):
        for client in files_with(project, re.compile(rf"\b{module}\b"), project.area(file)):
            sent = next(_large(client, module), None)
            if sent is not None:
                at, size = sent
                span = at.place.span
                yield Finding(
                    made[0],
                    f"{at.place.path}{f':{span.line}' if span else ''} sends {size / 1e6:.1f} MB, and this server takes 4.2 MB: "
                    "RESOURCE_EXHAUSTED, Received message larger than max",
                    help='options=[("grpc.max_receive_message_length", 64 << 20)]',
                )
                return


def _default(call: Call, where: tuple[str, int]) -> bool:
    """The server has gRPC's own limit."""
    given = call.argument(*where)
    known = given.python()
    if given.missing or known is None:
        return not call.open and not call.guarded
    pairs = known if isinstance(known, (list, tuple)) else [None]
    return all(isinstance(pair, (list, tuple)) and pair and "max_" not in str(pair[0]) for pair in pairs)


def _large(client: PythonFile, module: str) -> Iterator[tuple[Call | Assignment, int]]:
    """What a client puts into a message that alone is more than a server takes, with its bytes."""
    if not client.calls(f"**.{module}.*Stub", f"{module}.*Stub"):
        return
    messages = f"{{**.,}}{module.removesuffix('_grpc')}.*"
    for call in client.calls(messages):
        for value in (*call.arguments, *call.keywords.values()):
            if (size := _size(value)) > LIMIT and call.certain:
                yield call, size
    for one in client.sets(messages + "()"):
        if (size := _size(one.value)) > LIMIT:
            yield one, size


def _size(value: Value) -> int:
    """The least bytes of an array that `tobytes` gives; 0 if they are not known. Where a length is not known, it is one at least."""
    made = value.origin
    if made is None or not made.name.endswith(".tobytes"):
        return 0
    sizes, each = shape(made.receiver), BYTES.get(dtype(made.receiver), 0)
    return math.prod(size or 1 for size in sizes) * each if sizes else 0
