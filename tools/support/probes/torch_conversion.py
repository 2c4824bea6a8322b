"""What PyTorch's exporters, coremltools, ExecuTorch and LiteRT Torch make of each operator, by dtype: measured with modules of one
function.

The functions and arguments are the samples that PyTorch tests itself with (`tools.agreement.build_torch`), and always the same ones: so
many of each function and dtype as `SAMPLES` says. A line of the answer is one module: the operators it was exported as
(``aten.relu.default``), the dtypes of their first inputs (``of``), what it was traced as (``aten::relu``), the dtypes and shapes it took,
and what became of it at each target: "" or the error.

    python -m tools.support.probes.torch_conversion ANSWER PART PARTS TARGET...

An answer that is there is continued: what ended the process is not tried again. PARTS processes that write to files of their own share
the work.
"""

from __future__ import annotations

import gc
import io
import json
import logging
import random
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from deplint.verify.oracles.executorch_run import run
from tools.agreement.build_torch import Case, case_of, functions

SAMPLES = {torch.float32: 2, torch.int64: 1, torch.complex64: 1, torch.bool: 1, torch.float16: 1}
"""How many samples of a dtype are tried."""

OF_KERNELS = {torch.float32: 2} | dict.fromkeys(
    (
        *(torch.int64, torch.float64, torch.float16, torch.bool, torch.int32, torch.uint8),
        *(torch.int8, torch.bfloat16, torch.complex64),
    ),
    1,
)
"""How many of them for the targets in `KERNELS`, whose kernels have dtypes of their own."""

KERNELS = {"litert", "xnnpack"}

SECONDS = 60
"""What one target may take for one module."""


def hurry() -> None:
    """Do once, or without its costly annotations, what PyTorch does thousands of times for each decomposition; three times as fast."""
    from torch._export import utils

    utils._collect_all_valid_cia_ops_for_namespace = lru_cache(None)(utils._collect_all_valid_cia_ops_for_namespace)
    implement = torch._ops.OperatorBase.py_impl

    def py_impl(op: Any, key: Any) -> Any:
        if not isinstance(key, torch._C.DispatchKey):
            return implement(op, key)

        def register(function: Any) -> Any:
            op.py_kernels[key] = function
            op._dispatch_cache.clear()
            return function

        return register

    torch._ops.OperatorBase.py_impl = py_impl
    gc.freeze()  # coremltools collects garbage after each conversion


@lru_cache(maxsize=1)
def registry() -> Any:
    from torch.onnx._internal.exporter import _registration

    return _registration.ONNXRegistry.from_torchlib(opset_version=18)


@lru_cache(maxsize=1)
def translated() -> set[str]:
    return {str(op) for op, found in registry().functions.items() if not all(each.is_complex for each in found)}


