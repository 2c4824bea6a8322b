"""What each backend of TensorFlow.js runs, asked of the released packages: every operator, with every dtype and rank, once.

The CPU and WebAssembly are asked in Node, WebGL and WebGPU in headless Chromium, which needs no graphics card.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from deplint.verify.oracles.tfjs_runtime import Runtime
from tools.support import store
from tools.support.environment import npm
from tools.support.probes.tfjs_cases import CASES, DTYPES, LIMITS, Case, question, ranked, varied
from tools.support.sources import Source
from tools.support.store import Row

RELEASES = [
    *("2.8.6", "3.0.0", "3.7.0", "3.11.0", "3.15.0", "3.21.0"),
    *("4.0.0", "4.4.0", "4.6.0", "4.10.0", "4.13.0", "4.17.0", "4.20.0", "4.22.0"),
]

WEBGPU = RELEASES[RELEASES.index("4.6.0") :]
"""Before, the package did not say which core it works with."""

RANKED_DTYPES = ("float32", "int32", "bool")

LONGEST = 160
"""Characters of an error that are kept."""


def rows(backend: str, release: str) -> Sequence[Row]:
    extra = [f"@tensorflow/tfjs-backend-{backend}@{release}"] if backend in ("wasm", "webgpu") else []
    with npm(f"@tensorflow/tfjs@{release}", *extra) as folder:
        runtime = Runtime(str(folder / "node_modules"), backend)
        try:
            return asked(runtime)
        finally:
            runtime.close()


def asked(runtime: Runtime) -> Sequence[Row]:
    """A row for each operator that this release knows; `types` has the dtypes that go through, `errors` what is said to the others."""
    found: dict[str, dict[str, Any]] = {}
    for op in _names():
        told = {dtype: runtime.ask(question(op, CASES[op], dtype)) for dtype in DTYPES} if op in CASES else {}
        first = told.get("float32") or runtime.ask(question(op, Case(()), "float32"))
        if "Unknown op" not in first["error"]:
            found[op] = {"op": op, **(_dtypes(CASES[op], told) if told else {})}
    for op, row in found.items():
        row |= _ranks(runtime, op, row) | _attributes(runtime, op, row)
    return list(found.values())


def _names() -> list[str]:
    """All operators that the converter of some release lets through."""
    return sorted({str(row["op"]) for rows in store.releases("tfjs-graph").values() for row in rows} | set(CASES))


def _dtypes(case: Case, told: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    inputs = varied(case)
    works = [dtype for dtype in DTYPES if not told[dtype]["error"]]
    made = {dtype: told[dtype]["dtypes"] for dtype in works}
    facts: dict[str, Any] = {"gives": made} if any(given != [dtype] for dtype, given in made.items()) else {}
    if not inputs:
        return {**facts, **({} if works else {"status": "unsupported", "errors": {"": said(told["float32"]["error"])}})}
    facts |= {"types": {"T": works}, "of": inputs}
    errors = {dtype: said(told[dtype]["error"]) for dtype in DTYPES if dtype not in works}
    return {**facts, **({"errors": errors} if errors else {}), **({} if works else {"status": "unsupported"})}


def _ranks(runtime: Runtime, op: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """``{"ranks": {dtype: {rank: error}}}``, where the first input does not go through at each rank."""
    fails: dict[str, dict[str, str]] = {}
    for name, rank, case in ranked():
        for dtype in RANKED_DTYPES if name == op else ():
            error = runtime.ask(question(op, case, dtype))["error"] if dtype in row.get("types", {}).get("T", ()) else ""
            if error:
                fails.setdefault(dtype, {})[str(rank)] = said(error)
    return {"ranks": fails} if fails else {}


def _attributes(runtime: Runtime, op: str, row: Mapping[str, Any]) -> dict[str, Any]:
    limits = []
    for name, case, limit in LIMITS:
        if name == op and row.get("types", {}).get("T"):
            error = runtime.ask(question(op, case, "float32"))["error"]
            if error:
                limits.append({**limit, "text": said(error)})
    return {"limits": limits} if limits else {}


def said(error: str) -> str:
    """The first line of an error, without what is a hint or differs from run to run."""
    return re.sub(r"\s+", " ", error.strip().splitlines()[0])[:LONGEST]


def _source(backend: str, releases: Sequence[str]) -> Source:
    packages = "npm:@tensorflow/tfjs" + (f" and tfjs-backend-{backend}" if backend in ("wasm", "webgpu") else "")
    facts = {"source": f"{packages}, operators run one by one", "licence": "own measurement"}
    return Source(f"tfjs-{backend}", releases, partial(rows, backend), facts)


SOURCES = (*(_source(backend, RELEASES) for backend in ("cpu", "wasm", "webgl")), _source("webgpu", WEBGPU))
