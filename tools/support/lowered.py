"""What became of modules of one function at a converter that decomposes operators and lowers what is left, by operator and dtype."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from tools.support.store import Row
from tools.support.torch import EXPANDED, HELPERS

Results = Mapping[str, Mapping[str, Mapping[str, str]]]
"""For each operator (``aten.add.Tensor``), dtype of its first input and sample (``add..1``) why the module failed, "" where it worked."""

ALWAYS = ("aten.", "aten::", "prims.", "torch_nn.")
"""How what is wrong begins where one sample is enough: an operator that is missing is missing for all."""


def results(lines: Iterable[Mapping[str, Any]], target: str, why: Callable[[str], str]) -> Results:
    """What the measurement says of operators: a module that failed has one; of those that worked, all of theirs work. What fails for a
    single number is left out, but for the operators it becomes: nobody gives one to most of them. `why` says in short what an error
    means."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for line in lines:
        result = line["results"].get(target)
        ops = [op for op in line.get("exported", ()) if not op.startswith(HELPERS)]
        if result is None or (result and len(ops) != 1):
            continue
        if result and not line["fed"][0][1] and (why(result) == ops[0] or not why(result).startswith(ALWAYS)):
            continue
        name, _, number = line["case"].rpartition(".")
        for op in ops:
            found.setdefault(op, {}).setdefault(line["of"][op], {})[f"{name.rpartition('.')[0]}.{number}"] = why(result) if result else ""
    return found


def failing(seen: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """The dtypes that an operator surely never works for, each with what stops it: what stops only some samples of a dtype may be due to
    their arguments, and so may what stops a single one that was not tried, or does not work, in another dtype."""
    works = {dtype for dtype, samples in seen.items() if "" in samples.values()}
    sometimes = {why for dtype in works for why in seen[dtype].values()}
    found = {}
    for dtype, samples in seen.items():
        reasons = {*samples.values()}
        elsewhere = any(not samples_too.get(sample, "?") for samples_too in seen.values() for sample in samples)
        certain = all(why.startswith(ALWAYS) for why in reasons) or len(samples) > 1 or elsewhere
        if dtype not in works and not reasons & sometimes and certain:
            found[dtype] = min(reasons)
    return found


def calling(calls: Mapping[str, str], known: Collection[str], measured: Results) -> Mapping[str, Mapping[str, Any]]:
    """Rows for composed operators that nothing measured, where what they call (`calls`) is not `known`."""
    return {op: {"status": "unsupported", "made_of": made} for op, made in calls.items() if made not in known and op not in measured}


CALLS = {
    **EXPANDED,
    "aten.fill_diagonal_.default": "aten.as_strided_scatter.default",
    "aten.repeat_interleave.self_Tensor": "aten.repeat_interleave.Tensor",
    "aten._upsample_bicubic2d_aa.vec": "aten._upsample_bicubic2d_aa.default",
    "aten._upsample_bilinear2d_aa.vec": "aten._upsample_bilinear2d_aa.default",
    "aten.max_pool3d.default": "aten.max_pool3d_with_indices.default",
    "aten.msort.default": "aten.sort.default",
}
"""Composed operators that no sample of PyTorch's measures, or not always, and what they call."""


def rows(
    operators: Mapping[str, bool],
    lowered: Collection[str],
    decomposed: Collection[str],
    measured: Results,
    limits: Mapping[str, Mapping[str, Any]],
) -> Iterable[Row]:
    """A row an overload that PyTorch has: `operators` says which are composed of others. What no dtype works for is ``unsupported``; else
    ``refuses`` has the dtypes that never worked, each with what stopped it, and ``complex`` says that numbers of that kind did."""
    for name in sorted({*operators, *lowered, *measured}):
        domain, _, op = name.partition(".")
        if op.endswith(("_out", ".out")):
            continue
        row: dict[str, Any] = {"op": op, "domain": domain}
        functional = re.sub(r"(?<=[^_])_\.", ".", name)  # what writes into its argument becomes what does not
        seen = measured.get(name) or measured.get(functional, {})
        fails = failing(seen)
        real = [dtype for dtype in fails if not dtype.startswith("complex")]
        copied = f"{domain}.{op.replace('.', '_copy.', 1)}"  # views become copies first
        known = {name, functional, copied} & {*lowered, *decomposed} or operators.get(name, False)
        if not seen and not known:
            row |= {"status": "unsupported", "made_of": functional}
        elif real and fails.keys() == seen.keys() and (fails[real[0]].startswith(ALWAYS) or {"float32", "int64"} <= fails.keys()):
            row |= {"status": "unsupported", "made_of": fails["float32" if "float32" in real else min(real)]}
        elif fails:
            row["refuses"] = dict(sorted(fails.items()))
        if any(dtype.startswith("complex") and "" in samples.values() for dtype, samples in seen.items()):
            row["complex"] = True
        yield {**row, **limits.get(name, limits.get(functional, {}))}