def dynamo(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    from torch.onnx._internal.exporter import _core, _fx_passes

    found = _fx_passes.decompose_with_registry(program, registry())
    _fx_passes.remove_assertion_nodes(found.graph_module)
    _core.exported_program_to_ir(found, registry=registry())


def legacy(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    torch.onnx.export(traced, fed, io.BytesIO(), dynamo=False)


def coreml(program: Any, traced: Any, fed: tuple[Any, ...], kind: str = "mlprogram") -> None:
    import coremltools
    import numpy

    whole = [not (t.is_floating_point() or t.is_complex()) for t in fed]
    inputs = [coremltools.TensorType(shape=t.shape, dtype=numpy.int32 if w else numpy.float32) for t, w in zip(fed, whole, strict=True)]
    coremltools.convert(traced, inputs=inputs, convert_to=kind, skip_model_load=True)


def coreml_layers(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    coreml(program, traced, fed, "neuralnetwork")


def coreml_export(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    import coremltools

    coremltools.convert(program.run_decompositions({}), convert_to="mlprogram", skip_model_load=True)


def xnnpack(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    run(program, fed)


def litert(program: Any, traced: Any, fed: tuple[Any, ...]) -> None:
    content = import_module("litert_torch").convert(program.module(), fed).model_content()
    import_module("ai_edge_litert.interpreter").Interpreter(model_content=content).allocate_tensors()


ASKED: dict[str, Callable[[Any, Any, tuple[Any, ...]], None]] = {
    "dynamo": dynamo,
    "legacy": legacy,
    "coreml": coreml,
    "coreml_export": coreml_export,
    "coreml_layers": coreml_layers,
    "xnnpack": xnnpack,
    "litert": litert,
}


PACKAGES = {"coremltools": {"coreml", "coreml_export", "coreml_layers"}, "executorch.exir": {"xnnpack"}, "litert_torch": {"litert"}}
"""What the targets need, imported before the first is asked."""


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


def cases(asked: list[str]) -> Iterator[tuple[str, Callable[[], Case | None]]]:
    """Names of modules, and what makes each: the first sample of a function, and the middle one, as many as are asked for. The first is
    often of one number only, so that kernels are tried with the middle one, where it is only one."""
    known = sorted(functions(), key=lambda op: (op.name, op.variant_test_name))
    kernels = bool(KERNELS & {*asked})
    for dtype, count in (OF_KERNELS if kernels else SAMPLES).items():
        for number in (1,) if kernels and count == 1 else range(count):
            for op in known:
                name = f"{op.name}.{op.variant_test_name}.{str(dtype).removeprefix('torch.')}.{number}"
                yield name, partial(sampled, op, dtype, number, random.Random(name))


def sampled(op: Any, dtype: torch.dtype, number: int, rng: random.Random) -> Case | None:
    if dtype not in op.supported_dtypes("cpu"):
        return None
    torch.manual_seed(0)
    samples = list(op.sample_inputs("cpu", dtype, requires_grad=False))
    if len(samples) <= number:
        return None
    return case_of(op, samples[number * (len(samples) // 2)], rng)


def measure(case: Case, asked: list[str]) -> dict[str, Any]:
    _, module, fed = case
    program, traced = made(program_of, module, fed), made(traced_of, module, fed)
    line: dict[str, Any] = {"fed": [[str(t.dtype).removeprefix("torch."), list(t.shape)] for t in fed], "results": {}}
    if program is not None:
        line["of"] = {str(node.target): dtype_of(node) for node in program.graph.nodes if node.op == "call_function"}
        line["exported"] = sorted(line["of"])
    if traced is not None:
        line["traced"] = sorted({node.kind() for node in traced.inlined_graph.nodes()})
    for target in asked:
        if (traced if target in ("legacy", "coreml", "coreml_layers") else program) is None:
            continue
        if target == "dynamo" and not fed[0].is_complex() and {*line["exported"]} <= translated():
            continue  # nothing is decomposed, and nothing lacks a translation
        if target == "coreml_layers" and line["results"].get("coreml"):
            continue  # the frontend is the same
        given = made(program_of, module, fed)
        signal.alarm(SECONDS)
        try:
            ASKED[target](given, traced, fed)
            line["results"][target] = ""
        except Exception as error:
            line["results"][target] = message(error)
        finally:
            signal.alarm(0)
    return line


def dtype_of(node: Any) -> str:
    """The dtype of the first tensor that an operator is given; "" for one that is given none."""
    for given in node.all_input_nodes:
        if isinstance(given.meta.get("val"), torch.Tensor):
            return str(given.meta["val"].dtype).removeprefix("torch.")
    return ""


def function_of(case: str) -> str:
    """``add.`` of ``add..float32.0``."""
    return case.rsplit(".", 2)[0]


def missing(line: Mapping[str, Any]) -> bool:
    """Whether all targets lack an operator: then they lack it for other samples of the function too, and these are not tried."""
    return bool(line["results"]) and all(MISSING.search(result) for result in line["results"].values())


MISSING = re.compile("Lowering not found|is not in Core ATen|Missing operator")
"""What targets of `KERNELS` say of an operator that they lack."""


def late(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    out, part, parts, *asked = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    signal.signal(signal.SIGALRM, late)
    for name in [package for package, targets in PACKAGES.items() if targets & {*asked}]:
        import_module(name)
    hurry()
    path = Path(out)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    done = {line["case"] for line in lines}
    lacking = {function_of(line["case"]) for line in lines if missing(line)}
    begun = path.with_suffix(".begun")
    done |= set(begun.read_text("utf-8").splitlines()) if begun.exists() else set()
    with path.open("a", buffering=1) as answers, begun.open("a", buffering=1) as starts:
        for number, (name, make) in enumerate(cases(asked)):
            if name in done or function_of(name) in lacking or number % int(parts) != int(part):
                continue
            print(name, file=starts)
            case = made(make)
            if case is not None:
                line = {"case": name, **measure(case, asked)}
                lacking |= {function_of(name)} if missing(line) else set()
                print(json.dumps(line, sort_keys=True), file=answers)


if __name__ == "__main__":
    main()
