"""How the oracle and the measurement ask ExecuTorch: a program is lowered, with what XNNPACK takes delegated to it, loaded, and run."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def run(program: Any, leaves: Sequence[Any]) -> Sequence[Any]:
    """What the runtime computes of the flat inputs, with XNNPACK and the portable kernels.

    Raises:
        RuntimeError: a kernel is missing, or the runtime does not load or run the program; other errors are those of the lowering.
    """
    partitioner = import_module("executorch.backends.xnnpack.partition.xnnpack_partitioner").XnnpackPartitioner()
    lowered = import_module("executorch.exir").to_edge_transform_and_lower(program, partitioner=[partitioner]).to_executorch()
    runtime = import_module("executorch.runtime").Runtime.get()
    wanted = {f"{op.name}.{op.overload}".rstrip(".") for plan in lowered.executorch_program.execution_plan for op in plan.operators}
    missing = sorted(wanted - set(runtime.operator_registry.operator_names))
    if missing:
        raise RuntimeError(f"Missing operator: {', '.join(missing)}")
    with told() as lines:
        try:
            found: Sequence[Any] = runtime.load_program(lowered.buffer).load_method("forward").execute(leaves)
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {' '.join(lines())}"[:2000]) from None
    return found


@contextmanager
def told() -> Iterator[Any]:
    """What is written to standard error meanwhile, without the places in the runtime's sources: its own errors say nothing else."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)

        def lines() -> list[str]:
            written.seek(0)
            return _LOGGED.findall(written.read().decode("utf-8", "replace"))

        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)


_LOGGED = re.compile(r"^\[\w+\.cpp:\d+\] (.*(?:fail|rror|issing|xpect|nsupport|nvalid).*)$", re.M)
