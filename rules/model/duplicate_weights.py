"""The same weights stored twice.

Shared layers (tied embeddings, an encoder used twice) are often exported as copies. The file, the download and the
memory all pay for them. Off unless selected, because all weights have to be read.

```graph bad path=net.onnx min-kilobytes=0
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight a float32[4]{1.0,2.0,3.0,4.0}
  weight b float32[4]{1.0,2.0,3.0,4.0}  <-
  weight c float32[4]{4.0,3.0,2.0,1.0}
  op Sum (x, a, b, c) -> (y)
  output y float32[1,4]
```

Weights of the same size need not be the same, and small ones are not worth it.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight a float32[4]{1.0,2.0,3.0,4.0}
  weight b float32[4]{1.0,2.0,3.0,4.0}
  op Sum (x, a, b) -> (y)
  output y float32[1,4]
```
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from deplint import Finding, Model, rule
from deplint.model import Tensor, Unreadable

from . import megabytes, stored_at

CHUNK = 1 << 20
"""Bytes read in one go."""


@rule(
    "DPL436",
    severity="info",
    opt_in=True,
    leaves=["B.4.6", "M.4.3"],
    see=["https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html"],
)
def duplicate_weights(model: Model, *, min_kilobytes: int = 64) -> Iterator[Finding]:
    found = {
        stored_at(t): t
        for t in _stored(model)
        if t.stored is not None and t.data is not None and not t.stored.problem and t.stored.nbytes >= min_kilobytes * 1000
    }
    sizes = Counter(t.stored.nbytes for t in found.values() if t.stored is not None)
    seen: dict[tuple[int, bytes], Tensor] = {}
    for tensor in found.values():
        assert tensor.stored is not None
        size = tensor.stored.nbytes
        digest = _digest(tensor) if sizes[size] > 1 else b""
        first = seen.setdefault((size, digest), tensor) if digest else tensor
        if first is not tensor:
            yield Finding(
                model.at_tensor(tensor),
                f"its {megabytes(size)} are the same as those of {first.name!r}",
                help="store them once and let both operators read that weight (onnxslim and onnxscript's optimizer do it)",
            )


def _stored(model: Model) -> Iterator[Tensor]:
    """Weights, and the values that operators hold."""
    for graph in model.graphs:
        yield from graph.weights
    for _, op in model.ops():
        value = op.attributes.get("value")
        if isinstance(value, Tensor) and op.outputs:
            yield replace(value, name=op.outputs[0])


def _digest(tensor: Tensor) -> bytes:
    """A digest of the stored bytes; empty if they cannot be read."""
    assert tensor.stored is not None and tensor.data is not None
    digest = hashlib.blake2b(digest_size=16)
    try:
        for offset in range(0, tensor.stored.nbytes, CHUNK):
            digest.update(tensor.data(offset, min(CHUNK, tensor.stored.nbytes - offset)))
    except Unreadable:
        return b""
    return digest.digest()
