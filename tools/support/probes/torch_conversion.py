"""What PyTorch's exporters, coremltools and ExecuTorch make of each operator, by dtype: measured with modules of one function.

The functions and arguments are those of `tools.agreement.build_torch`. A line of the answer is one module: the operators it was
exported as (``aten.relu.default``) and traced as (``aten::relu``), the dtypes and ranks it took, and what became of it at each target: ""
or the error.

    python -m tools.support.probes.torch_conversion ANSWER SEED SECONDS TARGET...
"""

from __future__ import annotations

import io
import json
import logging
import random
import sys
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from tools.agreement.build_torch import functions, single


@lru_cache(maxsize=1)
def registry() -> Any:
    from torch._export import utils
    from torch.onnx._internal.exporter import _registration

    utils._collect_all_valid_cia_ops_for_namespace = lru_cache(None)(utils._collect_all_valid_cia_ops_for_namespace)
    return _registration.ONNXRegistry.from_torchlib(opset_version=18)


def dynamo(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    from torch.onnx._internal.exporter import _core, _fx_passes

    found = _fx_passes.decompose_with_registry(program, registry())
    _fx_passes.remove_assertion_nodes(found.graph_module)
    _core.exported_program_to_ir(found, registry=registry())


def legacy(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    torch.onnx.export(traced, fed, io.BytesIO(), dynamo=False)


def coreml(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    import coremltools
    import numpy

    whole = [not (t.is_floating_point() or t.is_complex()) for t in fed]
    inputs = [coremltools.TensorType(shape=t.shape, dtype=numpy.int32 if w else numpy.float32) for t, w in zip(fed, whole, strict=True)]
    coremltools.convert(traced, inputs=inputs, convert_to="mlprogram", skip_model_load=True)


def coreml_export(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    import coremltools

    coremltools.convert(program.run_decompositions({}), convert_to="mlprogram", skip_model_load=True)


def xnnpack(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    partitioner = import_module("executorch.backends.xnnpack.partition.xnnpack_partitioner").XnnpackPartitioner()
    import_module("executorch.exir").to_edge_transform_and_lower(program, partitioner=[partitioner]).to_executorch()


ASKED: dict[str, Callable[[Any, Any, tuple[Any, ...]], None]] = {
    "dynamo": dynamo,
    "legacy": legacy,
    "coreml": coreml,
    "coreml_export": coreml_export,
    "xnnpack": xnnpack,
}


def message(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"[:600]


def program_of(module: Any, fed: tuple[Any, ...]) -> Any:
    content = io.BytesIO()
    torch.export.save(torch.export.export(module, fed), content)
    return torch.export.load(io.BytesIO(content.getvalue()))


def traced_of(module: Any, fed: tuple[Any, ...]) -> Any:
    content = io.BytesIO()
    torch.jit.save(torch.jit.trace(module, fed, check_trace=False), content)
    return torch.jit.load(io.BytesIO(content.getvalue()))


def made(make: Callable[..., Any], *given: Any) -> Any:
    try:
        return make(*given)
    except Exception:
        return None


def measure(op: Any, rng: random.Random, asked: list[str]) -> dict[str, Any] | None:
    case = single(op, rng)
    if case is None:
        return None
    name, module, fed = case
    program, traced = made(program_of, module, fed), made(traced_of, module, fed)
    line: dict[str, Any] = {"name": name, "fed": [[str(t.dtype).removeprefix("torch."), list(t.shape)] for t in fed], "results": {}}
    if program is not None:
        line["exported"] = sorted({str(node.target) for node in program.graph.nodes if node.op == "call_function"})
    if traced is not None:
        line["traced"] = sorted({node.kind() for node in traced.inlined_graph.nodes()})
    for target in asked:
        if (traced if target in ("legacy", "coreml") else program) is None:
            continue
        try:
            ASKED[target](made(program_of, module, fed), traced, fed)
            line["results"][target] = ""
        except Exception as error:
            line["results"][target] = message(error)
    return line


def main() -> None:
    out, seed, seconds, *asked = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    rng, end = random.Random(int(seed)), time.monotonic() + float(seconds)
    with open(out, "w", buffering=1) as lines:
        while time.monotonic() < end:
            order = functions()
            rng.shuffle(order)
            for op in order:
                if time.monotonic() > end:
                    break
                try:
                    line = measure(op, rng, asked)
                except Exception:
                    continue
                if line is not None:
                    print(json.dumps(line), file=lines)
    Path(out).touch()


if __name__ == "__main__":
    main()
