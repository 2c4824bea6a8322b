"""The same weights stored twice.

Shared layers (tied embeddings, an encoder used twice) are often exported as copies. The file, the download and the
memory all pay for them. Of weights of one size the beginnings and ends are compared first; what is still alike is
read whole, up to 64 MB of a model.

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

ENDS = 4096
"""Bytes at either end of a weight that tell most apart."""

READ = 64 << 20
"""Bytes of a model's weights that are read to be sure."""


@rule(
    "DPL436",
    severity="info",
    leaves=["B.4.6", "M.4.3"],
    see=["https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html"],
)
def duplicate_weights(model: Model, *, min_kilobytes: int = 64) -> Iterator[Finding]:
    found = {
        stored_at(t): t
        for t in _stored(model)
        if t.stored is not None and t.data is not None and not t.stored.problem and t.stored.nbytes >= min_kilobytes * 1000
    }
    alike: dict[tuple[int, bytes, bytes], list[Tensor]] = {}
    sizes = Counter(t.stored.nbytes for t in found.values() if t.stored is not None)
    for tensor in found.values():
        assert tensor.stored is not None
        size = tensor.stored.nbytes
        first, last = (_bytes(tensor, 0, ENDS), _bytes(tensor, size - ENDS, ENDS)) if sizes[size] > 1 else (b"", b"")
        if len(set(first)) > 1:  # zeros and ones are how weights begin, and compress to nothing
            alike.setdefault((size, first, last), []).append(tensor)
    left = READ
    for (size, _, _), tensors in alike.items():
        left -= size * len(tensors) if len(tensors) > 1 else 0
        seen: dict[bytes, Tensor] = {}
        for tensor in tensors if len(tensors) > 1 and left >= 0 else ():
            digest = _digest(tensor)
            original = seen.setdefault(digest, tensor) if digest else tensor
            if original is not tensor:
                yield Finding(
                    model.at_tensor(tensor),
                    f"its {megabytes(size)} are the same as those of {original.name!r}",
                    help="store them once and let both operators read that weight (onnxslim and onnxscript's optimizer do it)",
                )


def _bytes(tensor: Tensor, offset: int, size: int) -> bytes:
    """Stored bytes; empty if they cannot be read."""
    assert tensor.stored is not None and tensor.data is not None
    offset = max(offset, 0)
    try:
        return tensor.data(offset, min(size, tensor.stored.nbytes - offset))
    except Unreadable:
        return b""


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
