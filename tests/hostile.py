"""What tests do to readers: files cut short, with bytes flipped; each must be read or refused, soon and in little memory."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from deplint.model import Model, Unreadable
from deplint.project import File


def cuts(content: bytes, count: int = 60) -> Iterator[bytes]:
    """The first n bytes, for n spread over the length."""
    yield from (content[: len(content) * i // count] for i in range(count))


def flips(content: bytes, count: int = 300, seed: int = 7) -> Iterator[bytes]:
    """One to sixteen bytes changed, half of them where the content is not zero, which is where structure is."""
    rng = random.Random(seed)
    structure = [i for i, byte in enumerate(content) if byte]
    for _ in range(count):
        changed = bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            at = rng.choice(structure) if rng.random() < 0.5 else rng.randrange(len(content))
            changed[at] = rng.choice((0, 255, 127, rng.randrange(256), changed[at] ^ 1 << rng.randrange(8)))
        yield bytes(changed)


def survives(read: Callable[[File], Any], path: Path, contents: Iterable[bytes], seconds: float = 2.0, memory: int = 100 << 20) -> int:
    """Reads each content as `path`, looking at every tensor's bytes too; how many were refused. Only `Unreadable` may be raised."""
    refused = 0
    for number, content in enumerate(contents):
        path.write_bytes(content)
        tracemalloc.start()
        begun = time.process_time()
        try:
            found = read(File(path))
            for model in found if isinstance(found, list) else [found]:
                touch(model)
        except Unreadable as error:
            refused += 1
            assert str(error)
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert time.process_time() - begun < seconds, f"content {number} took too long"
        assert peak < memory, f"content {number} took {peak:,} bytes"
    return refused


def touch(model: Model) -> None:
    for graph in model.graphs:
        for tensor in graph.tensors.values():
            try:
                tensor.bytes(4096)
            except Unreadable:
                continue
    for op in (op for _, op in model.ops()):
        assert isinstance(op.type, str)
